"""Recall over all lengths is one number, and its interval is as wide as its trials are few."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recallbench.stats.clusters import Clusters
from recallbench.stats.curve import recall_area
from recallbench.stats.proportion import Proportion

curves = st.lists(
    st.tuples(
        st.integers(1, 10**6),
        st.integers(1, 60).flatmap(
            lambda n: st.builds(Proportion, k=st.integers(0, n), n=st.just(n))
        ),
    ),
    min_size=1,
    max_size=8,
    unique_by=lambda pair: pair[0],
)


def test_one_length_is_its_recall() -> None:
    recall = Proportion(k=81, n=263)
    area = recall_area([(8000, recall)])

    assert area is not None
    assert area.value == recall.value
    assert area.interval == pytest.approx(recall.interval())
    assert area.n == 263


def test_a_doubling_is_one_step() -> None:
    """Worked by hand: trapezoids of 0.9 and 0.6 over one step, and of 0.3 over two."""
    lengths = [(1000, (10, 10)), (2000, (8, 10)), (4000, (4, 10)), (16000, (2, 10))]
    area = recall_area([(length, Proportion(k=k, n=n)) for length, (k, n) in lengths])

    assert area is not None
    assert area.value == pytest.approx((0.9 + 0.6 + 2 * 0.3) / 4)
    assert area.n == 40


@settings(deadline=None)
@given(curves)
def test_the_area_is_numpys_trapezoid(curve: list[tuple[int, Proportion]]) -> None:
    area = recall_area(curve)
    assert area is not None
    if len(curve) > 1:
        ordered = sorted(curve, key=lambda pair: pair[0])
        x = np.log2([length for length, _ in ordered])
        y = np.array([recall.k / recall.n for _, recall in ordered])
        expected = float(((y[1:] + y[:-1]) / 2 * np.diff(x)).sum() / (x[-1] - x[0]))
        assert area.value == pytest.approx(expected, abs=1e-9)


@settings(deadline=None)
@given(curves)
def test_the_interval_holds_the_value_within_0_and_1_and_has_a_width(
    curve: list[tuple[int, Proportion]],
) -> None:
    area = recall_area(curve)

    assert area is not None
    assert 0.0 <= area.interval.low <= area.value <= area.interval.high <= 1.0
    assert area.interval.low < area.interval.high


def test_the_interval_is_zou_and_donners_sum_of_wilsons_distances() -> None:
    """Two lengths count by half: each distance is the root of the halves' squares."""
    first, second = Proportion(k=9, n=10), Proportion(k=5, n=20)
    # Newcombe 1998's method 3 is held to its published examples in test_proportion.
    (low1, high1), (low2, high2) = (0.59584996, 0.98212428), (0.11186165, 0.46870079)
    area = recall_area([(1000, first), (2000, second)])

    assert area is not None
    below = ((0.9 - low1) ** 2 + (0.25 - low2) ** 2) ** 0.5 / 2
    above = ((high1 - 0.9) ** 2 + (high2 - 0.25) ** 2) ** 0.5 / 2
    assert area.interval == pytest.approx((0.575 - below, 0.575 + above))


def test_lengths_may_come_in_any_order() -> None:
    curve = [(1000, Proportion(k=9, n=10)), (4000, Proportion(k=5, n=20))]

    assert recall_area(curve) == recall_area(curve[::-1])


def test_a_length_without_data_leaves_no_area() -> None:
    assert recall_area([(1000, Proportion(k=9, n=10)), (2000, Proportion(k=0, n=0))]) is None
    assert recall_area([]) is None


def test_lengths_that_cannot_be_are_refused() -> None:
    recall = Proportion(k=1, n=2)

    with pytest.raises(ValueError, match="a length must be above 0, got 0"):
        recall_area([(0, recall), (1000, recall)])
    with pytest.raises(ValueError, match=r"a length must stand once, got \[1000, 1000\]"):
        recall_area([(1000, recall), (1000, recall)])


@pytest.mark.parametrize("number", range(1, 12))
def test_all_hits_are_1_and_not_a_rounding_below_it(number: int) -> None:
    lengths = [(2**step, Proportion(k=200, n=200)) for step in range(9, 9 + number)]

    area = recall_area(lengths)

    assert area is not None
    assert area.value == 1.0


def test_lengths_of_shared_haystacks_may_all_err_alike() -> None:
    """With a correlation of 1 the distances to the limits add up, each by its length's weight."""
    found = [(1000, Proportion(k=18, n=20)), (2000, Proportion(k=10, n=20))]
    apart, alike = recall_area(found), recall_area(found, is_shared=True)

    assert apart is not None
    assert alike is not None
    assert alike.value == apart.value
    (_, one), (_, two) = found
    ends = one.interval(), two.interval()
    assert None not in ends
    assert alike.interval == pytest.approx([(a + b) / 2 for a, b in zip(*ends, strict=True)])  # type: ignore[arg-type]  # just asserted
    assert alike.interval.low < apart.interval.low
    assert alike.interval.high > apart.interval.high


def test_haystacks_widen_the_interval_and_leave_the_value() -> None:
    trials = recall_area([(1000, Proportion(k=40, n=50))])
    haystacks = recall_area([(1000, Clusters(hits=(10, 10, 10, 10, 0), trials=(10,) * 5))])

    assert trials is not None
    assert haystacks is not None
    assert (haystacks.value, haystacks.n) == (trials.value, trials.n)
    assert haystacks.interval.low < trials.interval.low
