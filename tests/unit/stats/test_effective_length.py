"""The effective length is where proof ends, tested from the shortest length on."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from recallbench.stats.bounds import p_at_most
from recallbench.stats.clusters import Clusters
from recallbench.stats.effective_length import effective_length, relative_effective_length
from recallbench.stats.proportion import Proportion


def of(*hits: int, n: int = 100) -> list[tuple[int, Proportion]]:
    """Recall at 1000, 2000, 4000, ... tokens."""
    return [(1000 * 2**place, Proportion(k=k, n=n)) for place, k in enumerate(hits)]


def test_it_is_the_longest_length_whose_recall_is_proven() -> None:
    found = effective_length(of(100, 98, 96, 70), 0.9)

    assert found.tokens == 4000
    assert [step.is_proven for step in found.steps] == [True, True, True, False]
    assert [step.p_value for step in found.steps] == [
        p_at_most(Proportion(k=k, n=100), 0.9) for k in (100, 98, 96, 70)
    ]
    assert {step.needed for step in found.steps} == {0.9}
    assert (found.asked, found.is_relative, found.confidence) == (0.9, False, 0.95)


def test_what_is_seen_and_not_proven_is_told_apart() -> None:
    found = effective_length(of(100, 96, 92, 91, 89), 0.9)

    assert (found.tokens, found.observed_tokens) == (2000, 8000)


def test_a_length_behind_one_that_fails_is_not_reached() -> None:
    found = effective_length(of(100, 80, 100), 0.9)

    assert (found.tokens, found.observed_tokens) == (1000, 1000)
    assert found.steps[2].is_proven


def test_the_walk_ends_at_a_length_without_data() -> None:
    lengths = [*of(100), (2000, Proportion(k=0, n=0)), (4000, Proportion(k=100, n=100))]

    found = effective_length(lengths, 0.9)

    assert (found.tokens, found.observed_tokens) == (1000, 1000)
    assert found.steps[1].p_value is None
    assert not found.steps[1].is_observed


def test_where_the_shortest_fails_there_is_none() -> None:
    found = effective_length(of(50, 100), 0.9)

    assert (found.tokens, found.observed_tokens) == (None, None)


def test_without_lengths_there_is_none() -> None:
    assert effective_length([], 0.9).tokens is None
    assert relative_effective_length([]).steps == ()


def test_lengths_may_come_in_any_order() -> None:
    lengths = of(100, 98, 96, 70)

    assert effective_length(lengths[::-1], 0.9) == effective_length(lengths, 0.9)
    assert relative_effective_length(lengths[::-1]) == relative_effective_length(lengths)


def test_more_confidence_reaches_less_far() -> None:
    lengths = of(100, 96)

    assert effective_length(lengths, 0.9, confidence=0.95).tokens == 2000
    assert effective_length(lengths, 0.9, confidence=0.99).tokens == 1000


def test_a_recall_of_1_is_seen_and_never_proven() -> None:
    found = effective_length(of(100, 100), 1.0)

    assert (found.tokens, found.observed_tokens) == (None, 2000)


def test_trials_that_share_haystacks_prove_less() -> None:
    plain = Proportion(k=98, n=100)
    shared = Clusters(hits=(3, *(5,) * 19), trials=(5,) * 20)

    assert effective_length([(1000, plain)], 0.9).tokens == 1000
    assert effective_length([(1000, shared)], 0.9).tokens is None
    assert effective_length([(1000, shared)], 0.9).observed_tokens == 1000
    assert effective_length([(1000, shared)], 0.9).steps[0].p_value == shared.p_at_most(0.9)


@settings(deadline=None)
@given(st.lists(st.integers(0, 40), max_size=6), st.floats(0.05, 1.0))
def test_the_proven_length_is_never_beyond_the_observed(hits: list[int], recall: float) -> None:
    for found in (
        effective_length(of(*hits, n=40), recall),
        relative_effective_length(of(*hits, n=40), recall),
    ):
        assert (found.tokens or 0) <= (found.observed_tokens or 0)


def test_the_length_is_too_long_no_more_often_than_one_test_errs() -> None:
    """True recall is 0.95, then 0.8 twice: any of the last two is too long at 0.8."""
    n = 60
    chances = [binom.pmf(np.arange(n + 1), n, true) for true in (0.95, 0.8, 0.8)]
    passes = [
        sum(
            chance
            for k, chance in enumerate(at)
            if effective_length([(1, Proportion(k=k, n=n))], 0.8).tokens
        )
        for at in chances
    ]

    assert passes[0] > 0.9
    assert passes[0] * passes[1] <= 0.05


def test_a_share_of_the_shortest_lengths_recall_is_proven_by_the_ratio() -> None:
    found = relative_effective_length(of(90, 88, 84, 60))

    assert (found.tokens, found.observed_tokens) == (2000, 4000)
    assert found.is_relative
    assert found.asked == 0.85
    assert [step.needed for step in found.steps] == [pytest.approx(0.765)] * 4
    assert found.steps[0].p_value is None


def test_the_shortest_length_is_the_base_however_little_it_recalls() -> None:
    found = relative_effective_length(of(3, 0))

    assert (found.tokens, found.observed_tokens) == (1000, 1000)


@pytest.mark.parametrize("base", [Proportion(k=0, n=100), Proportion(k=0, n=0)])
def test_a_base_without_hits_is_no_base(base: Proportion) -> None:
    found = relative_effective_length([(1000, base), (2000, Proportion(k=50, n=100))])

    assert (found.tokens, found.observed_tokens) == (None, None)
    assert {step.needed for step in found.steps} == {None}


def test_twenty_full_trials_each_are_the_fewest_that_prove_85_percent() -> None:
    assert relative_effective_length(of(18, 18, n=18)).tokens == 1000
    assert relative_effective_length(of(19, 19, n=19)).tokens == 2000


def test_a_base_is_worth_no_more_than_its_haystacks() -> None:
    plain = of(100, 100)
    shared = [(length, Clusters(hits=(10,) * 10, trials=(10,) * 10)) for length, _ in plain]

    assert relative_effective_length(plain).tokens == 2000
    assert relative_effective_length(shared).tokens == 1000
    assert relative_effective_length(shared).observed_tokens == 2000


def test_a_length_without_data_ends_the_relative_walk() -> None:
    lengths = [*of(90), (2000, Proportion(k=0, n=0)), (4000, Proportion(k=90, n=100))]

    found = relative_effective_length(lengths)

    assert (found.tokens, found.observed_tokens) == (1000, 1000)
    assert found.steps[1].p_value is None


def test_a_length_that_stands_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="a length must stand once, got 1000 twice"):
        effective_length([*of(1), *of(2)], 0.9)


@pytest.mark.parametrize("asked", [0.0, 1.1, float("nan")])
def test_a_recall_or_share_outside_0_and_1_is_refused(asked: float) -> None:
    with pytest.raises(ValueError, match=r"recall must be in \(0, 1\], got"):
        effective_length([], asked)
    with pytest.raises(ValueError, match=r"share must be in \(0, 1\], got"):
        relative_effective_length([], asked)


def test_a_confidence_outside_0_and_1_is_refused() -> None:
    with pytest.raises(ValueError, match="confidence must be in"):
        effective_length([], 0.9, confidence=95)
    with pytest.raises(ValueError, match="confidence must be in"):
        relative_effective_length([], confidence=95)
