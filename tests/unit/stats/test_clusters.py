"""Trials of one haystack count for what they are worth, and never for more."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import t

from recallbench.stats.bounds import (
    exact_interval,
    lower_bound,
    p_at_least,
    p_at_most,
    upper_bound,
)
from recallbench.stats.clusters import Clusters
from recallbench.stats.proportion import Proportion

Number = TypeVar("Number")


def known(value: Number | None) -> Number:
    assert value is not None
    return value


single = st.lists(st.integers(0, 1), min_size=1, max_size=60)
haystacks = st.lists(
    st.integers(0, 8).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
    min_size=1,
    max_size=12,
).filter(lambda cells: any(n for _, n in cells))


def clusters(cells: list[tuple[int, int]]) -> Clusters:
    return Clusters(hits=tuple(k for k, _ in cells), trials=tuple(n for _, n in cells))


@settings(deadline=None)
@given(single, st.floats(0.0, 1.0), st.floats(0.5, 0.999))
def test_a_haystack_a_trial_gives_exactly_the_plain_answers(
    hits: list[int], value: float, confidence: float
) -> None:
    found = Clusters(hits=tuple(hits), trials=(1,) * len(hits))
    plain = Proportion(k=sum(hits), n=len(hits))

    assert found.proportion == plain
    assert found.design_effect == 1.0
    assert found.effective_n == len(hits)
    assert found.interval(confidence) == exact_interval(plain, confidence)
    assert found.lower_bound(confidence) == lower_bound(plain, confidence)
    assert found.upper_bound(confidence) == upper_bound(plain, confidence)
    assert found.p_at_most(value) == p_at_most(plain, value)
    assert found.p_at_least(value) == p_at_least(plain, value)


@pytest.mark.parametrize("hits", [0, 5])
def test_haystacks_of_one_answer_count_as_one_trial_each(hits: int) -> None:
    found = Clusters(hits=(hits,) * 10, trials=(5,) * 10)
    plain = Proportion(k=2 * hits, n=10)

    assert found.proportion == Proportion(k=10 * hits, n=50)
    assert found.design_effect == pytest.approx(5.0)
    assert found.effective_n == pytest.approx(10.0)
    assert found.interval() == pytest.approx(exact_interval(plain))


def test_haystacks_that_are_all_hit_or_all_missed_count_as_one_trial_each() -> None:
    found = Clusters(hits=(5, 5, 0, 5, 5, 0, 5, 5), trials=(5,) * 8)

    assert found.effective_n == pytest.approx(8.0)
    assert found.lower_bound() == pytest.approx(lower_bound(Proportion(k=6, n=8)))


@pytest.mark.parametrize("hits", [0, 5, 7, 10])
def test_a_single_haystack_counts_as_one_trial(hits: int) -> None:
    found = Clusters(hits=(hits,), trials=(10,))

    assert found.effective_n == 1.0
    assert known(found.lower_bound()) < 0.1


def test_haystacks_that_are_alike_count_for_nearly_all_their_trials() -> None:
    found = Clusters(hits=(8,) * 200, trials=(10,) * 200)

    assert found.design_effect == 1.0
    # What is left to pay is that the likeness was estimated, Korn and Graubard's t quantiles.
    paid = (t.ppf(0.975, 1999) / t.ppf(0.975, 199)) ** 2
    assert found.effective_n == pytest.approx(2000 * paid)


def test_the_design_effect_is_that_of_the_variance_between_haystacks() -> None:
    """Worked by hand: the haystack added is all missed; its mates' recall is 0.5 or 1."""
    found = Clusters(hits=(2, 4) * 50, trials=(4,) * 100)
    # With 4 misses added 300 of 404 trials are hits: 74.257%, or 2.970297 of 4.
    squares = 50 * (2 - 2.970297) ** 2 + 50 * (4 - 2.970297) ** 2 + 2.970297**2
    of_mean = squares * 101 / 100 / 404**2
    of_independent = 0.742574 * 0.257426 / 403

    assert found.design_effect == pytest.approx(of_mean / of_independent, rel=1e-5)


def test_the_fewer_haystacks_differ_the_less_their_trials_are_worth() -> None:
    """One miss among 100 says nothing about whether misses come together."""
    one = Clusters(hits=(4, *(5,) * 19), trials=(5,) * 20)
    many = Clusters(hits=(4,) * 20, trials=(5,) * 20)

    assert known(one.effective_n) < 30
    assert known(many.effective_n) > 60


def test_a_large_haystack_among_single_trials_says_little_about_likeness() -> None:
    large = Clusters(hits=(24, *(1,) * 24, *(0,) * 6), trials=(30, *(1,) * 30))
    even = Clusters(hits=(2, *(1,) * 22, *(2,) * 12, 0), trials=(2, *(1,) * 22, *(2,) * 12, 12))

    assert large.design_effect == pytest.approx(1.0, abs=0.5)
    assert known(large.effective_n) < 25
    assert known(even.effective_n) < 25


@settings(deadline=None)
@given(haystacks)
def test_trials_are_worth_at_most_their_number_and_at_least_their_haystacks(
    cells: list[tuple[int, int]],
) -> None:
    found = clusters(cells)
    n, squares = sum(n for _, n in cells), sum(n * n for _, n in cells)

    assert 1.0 <= known(found.design_effect) <= squares / n
    assert n * n / squares - 1e-9 <= known(found.effective_n) <= n
    if len({n for _, n in cells if n}) == 1:
        assert known(found.effective_n) >= sum(n > 0 for _, n in cells) - 1e-9


@settings(deadline=None)
@given(haystacks, st.floats(0.01, 0.99), st.floats(0.5, 0.999))
def test_bounds_and_p_values_agree(
    cells: list[tuple[int, int]], value: float, confidence: float
) -> None:
    found = clusters(cells)
    low, high = known(found.lower_bound(confidence)), known(found.upper_bound(confidence))

    if abs(low - value) > 1e-9:
        assert (low > value) == (known(found.p_at_most(value)) < 1 - confidence)
    if abs(high - value) > 1e-9:
        assert (high < value) == (known(found.p_at_least(value)) < 1 - confidence)


@settings(deadline=None)
@given(haystacks)
def test_the_interval_holds_the_recall_and_is_not_narrower_than_the_plain(
    cells: list[tuple[int, int]],
) -> None:
    found = clusters(cells)
    low, high = known(found.interval())
    plain = known(exact_interval(found.proportion))

    assert 0.0 <= low <= known(found.proportion.value) <= high <= 1.0
    assert high - low >= plain.high - plain.low - 1e-9


@settings(deadline=None)
@given(haystacks)
def test_hits_and_misses_are_mirrored(cells: list[tuple[int, int]]) -> None:
    misses = clusters([(n - k, n) for k, n in cells])
    found = clusters(cells)

    assert misses.effective_n == pytest.approx(found.effective_n)
    assert known(misses.lower_bound()) == pytest.approx(1 - known(found.upper_bound()), abs=1e-9)


@settings(deadline=None)
@given(haystacks)
def test_neither_order_nor_empty_haystacks_matter(cells: list[tuple[int, int]]) -> None:
    other = clusters([(0, 0), *reversed(cells)])

    assert other.effective_n == pytest.approx(clusters(cells).effective_n)
    assert other.interval() == pytest.approx(clusters(cells).interval())


@pytest.mark.parametrize("found", [Clusters(hits=(), trials=()), Clusters(hits=(0,), trials=(0,))])
def test_no_data_have_no_answers(found: Clusters) -> None:
    answers = (
        found.proportion.value,
        found.design_effect,
        found.effective_n,
        found.interval(),
        found.lower_bound(),
        found.upper_bound(),
        found.p_at_most(0.9),
        found.p_at_least(0.9),
    )

    assert set(answers) == {None}


def test_impossible_counts_are_refused() -> None:
    with pytest.raises(ValueError, match="must be of one length, got 1 and 2"):
        Clusters(hits=(1,), trials=(1, 2))
    with pytest.raises(ValueError, match=r"hits must be in \[0, trials\], got hits=3, trials=2"):
        Clusters(hits=(1, 3), trials=(1, 2))


@pytest.mark.parametrize("ask", [Clusters.interval, Clusters.lower_bound, Clusters.upper_bound])
def test_a_confidence_outside_0_and_1_is_refused(ask: Callable[[Clusters, float], object]) -> None:
    with pytest.raises(ValueError, match="confidence must be in"):
        ask(Clusters(hits=(1,), trials=(2,)), 95.0)


@pytest.mark.parametrize("ask", [Clusters.p_at_most, Clusters.p_at_least])
def test_a_recall_outside_0_and_1_is_refused(ask: Callable[[Clusters, float], object]) -> None:
    with pytest.raises(ValueError, match="value must be in"):
        ask(Clusters(hits=(1,), trials=(2,)), 95.0)
