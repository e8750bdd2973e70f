"""The number of pairs told is the one with which the test really passes."""

from __future__ import annotations

from math import isclose

import pytest

from recallbench.reports.pairs_needed import pairs_without_loss
from recallbench.stats.paired import PairedCounts


@pytest.mark.parametrize(
    ("margin", "confidence", "pairs"), [(0.05, 0.95, 59), (0.1, 0.95, 29), (0.02, 0.95, 149)]
)
def test_without_a_loss_it_takes_the_pairs_of_a_binomial(
    margin: float, confidence: float, pairs: int
) -> None:
    assert pairs_without_loss(margin, confidence) == pairs
    assert (1 - margin) ** pairs <= 1 - confidence < (1 - margin) ** (pairs - 1)


@pytest.mark.parametrize(("margin", "confidence"), [(0.05, 0.95), (0.05, 0.99), (0.3, 0.95)])
def test_these_pairs_pass_and_one_fewer_do_not(margin: float, confidence: float) -> None:
    n = pairs_without_loss(margin, confidence)

    assert n is not None
    p, p_before = (
        PairedCounts(both=pairs, lost=0, gained=0, neither=0).p_inferior_by(margin)
        for pairs in (n, n - 1)
    )
    assert p is not None
    assert p_before is not None
    assert p <= 1 - confidence < p_before


def test_where_gains_may_hide_losses_it_takes_more_than_the_binomial_says() -> None:
    assert isclose(0.95**90, 0.00989, abs_tol=1e-5)
    assert (pairs_without_loss(0.05, 0.99) or 0) > 90


@pytest.mark.parametrize(
    ("margin", "confidence", "said"), [(0.0, 0.95, "margin"), (0.05, 1.0, "confidence")]
)
def test_what_no_number_settles_is_refused(margin: float, confidence: float, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        pairs_without_loss(margin, confidence)
