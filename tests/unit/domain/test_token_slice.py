"""Slices of token stocks are what their ids are, however they are cut and by whom."""

from __future__ import annotations

from array import array
from itertools import takewhile
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from recallbench.domain.token_slice import (
    TokenSlice,
    TokenStock,
    common_tokens,
    joined_ids,
    whole_tokens,
)

STOCKS = tuple(TokenStock(array("I", ids)) for ids in ([1, 2] * 6, [1, 2] * 4, [1] * 9, [2, 1] * 5))
"""Alike enough that rows of slices of different stocks often share their first tokens."""


@st.composite
def rows(draw: st.DrawFn) -> list[TokenSlice]:
    """A few slices, empty ones among them."""
    row = []
    for stock in draw(st.lists(st.sampled_from(STOCKS), max_size=4)):
        start = draw(st.integers(0, len(stock.ids)))
        end = draw(st.integers(start, len(stock.ids)))
        row.append(TokenSlice(stock=stock, start=start, end=end))
    return row


def plain(row: list[TokenSlice]) -> list[int]:
    return [token for part in row for token in part.stock.ids[part.start : part.end]]


@given(row=rows())
def test_the_ids_of_a_row_are_those_of_its_slices_in_order(row: list[TokenSlice]) -> None:
    assert joined_ids(row).tolist() == plain(row)
    assert sum(map(len, row)) == len(plain(row))


@given(one=rows(), other=rows())
def test_two_rows_share_the_first_tokens_that_their_ids_share(
    one: list[TokenSlice], other: list[TokenSlice]
) -> None:
    pairs = zip(plain(one), plain(other), strict=False)
    shared = len(list(takewhile(lambda pair: pair[0] == pair[1], pairs)))

    assert common_tokens(one, other) == common_tokens(other, one) == shared


@given(row=rows())
def test_a_row_shares_all_of_itself_with_a_copy_in_a_stock_of_its_own(
    row: list[TokenSlice],
) -> None:
    copied = [whole_tokens(joined_ids(row))]

    assert common_tokens(row, copied) == common_tokens(row, row) == len(plain(row))


def test_what_stands_at_one_place_of_one_stock_is_not_compared() -> None:
    """Prompts of a million tokens share a haystack: the ids are copied where they differ only."""

    class Counted(array):  # type: ignore[type-arg] # no type at run time
        copied = 0

        def __getitem__(self, key: Any) -> Any:
            found = super().__getitem__(key)
            Counted.copied += len(found)
            return found

    stock = TokenStock(Counted("I", range(1000)))
    long = [TokenSlice(stock=stock, start=0, end=1000)]
    short = [TokenSlice(stock=stock, start=0, end=600), whole_tokens(array("I", [7]))]

    assert common_tokens(long, short) == 600
    assert Counted.copied <= 2


def test_stocks_are_the_same_only_if_they_are_one() -> None:
    ids = array("I", [1, 2, 3])

    assert TokenStock(ids) != TokenStock(ids)
    assert whole_tokens(ids) != whole_tokens(ids)
