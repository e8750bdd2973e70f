"""Token ids from many stretches become one compact JSON list, whose digits are written once."""

from __future__ import annotations

import json
import random
import weakref
from array import array
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recallbench.domain import TokenSlice, TokenStock, whole_tokens
from recallbench.domain.token_slice import joined_ids
from recallbench.engines.token_json import LONG_TOKENS, JsonPart, count_ids, json_of, same_ids
from recallbench.errors import RequestError

MOST = 2**32 - 1
SIZES = (1, 40, LONG_TOKENS - 1, LONG_TOKENS, 3 * LONG_TOKENS)


def random_stock(tokens: int) -> TokenStock:
    """Ids of one digit to ten, in an order that ``tokens`` decides."""
    draws = random.Random(tokens)
    return TokenStock(
        array("I", (draws.randrange(10 ** draws.randint(1, 9)) for _ in range(tokens)))
    )


STOCKS = [random_stock(size) for size in SIZES]


@st.composite
def some_slices(draw: st.DrawFn) -> list[TokenSlice]:
    slices = []
    for stock in draw(st.lists(st.sampled_from(STOCKS), max_size=6)):
        start = draw(st.integers(0, len(stock.ids)))
        end = draw(st.integers(start, len(stock.ids)))
        slices.append(TokenSlice(stock=stock, start=start, end=end))
    return slices


def joined(parts: Sequence[JsonPart]) -> bytes:
    return b"".join(parts)


@given(some_slices())
def test_any_stretches_give_what_the_standard_library_writes(slices: list[TokenSlice]) -> None:
    ids = joined_ids(slices).tolist()

    assert joined(json_of(slices)).decode() == json.dumps(ids, separators=(",", ":"))


@pytest.mark.parametrize("ids", [[0], [MOST], [0, MOST, 9, 10, 99, 100] * LONG_TOKENS])
def test_the_least_and_the_greatest_ids_are_written_whole(ids: list[int]) -> None:
    assert json.loads(joined(json_of([whole_tokens(array("I", ids))]))) == ids


def test_no_tokens_are_an_empty_list() -> None:
    nothing = TokenSlice(stock=STOCKS[-1], start=7, end=7)

    assert joined(json_of([])) == joined(json_of([nothing])) == b"[]"


def test_prompts_of_one_long_stock_share_its_digits() -> None:
    stock = random_stock(LONG_TOKENS)
    pieces = [TokenSlice(stock=stock, start=start, end=4000) for start in (0, 17)]
    views = [json_of([piece])[1] for piece in pieces]

    assert all(isinstance(view, memoryview) for view in views)
    assert len({id(view.obj) for view in views if isinstance(view, memoryview)}) == 1


def test_another_stock_of_the_same_length_has_digits_of_its_own() -> None:
    lists = [[number] * LONG_TOKENS for number in (1, 2)]

    assert [json.loads(joined(json_of([whole_tokens(array("I", ids))]))) for ids in lists] == lists


def test_what_is_remembered_keeps_no_stock_alive() -> None:
    stock = random_stock(LONG_TOKENS)
    json_of([TokenSlice(stock=stock, start=0, end=9)])
    seen = weakref.ref(stock)
    del stock

    assert seen() is None


@given(some_slices())
def test_what_was_sent_is_known_again_with_and_without_white_space(
    slices: list[TokenSlice],
) -> None:
    sent = json_of(slices)
    ids = joined_ids(slices).tolist()

    assert same_ids(joined(sent), sent)
    assert same_ids(json.dumps(ids).encode(), sent)
    assert same_ids(json.dumps(ids, indent=1).encode(), sent)


@pytest.mark.parametrize("returned", [[1, 2, 4], [1, 2], [1, 2, 3, 0], [12, 3], [], [1, 2, 30]])
def test_any_other_list_is_told_apart(returned: list[int]) -> None:
    sent = json_of([whole_tokens(array("I", [1, 2])), whole_tokens(array("I", [3]))])

    assert not same_ids(json.dumps(returned).encode(), sent)
    assert not same_ids(json.dumps(returned, separators=(",", ":")).encode(), sent)


@pytest.mark.parametrize("returned", [b"3", b'"1,2,3"', b'["1","2","3"]', b"[1,2,", b"[1,2,3]]"])
def test_what_is_no_list_of_ids_is_refused(returned: bytes) -> None:
    sent = json_of([whole_tokens(array("I", [1, 2, 3]))])

    with pytest.raises(RequestError, match="not a list of token ids"):
        same_ids(returned, sent)


def test_ids_are_counted() -> None:
    assert count_ids(b"[]") == 0
    assert count_ids(b"[5, 6,\n7]") == 3
