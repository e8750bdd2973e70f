"""The tests are those of the textbooks, and correct for what they do not compare."""

from __future__ import annotations

from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import fisher_exact

from recallbench.diagnosis.exact import (
    Stratum,
    at_least,
    at_most,
    fewer_hits,
    lack_of_hits,
    needed_on_each_side,
    rises,
)
from recallbench.stats import Proportion


def stratum(suspect: tuple[int, int], other: tuple[int, int]) -> Stratum:
    return Stratum(
        suspect=Proportion(k=suspect[0], n=suspect[1]), other=Proportion(k=other[0], n=other[1])
    )


@st.composite
def strata(draw: st.DrawFn) -> Stratum:
    sides = []
    for _ in range(2):
        n = draw(st.integers(1, 12))
        sides.append((draw(st.integers(0, n)), n))
    return stratum(*sides)


@given(strata())
def test_with_one_stratum_it_is_fishers_exact_test(table: Stratum) -> None:
    suspect, other = table
    expected = fisher_exact(
        [[suspect.k, suspect.n - suspect.k], [other.k, other.n - other.k]], alternative="less"
    ).pvalue

    assert fewer_hits([table]) == pytest.approx(expected)


def test_strata_add_up_by_counting_all_ways_to_draw() -> None:
    """Two strata of 2 hits in 4, 2 suspects each: no hit among 4 suspects is 1/6 x 1/6."""
    table = stratum((0, 2), (2, 2))

    assert fewer_hits([table, table]) == pytest.approx(1 / comb(4, 2) ** 2)


def test_a_difference_between_strata_is_none_between_sides() -> None:
    """Simpson's paradox: pooled 15 of 60 against 45 of 60, and no difference in either stratum."""
    apart = [stratum((5, 50), (1, 10)), stratum((10, 10), (50, 50))]
    pooled = [stratum((15, 60), (51, 60))]

    assert fewer_hits(apart) > 0.5
    assert fewer_hits(pooled) < 1e-9
    assert lack_of_hits(apart) == pytest.approx(0.0)
    assert lack_of_hits(pooled) > 6


@pytest.mark.parametrize(
    "table", [stratum((0, 5), (0, 5)), stratum((5, 5), (5, 5)), stratum((0, 0), (3, 5))]
)
def test_strata_without_both_sides_and_both_outcomes_tell_nothing(table: Stratum) -> None:
    assert not table.is_telling
    assert fewer_hits([table]) == 1.0
    assert lack_of_hits([table]) == 0.0


def test_more_hits_on_the_suspect_side_are_no_lack() -> None:
    assert fewer_hits([stratum((9, 10), (1, 10))]) > 0.99
    assert lack_of_hits([stratum((9, 10), (1, 10))]) < -3


def test_misses_at_greater_lengths_rise() -> None:
    assert rises([1] * 9 + [2], [2] * 9 + [1]) < 0.001
    assert rises([2] * 9 + [1], [1] * 9 + [2]) > 0.99


def test_binomial_tests_look_to_their_side() -> None:
    assert at_least(Proportion(k=5, n=5), 0.5) == pytest.approx(1 / 32)
    assert at_most(Proportion(k=0, n=5), 0.5) == pytest.approx(1 / 32)
    assert at_most(Proportion(k=5, n=5), 0.5) == pytest.approx(1.0)


def test_trials_needed_are_the_fewest_that_tell() -> None:
    needed = needed_on_each_side(0.001)

    assert fewer_hits([stratum((round(0.3 * needed), needed), (round(0.9 * needed), needed))]) <= (
        0.001
    )
    assert 10 <= needed <= 20
    assert needed_on_each_side(0.00001) > needed
