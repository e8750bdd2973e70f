"""Haystacks are the units where trials share them, and nowhere else."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from recallbench.stats.clusters import Clusters
from recallbench.stats.haystack_recall import (
    HaystackRecall,
    by_haystack,
    haystacks_of,
    proportion_of,
    shared_of,
)
from recallbench.stats.proportion import Proportion


def test_trials_are_counted_by_the_number_of_their_haystack() -> None:
    trials = [(2, True), (0, False), (2, False), (0, True), (2, True)]

    assert by_haystack(trials) == (
        HaystackRecall(0, Proportion(k=1, n=2)),
        HaystackRecall(2, Proportion(k=2, n=3)),
    )


def test_haystacks_of_one_trial_each_are_no_units() -> None:
    assert shared_of([Proportion(k=1, n=1), Proportion(k=0, n=1)]) is None
    assert shared_of([]) is None


def test_one_haystack_with_two_trials_makes_all_of_them_units() -> None:
    shared = shared_of([Proportion(k=1, n=1), Proportion(k=1, n=2), Proportion(k=0, n=0)])

    assert shared == Clusters(hits=(1, 1, 0), trials=(1, 2, 0))
    assert haystacks_of(shared) == 2, "one without an answered trial counts for nothing"


def test_trials_that_stand_by_themselves_have_no_haystacks() -> None:
    assert haystacks_of(Proportion(k=3, n=4)) is None
    assert haystacks_of(None) is None


@given(st.lists(st.tuples(st.integers(0, 4), st.booleans())))
def test_no_trial_is_lost(trials: list[tuple[int, bool]]) -> None:
    held = by_haystack(trials)
    expected = Proportion(k=sum(is_hit for _, is_hit in trials), n=len(trials))

    shared = shared_of([each.recall for each in held])

    assert [each.haystack for each in held] == sorted({number for number, _ in trials})
    assert sum(each.recall.n for each in held) == expected.n
    if shared is not None:
        assert proportion_of(shared) == expected
    assert proportion_of(expected) == expected
