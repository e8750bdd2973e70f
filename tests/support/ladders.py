"""Ladders over tokenizers and haystacks, and their prompts, built once."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from recallbench.domain import Grid, Prompt, Trial
from recallbench.prompts.ladder_builder import LadderBuilder
from recallbench.prompts.needle import Recipe
from support.kits import PAIRS, SEED, Kit, kit
from support.tokenizer_zoo import QWEN3, ZOO

REPEATS = 2
_DEPTHS = (0.0, 0.4, 1.0)
_LENGTHS = (1000, 1400, 3001)
_LENGTHS_IN_CHARACTERS = (1200, 1600, 3001)
_OVER_ALL = ("qwen2-thinking", "llama2-chat")
_A_FEW = (
    *("chinese", "emoji", "only emoji", "combining marks", "a word without end"),
    *("no sentence ends", "many spaces", "numbers", "blank lines", "short"),
)
_CHOSEN = {
    *((name, "prose") for name in (*ZOO, QWEN3)),
    *((name, "noise") for name in ("gpt2-chat", "llama3-base")),
    *((name, text) for name in _OVER_ALL for text in _A_FEW),
    *(("unigram-chat", "thai"), ("characters-base", "numbers"), ("llama2-base", "emoji")),
    (QWEN3, "chinese"),
}


def _is_chosen(pair: Any) -> bool:
    return tuple(getattr(pair, "values", pair)) in _CHOSEN


LADDERS = tuple(pair for pair in PAIRS if _is_chosen(pair))
"""Tokenizers over haystacks."""
over_ladders = pytest.mark.parametrize(("tokenizer_name", "haystack_name"), LADDERS)


def grid_of(tokenizer_name: str) -> Grid:
    """The grid of ``ladder_prompts``."""
    is_slow = tokenizer_name.startswith("characters")
    lengths = _LENGTHS_IN_CHARACTERS if is_slow else _LENGTHS
    return Grid(lengths=lengths, depths=_DEPTHS, trials=REPEATS)


def ladder_trials(grid: Grid) -> list[Trial]:
    """All trials of a grid, with a name that no draw depends on."""
    return [
        Trial(trial_id="unnamed", length_tokens=length, depth=depth, repeat=repeat)
        for repeat in range(grid.trials)
        for length in grid.lengths
        for depth in grid.depths
    ]


def ladder_builder(of: Kit, grid: Grid, recipe: Recipe | None = None) -> LadderBuilder:
    """A builder of ladders with the parts of another."""
    return LadderBuilder(
        tokenizer=of.tokenizer,
        frame=of.frame,
        corpus=of.corpus,
        recipe=recipe or of.recipe,
        seed=SEED,
        grid=grid,
    )


@cache
def ladder_prompts(
    tokenizer_name: str, haystack_name: str, extra_tokens: int = 0
) -> tuple[tuple[Trial, Prompt], ...]:
    """The prompts of every trial of ``grid_of``."""
    grid = grid_of(tokenizer_name)
    builder = ladder_builder(kit(tokenizer_name, haystack_name), grid)
    return tuple((asked, builder.build(asked, extra_tokens)) for asked in ladder_trials(grid))


def by_repeat(prompts: tuple[tuple[Trial, Prompt], ...]) -> list[list[tuple[Trial, Prompt]]]:
    """The prompts of each haystack."""
    return [[pair for pair in prompts if pair[0].repeat == repeat] for repeat in range(REPEATS)]
