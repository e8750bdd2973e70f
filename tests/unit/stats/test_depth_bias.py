"""A depth that recalls worse is told apart from chance, with few trials as with many."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2_contingency, fisher_exact
from statsmodels.stats.contingency_tables import Table

from recallbench.stats.depth_bias import DepthBias, depth_bias
from recallbench.stats.proportion import Proportion

DEPTHS = (0.0, 0.25, 0.5, 0.75, 1.0)


def bias(*hits: int, n: int = 40) -> DepthBias:
    found = depth_bias(
        [(depth, Proportion(k=k, n=n)) for depth, k in zip(DEPTHS, hits, strict=False)]
    )
    assert found is not None
    return found


def test_recall_that_falls_with_depth_has_a_slope_and_a_small_p_value() -> None:
    found = bias(40, 36, 32, 28, 24)

    assert found.n == 200
    assert found.slope == pytest.approx(-0.4)
    assert found.trend_p < 0.001
    assert found.spread == pytest.approx(0.4)
    assert (found.best_depth, found.worst_depth) == (0.0, 1.0)
    assert found.heterogeneity_p < 0.001


def test_recall_lost_in_the_middle_has_no_trend_and_is_still_found() -> None:
    found = bias(40, 30, 20, 30, 40)

    assert found.slope == pytest.approx(0.0, abs=1e-12)
    assert found.trend_p > 0.9
    assert found.heterogeneity_p < 0.001
    assert (found.spread, found.best_depth, found.worst_depth) == (0.5, 0.0, 0.5)


@pytest.mark.parametrize("k", [0, 40])
def test_without_any_difference_nothing_is_found(k: int) -> None:
    found = bias(k, k, k, k, k)

    assert (found.slope, found.spread) == (0.0, 0.0)
    assert (found.trend_p, found.heterogeneity_p) == (1.0, 1.0)


@pytest.mark.parametrize("hits", [(35, 33, 30, 31, 27), (20, 25, 18, 22, 24), (39, 38, 39, 33, 34)])
def test_p_values_are_near_those_of_large_samples(hits: tuple[int, ...]) -> None:
    table = np.array([[k, 40 - k] for k in hits]) * 5
    trend = Table(table).test_ordinal_association(
        row_scores=np.array(DEPTHS), col_scores=np.array([1.0, 0.0])
    )
    found = bias(*(k * 5 for k in hits), n=200)

    assert found.trend_p == pytest.approx(trend.pvalue, abs=0.02)
    assert found.heterogeneity_p == pytest.approx(chi2_contingency(table).pvalue, abs=0.02)


@pytest.mark.parametrize("hits", [(5, 1), (6, 3), (4, 4)])
def test_p_values_of_few_trials_are_near_the_exact(hits: tuple[int, int]) -> None:
    """With as many trials at two depths, both orders of tables are Fisher's."""
    exact = fisher_exact([[k, 6 - k] for k in hits]).pvalue
    found = bias(*hits, n=6)

    assert found.trend_p == pytest.approx(exact, abs=0.02)
    assert found.heterogeneity_p == pytest.approx(exact, abs=0.02)


def test_p_values_are_valid_where_chi_squared_is_not() -> None:
    """One miss in 5 depths of 3: every deal has one miss somewhere, so nothing is told."""
    found = bias(3, 3, 2, 3, 3, n=3)

    assert found.heterogeneity_p == 1.0


def test_equal_counts_have_equal_answers() -> None:
    assert bias(40, 36, 32, 28, 24) == bias(40, 36, 32, 28, 24)


def test_cells_of_one_depth_are_pooled_and_empty_ones_left_out() -> None:
    whole = [(0.0, Proportion(k=9, n=10)), (1.0, Proportion(k=4, n=10))]
    parts = [
        (1.0, Proportion(k=4, n=5)),
        (0.0, Proportion(k=9, n=10)),
        (0.5, Proportion(k=0, n=0)),
        (1.0, Proportion(k=0, n=5)),
    ]

    assert depth_bias(parts) == depth_bias(whole)


@pytest.mark.parametrize(
    "cells",
    [
        [],
        [(0.5, Proportion(k=3, n=5))],
        [(0.5, Proportion(k=3, n=5)), (0.5, Proportion(k=3, n=5))],
        [(0.5, Proportion(k=3, n=5)), (1.0, Proportion(k=0, n=0))],
    ],
)
def test_one_depth_with_data_has_no_bias(cells: list[tuple[float, Proportion]]) -> None:
    assert depth_bias(cells) is None


@settings(deadline=None)
@given(st.lists(st.integers(0, 20), min_size=2, max_size=5))
def test_p_values_are_above_0_and_at_most_1_and_the_mirrored_slope_is_opposite(
    hits: list[int],
) -> None:
    found = bias(*hits, n=20)
    misses = bias(*(20 - k for k in hits), n=20)

    assert 0.0 < found.trend_p <= 1.0
    assert 0.0 < found.heterogeneity_p <= 1.0
    assert misses.slope == pytest.approx(-found.slope)
    assert misses.spread == pytest.approx(found.spread)


@pytest.mark.parametrize("depth", [-0.1, 1.5, float("nan")])
def test_a_depth_outside_0_and_1_is_refused(depth: float) -> None:
    with pytest.raises(ValueError, match=r"a depth must be in \[0, 1\], got"):
        depth_bias([(depth, Proportion(k=1, n=2))])
