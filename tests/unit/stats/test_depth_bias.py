"""A depth that recalls worse is told apart from chance, with few trials as with many."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2_contingency, fisher_exact
from statsmodels.stats.contingency_tables import Table

from recallbench.stats.depth_bias import DepthBias, depth_bias, depth_bias_within
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


def within(*haystacks: tuple[int, ...], n: int = 1) -> DepthBias:
    """Hits of each haystack at the first depths, of ``n`` trials each."""
    found = depth_bias_within(
        [
            (number, depth, Proportion(k=k, n=n))
            for number, hits in enumerate(haystacks)
            for depth, k in zip(DEPTHS, hits, strict=False)
        ]
    )
    assert found is not None
    return found


def test_a_depth_that_every_haystack_misses_is_found_with_few_haystacks() -> None:
    found = within(*[(1, 1, 0, 1, 1)] * 5)

    assert found.heterogeneity_p < 0.01
    assert (found.n, found.haystacks) == (25, 5)
    assert (found.spread, found.worst_depth) == (1.0, 0.5)


def test_an_easy_and_a_hard_haystack_are_no_difference_of_depths() -> None:
    found = within((9, 9, 9, 9, 9), (0, 0, 0, 0, 0), n=9)

    assert (found.trend_p, found.heterogeneity_p) == (1.0, 1.0)


def test_one_haystacks_trials_at_one_depth_are_one_answer() -> None:
    """Deals of whole trials would call 20 misses at one depth of one haystack a sure finding."""
    found = within((20, 20, 0, 20, 20), n=20)

    assert found.heterogeneity_p > 0.5
    assert bias(20, 20, 0, 20, 20, n=20).heterogeneity_p < 0.001


def test_within_two_haystacks_the_p_value_is_that_of_all_orders() -> None:
    """Two of two haystacks miss at one of four depths: the same one in a quarter of all deals."""
    found = within((1, 1, 1, 0), (1, 1, 1, 0))

    assert found.heterogeneity_p == pytest.approx(0.25, abs=0.02)
    assert found.trend_p == pytest.approx(2 / 16, abs=0.02), "both at one of the two ends"


def test_what_a_haystack_was_not_asked_is_dealt_as_nothing() -> None:
    cells = [(0, 0.0, Proportion(k=5, n=5)), (0, 1.0, Proportion(k=0, n=5))]
    more = [(1, 0.0, Proportion(k=5, n=5)), (1, 1.0, Proportion(k=0, n=0))]

    found = depth_bias_within([*cells, *more])

    assert found is not None
    assert (found.n, found.haystacks, found.spread) == (15, 2, 1.0)
    assert 0.0 < found.heterogeneity_p <= 1.0


def test_one_depth_within_haystacks_differs_from_nothing() -> None:
    assert depth_bias_within([(0, 0.5, Proportion(k=1, n=2))]) is None
    assert depth_bias_within([]) is None
    with pytest.raises(ValueError, match=r"a depth must be in \[0, 1\], got 2"):
        depth_bias_within([(0, 2.0, Proportion(k=1, n=2))])


def test_alike_answers_of_a_haystack_at_a_depth_are_found_no_more_often_than_by_chance() -> None:
    """Each place of 4 haystacks recalls all of 5 lengths or none, whatever the depth."""
    rng = np.random.default_rng(7)
    counted = {"within": 0, "trials": 0}
    for _ in range(200):
        hits = (rng.random((4, 5)) < 0.7) * 5
        rows = [tuple(int(k) for k in row) for row in hits]
        counted["within"] += within(*rows, n=5).heterogeneity_p <= 0.05
        counted["trials"] += bias(*(int(k) for k in hits.sum(0)), n=20).heterogeneity_p <= 0.05

    assert counted["within"] <= 20, "10 of 200 is 5%"
    assert counted["trials"] > 60
