"""Bounds are Clopper and Pearson's, hold what they promise, and agree with their p-values."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom, binomtest
from statsmodels.stats.proportion import proportion_confint

from recallbench.stats.bounds import (
    exact_interval,
    lower_bound,
    p_at_least,
    p_at_most,
    upper_bound,
)
from recallbench.stats.proportion import Proportion

NOTHING = Proportion(k=0, n=0)
recalls = st.integers(1, 300).flatmap(
    lambda n: st.builds(Proportion, k=st.integers(0, n), n=st.just(n))
)


@pytest.mark.parametrize(
    ("k", "n", "low", "high"),
    [
        # Newcombe 1998, table I, method 5.
        (81, 263, 0.2527, 0.3676),
        (15, 148, 0.0578, 0.1617),
        (0, 20, 0.0, 0.1684),
        (1, 29, 0.0009, 0.1776),
    ],
)
def test_published_intervals_are_met(k: int, n: int, low: float, high: float) -> None:
    assert exact_interval(Proportion(k=k, n=n)) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(("n", "bound"), [(5, 0.5493), (20, 0.8609), (59, 0.9505), (299, 0.9900)])
def test_all_hits_prove_the_root_of_what_may_err(n: int, bound: float) -> None:
    assert lower_bound(Proportion(k=n, n=n)) == pytest.approx(0.05 ** (1 / n))
    assert lower_bound(Proportion(k=n, n=n)) == pytest.approx(bound, abs=5e-5)
    assert upper_bound(Proportion(k=n, n=n)) == 1.0
    assert lower_bound(Proportion(k=0, n=n)) == 0.0


@settings(deadline=None)
@given(recalls, st.floats(0.5, 0.999))
def test_bounds_are_those_of_scipy_and_statsmodels(recall: Proportion, confidence: float) -> None:
    test = binomtest(recall.k, recall.n, alternative="greater")
    low, high = proportion_confint(recall.k, recall.n, alpha=1 - confidence, method="beta")

    expected = test.proportion_ci(confidence_level=confidence, method="exact").low
    assert lower_bound(recall, confidence) == pytest.approx(expected, abs=1e-9)
    assert exact_interval(recall, confidence) == pytest.approx((low, high), abs=1e-9)


@settings(deadline=None)
@given(recalls, st.sampled_from([0.0, 0.1, 0.5, 0.9, 0.98, 1.0]))
def test_p_values_are_those_of_scipy(recall: Proportion, value: float) -> None:
    above = binomtest(recall.k, recall.n, value, alternative="greater").pvalue
    below = binomtest(recall.k, recall.n, value, alternative="less").pvalue

    assert p_at_most(recall, value) == pytest.approx(above, abs=1e-12)
    assert p_at_least(recall, value) == pytest.approx(below, abs=1e-12)


@settings(deadline=None)
@given(recalls, st.floats(0.01, 0.99), st.floats(0.5, 0.999))
def test_a_bound_is_past_a_value_exactly_where_its_p_value_is_small(
    recall: Proportion, value: float, confidence: float
) -> None:
    low, high = lower_bound(recall, confidence), upper_bound(recall, confidence)
    above, below = p_at_most(recall, value), p_at_least(recall, value)
    assert low is not None
    assert high is not None
    assert above is not None
    assert below is not None

    if abs(low - value) > 1e-9:
        assert (low > value) == (above < 1 - confidence)
    if abs(high - value) > 1e-9:
        assert (high < value) == (below < 1 - confidence)


@pytest.mark.parametrize("n", [1, 5, 20, 50])
def test_a_bound_errs_at_no_true_recall_more_often_than_it_may(n: int) -> None:
    bounds = np.array([lower_bound(Proportion(k=k, n=n)) for k in range(n + 1)], dtype=float)

    for true in np.linspace(0.005, 0.995, 199):
        chances = binom.pmf(np.arange(n + 1), n, true)
        assert chances[bounds > true].sum() <= 0.05 + 1e-12


@settings(deadline=None)
@given(recalls, st.floats(0.0, 1.0), st.floats(0.5, 0.999))
def test_hits_and_misses_are_mirrored(recall: Proportion, value: float, confidence: float) -> None:
    misses = Proportion(k=recall.n - recall.k, n=recall.n)
    high = upper_bound(recall, confidence)
    assert high is not None

    assert lower_bound(misses, confidence) == pytest.approx(1 - high, abs=1e-12)
    assert p_at_most(misses, 1 - value) == pytest.approx(p_at_least(recall, value), abs=1e-12)


def test_no_data_prove_nothing() -> None:
    assert lower_bound(NOTHING) is None
    assert upper_bound(NOTHING) is None
    assert exact_interval(NOTHING) is None
    assert p_at_most(NOTHING, 0.5) is None
    assert p_at_least(NOTHING, 0.5) is None


@pytest.mark.parametrize("confidence", [0.0, 1.0, 95.0, float("nan")])
@pytest.mark.parametrize("bound", [lower_bound, upper_bound, exact_interval])
def test_a_confidence_outside_0_and_1_is_refused(
    bound: Callable[[Proportion, float], object], confidence: float
) -> None:
    with pytest.raises(ValueError, match=r"confidence must be in \(0, 1\), got"):
        bound(NOTHING, confidence)


@pytest.mark.parametrize("value", [-0.1, 1.1, float("nan")])
@pytest.mark.parametrize("test", [p_at_most, p_at_least])
def test_a_recall_outside_0_and_1_is_refused(
    test: Callable[[Proportion, float], object], value: float
) -> None:
    with pytest.raises(ValueError, match=r"value must be in \[0, 1\], got"):
        test(NOTHING, value)
