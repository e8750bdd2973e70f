"""What should stand in the cache is what answered prompts began with, in whole blocks."""

from __future__ import annotations

from array import array
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recallbench.domain import Prompt, SharedPrefix, Trial, whole_tokens
from recallbench.domain.layout import Haystacks, Layout
from recallbench.domain.prompt import OPENING
from recallbench.schedule.block_cache import BlockCache
from recallbench.schedule.order import stages
from recallbench.schedule.standing import Standing
from support.grids import HAYSTACKS, LAYOUTS, made_prompt, trials


def prompt(length: int, **shared: int) -> Prompt:
    return Prompt(
        tokens=(whole_tokens(array("I", range(length))),),
        head="",
        message=(),
        tail="",
        needle_span=(0, 1),
        achieved_depth=0.5,
        key="1",
        shared=tuple(SharedPrefix(name=name, tokens=tokens) for name, tokens in shared.items()),
    )


def test_an_empty_cache_has_nothing() -> None:
    assert Standing(16).expected(prompt(100, a=100)) == 0


def test_nothing_is_expected_where_the_block_is_not_known() -> None:
    standing = Standing(None)
    standing.add(prompt(100, a=100))

    assert standing.expected(prompt(100, a=100)) is None


@pytest.mark.parametrize(("tokens", "expected"), [(15, 0), (16, 16), (47, 32), (90, 48)])
def test_whole_blocks_of_what_both_share_are_expected(tokens: int, expected: int) -> None:
    standing = Standing(16)
    standing.add(prompt(100, a=50))

    assert standing.expected(prompt(100, a=tokens)) == expected


def test_the_longest_of_several_prefixes_counts() -> None:
    standing = Standing(16)
    standing.add(prompt(100, head=20, a=40))
    standing.add(prompt(100, head=20, b=80))

    assert standing.expected(prompt(100, head=20, b=100)) == 80
    assert standing.expected(prompt(100, head=20, c=100)) == 16
    assert standing.expected(prompt(100)) == 0


def test_the_last_token_is_computed_and_with_it_its_block() -> None:
    standing = Standing(16)
    standing.add(prompt(64, a=64))

    assert standing.expected(prompt(64, a=64)) == 48
    assert standing.expected(prompt(65, a=65)) == 64


def test_a_later_and_shorter_prompt_takes_nothing_away() -> None:
    standing = Standing(16)
    standing.add(prompt(100, a=90))
    standing.add(prompt(100, a=10))

    assert standing.expected(prompt(100, a=100)) == 80


def test_of_a_prompt_on_its_way_nothing_stands() -> None:
    standing = Standing(16)
    standing.sent(prompt(100, **{OPENING: 40, "a": 90}))

    assert standing.expected(prompt(100, **{OPENING: 40, "a": 90})) == 0


def test_where_the_order_is_kept_all_of_a_prompt_on_its_way_stands() -> None:
    standing = Standing(16, in_order=True)
    standing.sent(prompt(100, **{OPENING: 40, "a": 90}))

    assert standing.expected(prompt(100, a=90)) == 80


@pytest.mark.parametrize("in_order", [True, False])
def test_of_salted_requests_nothing_stands(*, in_order: bool) -> None:
    standing = Standing(16, is_cold=True, in_order=in_order)
    standing.sent(prompt(100, **{OPENING: 40, "a": 90}))
    standing.add(prompt(100, **{OPENING: 40, "a": 90}))

    assert standing.expected(prompt(100, **{OPENING: 40, "a": 90})) == 0
    assert Standing(None, is_cold=True).expected(prompt(100, a=90)) is None


def test_a_block_without_tokens_is_refused() -> None:
    with pytest.raises(ValueError, match="block_tokens is 0"):
        Standing(0)


@given(trials(), LAYOUTS, HAYSTACKS, st.sampled_from([1, 4, 16]))
def test_a_cache_finds_what_is_expected_when_one_goes_after_another(
    asked: list[Trial], layout: Layout, haystacks: Haystacks, block: int
) -> None:
    standing, blocks = Standing(block), BlockCache(block, None)
    for one in chain(*stages(asked, layout, haystacks)):
        made = made_prompt(one, layout, haystacks)
        expected = standing.expected(made)

        assert blocks.run(made.token_ids, answer_tokens=3) == expected
        standing.add(made)
