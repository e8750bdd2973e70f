"""A plan's price: each trunk once, all else each."""

from __future__ import annotations

import pytest
from hypothesis import given

from recallbench.domain import Trial
from recallbench.domain.layout import Haystacks, Layout
from recallbench.schedule.block_cache import BlockCache, score
from recallbench.schedule.forecast import computed_tokens
from support.grids import HAYSTACKS, LAYOUTS, QUESTION_TOKENS, grid, made_prompt, trials


@pytest.mark.parametrize(
    ("layout", "haystacks", "tokens"),
    [
        ("single", "trial", 2 * 3 * (100 + 200)),
        # The trunk to 200; beyond it 100 + 50 + 0 and 200 + 100 + 0.
        ("single", "repeat", 2 * (200 + 150 + 300)),
        ("single", 1, 200 + 2 * (150 + 300)),
        ("ladder", "repeat", 2 * 200),
    ],
)
def test_a_grid_costs(layout: Layout, haystacks: Haystacks, tokens: int) -> None:
    asked = grid((100, 200), (0.0, 0.5, 1.0), 2)

    assert computed_tokens(asked, layout, haystacks) == tokens


def test_nothing_costs_nothing() -> None:
    assert computed_tokens([], "single", "repeat") == 0


@given(trials(), LAYOUTS, HAYSTACKS)
def test_it_is_what_a_cache_of_single_tokens_computes_but_for_the_questions(
    asked: list[Trial], layout: Layout, haystacks: Haystacks
) -> None:
    prompts = (made_prompt(one, layout, haystacks).token_ids for one in asked)
    real = score(prompts, BlockCache(1, None)).computed_tokens

    assert 0 <= real - computed_tokens(asked, layout, haystacks) <= QUESTION_TOKENS * len(asked)
