"""The numbers of a variant take haystacks as units wherever its trials share them."""

from __future__ import annotations

import pytest

from recallbench.domain import Grid, Outcome
from recallbench.domain.layout import Haystacks
from recallbench.stats.curve import recall_area
from recallbench.stats.profile import RecallProfile, recall_profile
from recallbench.stats.summary import summarize
from support.records import HIT, MISS, Judge, always, records

DEPTHS = (0.0, 0.25, 0.5, 0.75, 1.0)


def profile_of(judge: Judge, shared_by: Haystacks, repeats: int = 20) -> RecallProfile:
    grid = Grid(lengths=(1000, 2000), depths=DEPTHS, trials=repeats)
    held = records(judge, lengths=grid.lengths, depths=DEPTHS, repeats=range(repeats))
    return recall_profile(summarize(held, variant="v", grid=grid, shared_by=shared_by))


def test_many_trials_of_few_haystacks_prove_no_length() -> None:
    alone, shared = (profile_of(always(HIT), by).effective for by in ("trial", "repeat"))

    assert (alone.tokens, shared.tokens) == (2000, None)
    assert alone.observed_tokens == shared.observed_tokens == 2000
    assert [step.haystacks for step in alone.steps] == [None, None]
    assert [step.haystacks for step in shared.steps] == [20, 20]


def test_many_haystacks_prove_it() -> None:
    assert profile_of(always(HIT), "repeat", repeats=59).effective.tokens == 2000
    assert profile_of(always(HIT), "repeat", repeats=58).effective.tokens is None


def test_the_curve_is_the_same_and_its_interval_wider() -> None:
    def judge(length: int, _depth: float, repeat: int) -> Outcome:
        return MISS if length == 2000 and repeat < 5 else HIT

    alone, shared = (profile_of(judge, by).area for by in ("trial", "repeat"))

    assert alone is not None
    assert shared is not None
    assert shared.value == alone.value
    assert shared.interval.low < alone.interval.low
    assert shared.interval.high >= alone.interval.high
    assert shared.n == alone.n == 200


def test_lengths_that_share_haystacks_err_alike_even_with_one_depth() -> None:
    """One trial a haystack and length: each length is binomial, and both are of one haystack."""
    grid = Grid(lengths=(1000, 2000), depths=(0.5,), trials=20)
    held = records(
        lambda _length, _depth, repeat: MISS if repeat < 4 else HIT,
        lengths=grid.lengths,
        depths=(0.5,),
        repeats=range(20),
    )
    summary = summarize(held, variant="v", grid=grid, shared_by="repeat")

    area = recall_profile(summary).area

    assert area is not None
    assert [line.shared for line in summary.lengths] == [None, None]
    one = summary.lengths[0].recall.interval()
    assert area.interval == pytest.approx(one), "the second length tells nothing new"
    apart = recall_area([(1000, summary.lengths[0].recall), (2000, summary.lengths[1].recall)])
    assert apart is not None
    assert area.interval.low < apart.interval.low


def test_depths_are_compared_within_haystacks() -> None:
    def judge(_length: int, depth: float, _repeat: int) -> Outcome:
        return MISS if depth == 0.5 else HIT

    alone, shared = (profile_of(judge, by).depth_bias for by in ("trial", "repeat"))

    assert alone is not None
    assert shared is not None
    assert (alone.haystacks, shared.haystacks) == (None, 20)
    assert shared.heterogeneity_p < 0.001
    assert (shared.spread, shared.worst_depth) == (alone.spread, alone.worst_depth)


def test_the_layout_stands_in_it() -> None:
    grid = Grid(lengths=(1000,), depths=DEPTHS, trials=2)
    ladder = summarize([], variant="v", grid=grid, shared_by="repeat", layout="ladder")

    assert recall_profile(ladder).layout == "ladder"
    assert profile_of(always(HIT), "trial", repeats=1).layout == "single"
