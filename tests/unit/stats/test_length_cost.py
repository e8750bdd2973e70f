"""The cost of a length is over its measured trials, told with their number, or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from statistics import fmean, median
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recallbench.domain import Outcome, TrialRecord
from recallbench.stats.cost import Figure, cost_of
from recallbench.stats.length_cost import LengthCost, Spread, length_costs
from support.records import record


def trial(repeat: int = 0, **news: Any) -> TrialRecord:
    return replace(record(repeat=repeat), prompt_tokens=600, latency_s=1.0, **news)


def cost(records: Sequence[TrialRecord]) -> LengthCost:
    (told,) = length_costs(records, variant="v", lengths=[1000])
    return told


def trials(latencies: Sequence[float]) -> list[TrialRecord]:
    return [replace(trial(number), latency_s=each) for number, each in enumerate(latencies)]


def test_no_trials_are_no_data_at_each_length_in_order() -> None:
    assert length_costs([], variant="v", lengths=[4000, 1000]) == (
        LengthCost(length_tokens=4000, latency_s=None, computed_tokens=None),
        LengthCost(length_tokens=1000, latency_s=None, computed_tokens=None),
    )


def test_each_length_counts_its_own_trials() -> None:
    records = [trial(), replace(record(length=4000), latency_s=3.0)]

    told = length_costs(records, variant="v", lengths=[1000, 4000])

    assert [each.latency_s.median for each in told if each.latency_s] == [1.0, 3.0]


def test_of_eleven_trials_the_second_and_the_last_but_one_are_the_tenths() -> None:
    spread = cost(trials([5, 3, 11, 1, 2, 4, 10, 6, 9, 7, 8])).latency_s

    assert spread == Spread(median=6, low=2, high=10, n=11)


def test_one_trial_has_no_spread() -> None:
    assert cost(trials([2.5])).latency_s == Spread(median=2.5, low=None, high=None, n=1)


@given(st.lists(st.floats(0, 1e6), min_size=2, max_size=60))
def test_the_median_lies_within_the_spread_and_the_spread_within_the_trials(
    latencies: list[float],
) -> None:
    spread = cost(trials(latencies)).latency_s

    assert spread is not None
    assert spread.low is not None
    assert spread.high is not None
    slack = 1e-9 * max(latencies)
    assert min(latencies) - slack <= spread.low <= spread.median + slack
    assert spread.median - slack <= spread.high <= max(latencies) + slack
    assert spread.n == len(latencies)


@given(
    st.lists(
        st.tuples(st.sampled_from(Outcome), st.none() | st.floats(0, 100), st.integers(0, 5)),
        max_size=30,
    )
)
def test_the_median_is_that_of_the_whole_cost(
    drawn: list[tuple[Outcome, float | None, int]],
) -> None:
    records = [
        replace(record(repeat=repeat, outcome=outcome), latency_s=latency)
        for outcome, latency, repeat in drawn
    ]

    whole, spread = cost_of(None, records, variant="v").median_latency_s, cost(records).latency_s

    assert whole == (Figure(value=spread.median, n=spread.n) if spread else None)


@given(st.lists(st.tuples(st.integers(1, 10**6), st.floats(0, 1)), min_size=1, max_size=40))
def test_computed_tokens_are_the_mean_of_what_the_cache_left(
    drawn: list[tuple[int, float]],
) -> None:
    both = [(prompt, int(prompt * share)) for prompt, share in drawn]
    records = [
        replace(trial(number), prompt_tokens=prompt, cached_tokens=cached)
        for number, (prompt, cached) in enumerate(both)
    ]

    computed = cost(records).computed_tokens

    assert computed is not None
    assert computed.value == pytest.approx(fmean(prompt - cached for prompt, cached in both))
    assert computed.n == len(records)


def test_a_server_that_tells_nothing_of_its_cache_leaves_no_computed_tokens() -> None:
    assert cost([trial(0), trial(1)]).computed_tokens is None


def test_a_server_that_tells_of_some_trials_means_none_for_the_others() -> None:
    records = [trial(0), trial(1, cached_tokens=500)]

    assert cost(records).computed_tokens == Figure(value=350, n=2)


def test_a_length_without_a_word_of_the_cache_takes_it_from_another() -> None:
    other = replace(record(length=4000), prompt_tokens=4000, cached_tokens=3000)

    assert cost([trial(), other]).computed_tokens == Figure(value=600, n=1)


def test_what_another_variants_server_tells_does_not_count() -> None:
    other = replace(trial(1, cached_tokens=500), variant="other", latency_s=9.0)

    told = cost([trial(), other])

    assert told.computed_tokens is None
    assert told.latency_s == Spread(median=1.0, low=None, high=None, n=1)


@pytest.mark.parametrize("news", [{"prompt_tokens": None}, {"cached_tokens": 601}])
def test_a_trial_of_impossible_or_unknown_tokens_is_left_out(news: dict[str, Any]) -> None:
    known = trial(0, cached_tokens=100)

    told = cost([known, replace(trial(1, cached_tokens=0), **news)])

    assert told.computed_tokens == Figure(value=500, n=1)
    assert told.latency_s is not None
    assert told.latency_s.n == 2


@pytest.mark.parametrize("outcome", [Outcome.TRUNCATED, Outcome.OVERFLOW, Outcome.ERRORED])
def test_what_is_not_measured_does_not_count(outcome: Outcome) -> None:
    told = cost([replace(trial(cached_tokens=0), outcome=outcome)])

    assert told.latency_s is None
    assert told.computed_tokens is None


def test_the_latest_record_of_a_trial_counts() -> None:
    again = [replace(trial(cached_tokens=0), latency_s=100.0), trial(cached_tokens=512)]

    told = cost(again)

    assert told.latency_s == Spread(median=1.0, low=None, high=None, n=1)
    assert told.computed_tokens == Figure(value=88, n=1)


def test_an_even_number_of_trials_has_its_median_between_two() -> None:
    spread = cost(trials([1.0, 2.0])).latency_s

    assert spread is not None
    assert spread.median == median([1.0, 2.0])
