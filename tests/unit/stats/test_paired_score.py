"""Tango's score is what he published, and its exact tail errs no more often than it may."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.stats import multinomial, norm

from recallbench.stats.paired_score import p_of_score, score, score_interval, scores

pairs = st.integers(1, 400).flatmap(
    lambda n: st.integers(0, n).flatmap(
        lambda plus: st.tuples(st.just(plus), st.integers(0, n - plus), st.just(n))
    )
)


def tables(n: int) -> NDArray[np.float64]:
    """Shape (n_tables, 3): plus, minus and agreeing pairs."""
    rows = [(p, m, n - p - m) for p in range(n + 1) for m in range(n + 1 - p)]
    return np.array(rows, dtype=np.float64)


def test_tangos_example_is_met() -> None:
    """Tango 1998: two disinfections of contact lenses, 44 pairs, 1 of them lost."""
    assert score(0, 1, 44, -0.1) == pytest.approx(1.709, abs=5e-4)
    assert norm.sf(score(0, 1, 44, -0.1)) == pytest.approx(0.044, abs=5e-4)
    assert score_interval(0, 1, 44, 0.90) == pytest.approx((-0.096, 0.037), abs=5e-4)


def test_the_example_of_fagerland_lydersen_and_laake_is_met() -> None:
    """Statist. Med. 33 (2014) 2850-2875: airway hyper-responsiveness, 21 pairs."""
    assert score_interval(1, 7, 21, 0.95) == pytest.approx((-0.517, -0.026), abs=5e-4)


@settings(deadline=None)
@given(pairs, st.floats(-0.95, 0.95))
def test_the_score_rests_on_the_likeliest_shares(
    counts: tuple[int, int, int], difference: float
) -> None:
    plus, minus, n = counts
    low, high = max(0.0, -difference), (1.0 - difference) / 2.0

    def unlikeliness(share: float) -> float:
        logs = np.log([share + difference, share, 1.0 - 2.0 * share - difference])
        return -float(np.array([plus, minus, n - plus - minus]) @ logs)

    share = minimize_scalar(
        unlikeliness, bounds=(low, high), method="bounded", options={"xatol": 1e-11}
    ).x
    variance = n * (2 * share + difference - difference**2)
    expected = (plus - minus - n * difference) / variance**0.5

    assert score(plus, minus, n, difference) == pytest.approx(expected, rel=5e-3, abs=1e-3)


@pytest.mark.parametrize("difference", [-0.999, -0.3, -0.05, 0.0, 0.1, 0.5, 0.999])
@pytest.mark.parametrize("n", [1, 2, 13])
def test_the_score_grows_with_plus_and_falls_with_minus(n: int, difference: float) -> None:
    """What lets the difference at the edge of the hypothesis stand for all below it."""
    found = {(p, m): score(p, m, n, difference) for p in range(n + 1) for m in range(n + 1 - p)}

    assert not any(np.isnan(value) for value in found.values())
    for (p, m), value in found.items():
        assert found.get((p + 1, m), np.inf) >= value - 1e-9
        assert found.get((p, m + 1), -np.inf) <= value + 1e-9


@pytest.mark.parametrize("difference", [-1.0, 1.0])
def test_a_difference_of_all_pairs_leaves_one_table_possible(difference: float) -> None:
    n = 4
    possible = (n, 0) if difference > 0 else (0, n)

    assert score(*possible, n, difference) == 0.0
    assert score(1, 1, n, difference) == -np.copysign(np.inf, difference)


def test_without_discordant_pairs_the_score_against_no_difference_is_0() -> None:
    assert score(0, 0, 50, 0.0) == 0.0


@settings(deadline=None)
@given(pairs, st.floats(0.5, 0.999))
def test_an_interval_is_where_the_score_is_critical_and_has_a_width(
    counts: tuple[int, int, int], confidence: float
) -> None:
    plus, minus, n = counts
    low, high = score_interval(plus, minus, n, confidence)
    critical = norm.ppf((1 + confidence) / 2)

    assert -1.0 <= low <= (plus - minus) / n <= high <= 1.0
    assert high - low > 1e-3
    for end, sign in ((low, 1.0), (high, -1.0)):
        if abs(end) < 1.0:
            assert score(plus, minus, n, end) == pytest.approx(sign * critical, abs=1e-4)


@settings(deadline=None)
@given(pairs, st.floats(-0.99, 0.99))
def test_plus_and_minus_are_mirrored(counts: tuple[int, int, int], difference: float) -> None:
    plus, minus, n = counts

    assert score(plus, minus, n, difference) == pytest.approx(
        -score(minus, plus, n, -difference), rel=1e-6, abs=1e-6
    )


@pytest.mark.parametrize("difference", [-0.3, -0.05, 0.0, 0.1])
@pytest.mark.parametrize("n", [6, 20])
def test_a_p_value_is_the_largest_tail_over_the_shares_of_discordant_pairs(
    n: int, difference: float
) -> None:
    """Summed over all tables, on another grid, by scipy's multinomial."""
    every = tables(n)
    scored = scores(every[:, 0], every[:, 1], n, difference)
    low, high = max(0.0, -difference), (1.0 - difference) / 2.0
    # A grid cannot reach the share itself that no plus pair or no agreeing one is left at.
    shares = np.linspace(low + 1e-9, high - 1e-9, 1001)
    chances = np.array(
        [multinomial.pmf(every, n, [q + difference, q, 1 - 2 * q - difference]) for q in shares]
    )

    for observed in np.unique(scored.round(6))[::6]:
        largest = chances[:, scored >= observed - 1e-5].sum(axis=1).max()
        found = p_of_score(float(observed) - 1e-5, n, difference)
        assert found == pytest.approx(largest, rel=1e-4)


@pytest.mark.parametrize("n", [20, 50, 100, 300])
@pytest.mark.parametrize("margin", [0.02, 0.05, 0.1])
def test_a_difference_at_the_margin_is_called_non_inferior_in_at_most_5_percent(
    n: int, margin: float
) -> None:
    """By exact enumeration of all tables at 60 shares of discordant pairs."""
    every = tables(n)
    scored = scores(every[:, 0], every[:, 1], n, -margin)
    levels = np.unique(scored.round(8))
    levels = levels[np.isfinite(levels)]
    low, high = 0, len(levels) - 1
    while low < high:
        middle = (low + high) // 2
        if p_of_score(float(levels[middle]) - 1e-8, n, -margin) <= 0.05:
            high = middle
        else:
            low = middle + 1
    tail = every[scored >= levels[low] - 1e-8]

    for share in np.linspace(margin, (1 + margin) / 2, 62)[1:-1]:
        chances = multinomial.pmf(tail, n, [share - margin, share, 1 - 2 * share + margin])
        assert chances.sum() <= 0.05 + 1e-9


def test_beyond_a_thousand_pairs_the_tail_is_normal_and_close_to_the_exact() -> None:
    exact = p_of_score(score(8, 20, 1000, -0.025), 1000, -0.025)
    normal = p_of_score(score(8, 20, 1001, -0.025), 1001, -0.025)

    assert normal == norm.sf(score(8, 20, 1001, -0.025))
    assert exact == pytest.approx(normal, rel=0.25)
