"""A share of another recall is proven no more often than it may, at no true recall."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom
from statsmodels.stats.proportion import test_proportions_2indep as two_proportions

from recallbench.stats.recall_ratio import p_at_most_share, ratio_scores


def tables(n: int, base_n: int, share: float) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    hits, base_hits = np.meshgrid(np.arange(n + 1.0), np.arange(base_n + 1.0), indexing="ij")
    scored = ratio_scores(hits, n, base_hits, base_n, share)
    return scored.reshape(n + 1, base_n + 1)


@pytest.mark.parametrize(
    ("hits", "n", "base_hits", "base_n"), [(15, 20, 18, 20), (30, 50, 45, 50), (3, 10, 9, 12)]
)
def test_the_score_is_that_of_statsmodels(hits: int, n: int, base_hits: int, base_n: int) -> None:
    expected = two_proportions(
        hits, n, base_hits, base_n, value=0.85, compare="ratio", method="score", correction=False
    )

    found = ratio_scores(np.array(float(hits)), n, np.array(float(base_hits)), base_n, 0.85)

    assert float(found) == pytest.approx(expected.statistic)


@pytest.mark.parametrize("share", [0.3, 0.85, 1.0])
@pytest.mark.parametrize(("n", "base_n"), [(5, 5), (12, 7)])
def test_the_score_grows_with_hits_and_falls_with_the_bases(
    n: int, base_n: int, share: float
) -> None:
    """What lets the true ratio at the edge of the hypothesis stand for all below it."""
    scored = tables(n, base_n, share)

    assert np.isfinite(scored).all()
    assert (np.diff(scored, axis=0) >= -1e-9).all()
    assert (np.diff(scored, axis=1) <= 1e-9).all()


@pytest.mark.parametrize("share", [0.5, 0.85, 1.0])
@pytest.mark.parametrize(("n", "base_n"), [(8, 8), (6, 11)])
def test_no_true_recall_is_called_proven_too_often(n: int, base_n: int, share: float) -> None:
    p_values = np.array(
        [
            [
                p_at_most_share(hits=k, n=n, base_hits=b, base_n=base_n, share=share)
                for b in range(base_n + 1)
            ]
            for k in range(n + 1)
        ]
    )
    for base in np.linspace(0.0, 1.0, 201):
        chances = np.outer(
            binom.pmf(np.arange(n + 1), n, share * base),
            binom.pmf(np.arange(base_n + 1), base_n, base),
        )
        for level in (0.01, 0.05, 0.1):
            assert chances[p_values <= level].sum() <= level + 1e-9


def test_statsmodels_normal_tail_would_err_too_often() -> None:
    """Why the tail is exact: 6.2% instead of 5% at 20 trials each."""
    scored = tables(20, 20, 0.85)
    sizes = [
        np.outer(binom.pmf(range(21), 20, 0.85 * base), binom.pmf(range(21), 20, base))[
            scored >= 1.6449
        ].sum()
        for base in np.linspace(0.0, 1.0, 201)
    ]

    assert max(sizes) == pytest.approx(0.062, abs=0.001)


@pytest.mark.parametrize("n", [1, 5, 20])
def test_two_full_recalls_prove_by_how_many_trials_they_are(n: int) -> None:
    """The tail is the one table of all hits; its chance is largest where the base is sure."""
    p = p_at_most_share(hits=n, n=n, base_hits=n, base_n=n, share=0.85)

    assert p == pytest.approx(0.85**n)


def test_no_hits_at_all_prove_nothing() -> None:
    assert p_at_most_share(hits=0, n=20, base_hits=0, base_n=20, share=0.85) == pytest.approx(1.0)
    assert p_at_most_share(hits=0, n=20, base_hits=20, base_n=20, share=0.85) == pytest.approx(1.0)


@settings(deadline=None)
@given(st.integers(0, 30), st.integers(1, 30), st.sampled_from([0.5, 0.85, 1.0]))
def test_a_p_value_is_one_and_falls_with_hits(k: int, b: int, share: float) -> None:
    def p(hits: int) -> float:
        return p_at_most_share(hits=hits, n=30, base_hits=b, base_n=30, share=share)

    assert 0.0 <= p(k) <= 1.0
    assert k == 30 or p(k + 1) <= p(k) + 1e-9


def test_beyond_a_thousand_trials_the_tail_is_normal_and_close_to_the_exact() -> None:
    exact = p_at_most_share(hits=870, n=1000, base_hits=990, base_n=1000, share=0.85)
    normal = p_at_most_share(hits=870, n=1001, base_hits=990, base_n=1000, share=0.85)

    expected = two_proportions(
        870,
        1001,
        990,
        1000,
        value=0.85,
        compare="ratio",
        method="score",
        correction=False,
        alternative="larger",
    )
    assert normal == pytest.approx(expected.pvalue)
    assert exact == pytest.approx(normal, rel=0.15)


@pytest.mark.parametrize("share", [0.0, -1.0, 1.5, float("nan")])
def test_a_share_outside_0_and_1_is_refused(share: float) -> None:
    with pytest.raises(ValueError, match=r"share must be in \(0, 1\], got"):
        p_at_most_share(hits=1, n=2, base_hits=1, base_n=2, share=share)
