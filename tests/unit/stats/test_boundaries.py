"""Boundaries are as near as the exact errors allow, whatever the split over the depths."""

from __future__ import annotations

from itertools import product
from math import inf, log, prod

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from recallbench.stats.boundaries import Walk, nearest_boundaries, worst_chance, worst_splits
from recallbench.stats.evidence import Boundaries, Decision

WALK = Walk(floor=0.98, broken=0.9, size=5)
VILLE = Boundaries(pass_at=log(20), fail_at=log(20))


def split_of(recalls: list[float]) -> list[float]:
    """Distribution of the misses of a round, by convolution."""
    counts = [1.0]
    for recall in recalls:
        counts = [float(count) for count in np.convolve(counts, [recall, 1 - recall])]
    return counts


def chances(walk: Walk, at: Boundaries, rounds: list[list[float]]) -> tuple[float, float]:
    """Exact P(pass) and P(fail) over rounds with these recalls, forwards over the misses."""
    alive, passed, failed = {0: 1.0}, 0.0, 0.0
    for number, recalls in enumerate(rounds, start=1):
        reached: dict[int, float] = {}
        for (misses, chance), (more, share) in product(alive.items(), enumerate(split_of(recalls))):
            reached[misses + more] = reached.get(misses + more, 0.0) + chance * share
        alive = {}
        for misses, chance in reached.items():
            weight = walk.for_pass(number * walk.size - misses, misses)
            if weight >= at.pass_at:
                passed += chance
            elif -weight >= at.fail_at:
                failed += chance
            else:
                alive[misses] = chance
    return passed, failed


def test_the_weight_is_the_log_likelihood_ratio() -> None:
    # 0.98 / 0.9 and 0.02 / 0.1, by hand.
    assert WALK.for_pass(1, 0) == pytest.approx(0.085158, abs=1e-6)
    assert WALK.for_pass(0, 1) == pytest.approx(-1.609438, abs=1e-6)
    assert WALK.for_pass(7, 2) == pytest.approx(
        float(binom.logpmf(7, 9, 0.98) - binom.logpmf(7, 9, 0.9))
    )


def test_at_floor_1_a_miss_is_proof() -> None:
    walk = Walk(floor=1.0, broken=0.9, size=5)

    assert walk.for_pass(100, 1) == -inf
    assert walk.for_pass(10, 0) == pytest.approx(10 * log(1 / 0.9))


@pytest.mark.parametrize("size", [1, 2, 5, 7])
@pytest.mark.parametrize(("floor", "tolerance"), [(0.98, 0.08), (0.95, 0.08), (0.9, 0.3)])
def test_both_errors_are_at_most_as_asked_and_near_it(
    floor: float, tolerance: float, size: int
) -> None:
    walk = Walk(floor=floor, broken=floor - tolerance, size=size)

    at = nearest_boundaries(walk, false_alarm=0.05, miss=0.05)

    rounds = 1500 // size
    false_alarm = chances(walk, at, [[floor] * size] * rounds)[1]
    miss = chances(walk, at, [[walk.broken] * size] * rounds)[0]
    assert 0.02 < false_alarm <= 0.05
    assert 0.02 < miss <= 0.05
    assert 0 < at.pass_at <= log(20)
    assert 0 < at.fail_at <= log(20)


@pytest.mark.parametrize(
    "recalls", [[1, 1, 1, 1, 0.9], [1, 1, 1, 0.95, 0.95], [0.99, 0.98, 0.97, 1.0, 0.96]]
)
def test_uneven_depths_at_the_floor_raise_no_more_false_alarms(recalls: list[float]) -> None:
    at = nearest_boundaries(WALK, false_alarm=0.05, miss=0.05)

    assert chances(WALK, at, [recalls] * 300)[1] <= 0.05


@pytest.mark.parametrize("recalls", [[1, 1, 1, 1, 0.5], [1, 1, 1, 0.75, 0.75], [0.7, 0.8, 1, 1, 1]])
def test_uneven_depths_that_are_broken_pass_no_more_often(recalls: list[float]) -> None:
    at = nearest_boundaries(WALK, false_alarm=0.05, miss=0.05)

    assert chances(WALK, at, [recalls] * 300)[0] <= 0.05


def test_depths_that_change_from_round_to_round_are_no_worse_than_the_worst_chance() -> None:
    at = nearest_boundaries(WALK, false_alarm=0.05, miss=0.05)
    changing = [[1, 1, 1, 1, 0.9], [0.98] * 5, [1, 1, 1, 0.95, 0.95]] * 100

    assert chances(WALK, at, changing)[1] <= worst_chance(WALK, at, "fail", 300) <= 0.05


@pytest.mark.parametrize("wrong", ["pass", "fail"])
def test_the_worst_chance_is_at_least_that_of_even_depths(wrong: Decision) -> None:
    recall = WALK.floor if wrong == "fail" else WALK.broken
    passed, failed = chances(WALK, VILLE, [[recall] * 5] * 300)
    even = failed if wrong == "fail" else passed

    assert even - 1e-12 <= worst_chance(WALK, VILLE, wrong, 300) <= 0.05


def test_with_single_trials_the_worst_chance_is_the_chance() -> None:
    walk = Walk(floor=0.98, broken=0.9, size=1)

    exact = chances(walk, VILLE, [[0.98]] * 1500)[1]

    assert worst_chance(walk, VILLE, "fail", 1500) == pytest.approx(exact, abs=1e-6)


def test_who_is_undecided_at_the_horizon_counts_as_wrong() -> None:
    assert worst_chance(WALK, VILLE, "fail", 1) == pytest.approx(1.0)


def test_healthy_servers_need_at_most_six_tenths_of_a_fixed_test() -> None:
    at = nearest_boundaries(WALK, false_alarm=0.05, miss=0.05)

    # The smallest exact binomial test with both errors at most .05.
    assert binom.sf(4, 89, 0.02) <= 0.05
    assert binom.cdf(4, 89, 0.10) <= 0.05
    rounds = [[0.98] * 5] * 100
    asked = sum(5 * (1 - sum(chances(WALK, at, rounds[:n]))) for n in range(100))
    assert asked <= 0.6 * 89
    assert WALK.for_pass(35, 0) >= at.pass_at


def test_a_test_too_long_to_compute_keeps_villes_boundaries() -> None:
    walk = Walk(floor=0.5, broken=0.495, size=5)

    assert nearest_boundaries(walk, false_alarm=0.05, miss=0.01) == Boundaries(
        pass_at=log(1 / 0.01), fail_at=log(1 / 0.05)
    )


@given(
    st.lists(st.floats(0.0, 1.0), min_size=1, max_size=6),
    st.lists(st.floats(-1.0, 1.0), min_size=7, max_size=7),
)
def test_no_split_has_a_larger_expectation_than_the_worst_splits(
    recalls: list[float], gains: list[float]
) -> None:
    """Hoeffding 1956, corollary 2.1: for any value of the number of misses."""
    splits = worst_splits(sum(1 - recall for recall in recalls), len(recalls))

    mean = sum(map(float.__mul__, split_of(recalls), gains))

    assert mean <= max(sum(map(float.__mul__, split, gains)) for split in splits) + 1e-9


@given(st.floats(0.0, 1.0), st.integers(1, 7))
def test_worst_splits_are_distributions_of_the_same_mean(recall: float, size: int) -> None:
    expected = size * (1 - recall)

    for split in worst_splits(expected, size):
        assert len(split) == size + 1
        assert sum(split) == pytest.approx(1.0)
        assert sum(k * share for k, share in enumerate(split)) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(
    "rounds", [[[1, 1, 0.94], [0.98, 0.98, 0.98]], [[1.0, 0.96, 0.98], [1, 0.97, 0.97]]]
)
def test_the_likelihood_ratio_is_a_supermartingale_at_uneven_depths(
    rounds: list[list[float]],
) -> None:
    """By enumeration, after each round, of both sides."""
    walk = Walk(floor=0.98, broken=0.9, size=3)
    shifted = [[recall - 0.08 for recall in recalls] for recalls in rounds]

    for sign, truth in ((-1, rounds), (1, shifted)):
        recalls = [recall for each in truth for recall in each]
        for count in (3, 6):
            mean = 0.0
            for hits in product((True, False), repeat=count):
                pairs = list(zip(hits, recalls, strict=False))
                chance = prod(p if hit else 1 - p for hit, p in pairs)
                weight = walk.for_pass(sum(hits), count - sum(hits))
                mean += chance * float(np.exp(sign * weight))
            assert mean <= 1 + 1e-12
