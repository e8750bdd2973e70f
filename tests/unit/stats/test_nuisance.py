"""The largest tail over an unknown share is found, and tails of binomials are what they are."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import binom

from recallbench.stats.nuisance import (
    binomial_tails,
    binomial_weights,
    first_in_tail,
    largest_tail,
)

Floats = NDArray[np.float64]


@settings(deadline=None)
@given(st.integers(1, 400), st.floats(0.0, 1.0))
def test_a_binomials_largest_probability_is_found(n: int, part: float) -> None:
    """P(X = k) is largest at k / n, and falls as fast as any tail does."""
    k = round(n * part)

    def chance(shares: Floats) -> Floats:
        return np.asarray(binom.pmf(k, n, shares))

    assert largest_tail(chance, 0.0, 1.0) == pytest.approx(binom.pmf(k, n, k / n), rel=1e-5)


def test_a_largest_tail_at_an_end_is_found() -> None:
    assert largest_tail(lambda shares: shares, 0.2, 0.7) == pytest.approx(0.7)
    assert largest_tail(lambda shares: 1.0 - shares, 0.2, 0.7) == pytest.approx(0.8)


@settings(deadline=None)
@given(st.integers(1, 300), st.lists(st.floats(1e-9, 1.0), min_size=1, max_size=5))
def test_weights_are_scipys_binomial(n: int, shares: list[float]) -> None:
    expected = binom.pmf(np.arange(n + 1)[None, :], n, np.array(shares)[:, None])

    assert binomial_weights(n, np.array(shares)) == pytest.approx(expected, abs=1e-11)


@settings(deadline=None)
@given(st.integers(0, 50), st.integers(-2, 60), st.floats(0.0, 1.0))
def test_tails_are_scipys_binomial(trials: int, fewest: int, share: float) -> None:
    found = binomial_tails(np.array([float(fewest)]), np.array([float(trials)]), np.array([share]))

    assert found[0] == pytest.approx(binom.sf(fewest - 1, trials, share), abs=1e-12)


def test_the_first_in_a_tail_is_the_fewest_hits_that_reach_it() -> None:
    most = np.array([0.0, 4.0, 5.0, 100.0])

    first = first_in_tail(lambda hits: hits, 5.0, most)

    assert first.tolist() == [1.0, 5.0, 5.0, 5.0]
    assert first_in_tail(lambda hits: hits, -1.0, most).tolist() == [0.0] * 4
