"""Pairs say how far the second variant may be from the first, and prove no more than they can."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import multinomial
from statsmodels.stats.contingency_tables import mcnemar

from recallbench.stats.paired import PairedCounts

Method = Callable[[PairedCounts, float], float | None]
METHODS: tuple[Method, ...] = (
    PairedCounts.p_inferior_by,
    PairedCounts.p_not_inferior_by,
    PairedCounts.p_superior_by,
)
NOTHING = PairedCounts(both=0, lost=0, gained=0, neither=0)
AIRWAYS = PairedCounts(both=1, lost=1, gained=7, neither=12)
"""Fagerland, Lydersen and Laake, BMC Med. Res. Methodol. 13 (2013) 91, table 2."""
APPROVAL = PairedCounts(both=794, lost=86, gained=150, neither=570)
"""Approval of the Prime Minister, twice asked; Agresti, and statsmodels' documentation."""

tables = st.builds(
    PairedCounts,
    both=st.integers(0, 60),
    lost=st.integers(0, 20),
    gained=st.integers(0, 20),
    neither=st.integers(0, 20),
).filter(lambda table: table.n > 0)


def swapped(table: PairedCounts) -> PairedCounts:
    return PairedCounts(
        both=table.both, lost=table.gained, gained=table.lost, neither=table.neither
    )


def test_a_difference_is_gains_less_losses_over_all_pairs() -> None:
    assert APPROVAL.n == 1600
    assert APPROVAL.difference == pytest.approx(0.04)
    assert PairedCounts(both=0, lost=3, gained=0, neither=0).difference == -1.0


def test_mcnemars_published_examples_are_met() -> None:
    assert AIRWAYS.mcnemar_p == pytest.approx(0.0703, abs=5e-5)
    assert APPROVAL.mcnemar_p == pytest.approx(3.716e-5, rel=1e-3)


@settings(deadline=None)
@given(tables)
def test_mcnemars_p_is_that_of_statsmodels(table: PairedCounts) -> None:
    square = [[table.both, table.lost], [table.gained, table.neither]]
    expected = mcnemar(square, exact=True).pvalue if table.lost + table.gained else 1.0

    assert table.mcnemar_p == pytest.approx(expected)


def test_the_published_exact_unconditional_test_is_met() -> None:
    """Two-sided 0.0353 there; without a margin it is twice the one-sided."""
    assert AIRWAYS.p_inferior_by(0.0) == pytest.approx(0.0353 / 2, abs=5e-5)
    assert swapped(AIRWAYS).p_not_inferior_by(0.0) == pytest.approx(0.0353 / 2, abs=5e-5)


def test_the_approval_ratings_rose() -> None:
    assert APPROVAL.interval() == pytest.approx((0.0214, 0.0590), abs=5e-5)


@pytest.mark.parametrize("n", [1, 5, 50, 500])
def test_pairs_that_all_agree_have_an_interval_of_some_width(n: int) -> None:
    interval = PairedCounts(both=n, lost=0, gained=0, neither=0).interval()

    # Of Wilson's form: the score of 0 of n against a share.
    end = 1.959964**2 / (n + 1.959964**2)
    assert interval == pytest.approx((-end, end), abs=1e-6)


@pytest.mark.parametrize("n", [1, 20, 100])
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("margin", [0.0, 0.05])
def test_pairs_that_all_agree_have_p_values(method: Method, n: int, margin: float) -> None:
    p = method(PairedCounts(both=n, lost=0, gained=0, neither=0), margin)

    assert p is not None
    assert 0.0 < p <= 1.0
    assert margin or p == 1.0


def test_pairs_that_all_agree_prove_non_inferiority_when_there_are_enough() -> None:
    few = PairedCounts(both=40, lost=0, gained=0, neither=0).p_inferior_by(0.05)
    many = PairedCounts(both=100, lost=0, gained=0, neither=0).p_inferior_by(0.05)

    assert few is not None
    assert many is not None
    assert many < 0.05 < few
    # All agree at the margin with a chance of 0.95^n at most.
    assert many >= 0.95**100 - 1e-12


def test_what_is_lost_proves_inferiority_and_not_the_opposite() -> None:
    table = PairedCounts(both=70, lost=25, gained=0, neither=5)
    worse, not_worse = table.p_not_inferior_by(0.05), table.p_inferior_by(0.05)

    assert worse is not None
    assert not_worse is not None
    assert worse < 1e-4
    assert not_worse > 0.999


@pytest.mark.parametrize("margin", [0.05, 0.1, 0.3])
@pytest.mark.parametrize("at", ["inferior", "not inferior", "superior"])
def test_no_hypothesis_that_holds_is_refuted_in_more_than_5_percent(margin: float, at: str) -> None:
    """By the p-values of all tables of 14 pairs, at the edge of each hypothesis."""
    n = 14
    difference = margin if at == "superior" else -margin
    method = METHODS[("inferior", "not inferior", "superior").index(at)]
    every = [(g, x, n - g - x) for g in range(n + 1) for x in range(n + 1 - g)]
    p_values = [
        method(PairedCounts(both=rest, lost=x, gained=g, neither=0), margin) for g, x, rest in every
    ]
    refuted = np.array([p is not None and p <= 0.05 for p in p_values])

    for lost in np.linspace(max(0.0, -difference), (1 - difference) / 2, 102)[1:-1]:
        chances = multinomial.pmf(every, n, [lost + difference, lost, 1 - 2 * lost - difference])
        assert chances[refuted].sum() <= 0.05 + 1e-9


@settings(deadline=None)
@given(tables, st.floats(0.0, 0.5))
def test_better_by_a_margin_is_worse_by_it_with_the_variants_swapped(
    table: PairedCounts, margin: float
) -> None:
    assert table.p_superior_by(margin) == swapped(table).p_inferior_by(margin)


@settings(deadline=None)
@given(tables, st.floats(0.0, 0.3))
def test_a_difference_and_its_opposite_are_never_both_proven(
    table: PairedCounts, margin: float
) -> None:
    worse, not_worse = table.p_not_inferior_by(margin), table.p_inferior_by(margin)

    assert worse is not None
    assert not_worse is not None
    assert max(worse, not_worse) > 0.4


def test_no_pairs_have_no_answers() -> None:
    answers = NOTHING.difference, NOTHING.mcnemar_p, NOTHING.interval()

    assert set(answers) == {None}
    assert [method(NOTHING, 0.05) for method in METHODS] == [None] * 3


@pytest.mark.parametrize("name", ["both", "lost", "gained", "neither"])
def test_a_negative_count_is_refused(name: str) -> None:
    counts = {"both": 1, "lost": 1, "gained": 1, "neither": 1} | {name: -1}

    with pytest.raises(ValueError, match=f"{name} must be 0 or more, got -1"):
        PairedCounts(**counts)


@pytest.mark.parametrize("margin", [-0.1, 1.0, float("nan")])
@pytest.mark.parametrize("method", METHODS)
def test_a_margin_outside_0_and_1_is_refused(method: Method, margin: float) -> None:
    with pytest.raises(ValueError, match=r"margin must be in \[0, 1\), got"):
        method(NOTHING, margin)


def test_a_confidence_outside_0_and_1_is_refused() -> None:
    with pytest.raises(ValueError, match="confidence must be in"):
        APPROVAL.interval(95.0)
