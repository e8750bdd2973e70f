"""A proportion keeps its trials, and its interval is Wilson's."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recallbench.stats.proportion import Interval, Proportion

counts = st.integers(1, 2000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def test_no_trials_have_no_value_and_no_interval() -> None:
    nothing = Proportion(k=0, n=0)

    assert nothing.value is None
    assert nothing.interval() is None


@pytest.mark.parametrize(("k", "n", "value"), [(0, 5, 0.0), (3, 4, 0.75), (7, 7, 1.0)])
def test_the_value_is_hits_over_trials(k: int, n: int, value: float) -> None:
    assert Proportion(k=k, n=n).value == value


@pytest.mark.parametrize(
    ("k", "n", "low", "high"),
    [
        # Newcombe 1998, table I, method 3.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
        # All hits: no trial count makes a miss impossible.
        (1, 1, 0.2065, 1.0),
        (5, 5, 0.5655, 1.0),
        (10, 10, 0.7225, 1.0),
        (100, 100, 0.9630, 1.0),
    ],
)
def test_published_intervals_are_met(k: int, n: int, low: float, high: float) -> None:
    assert Proportion(k=k, n=n).interval() == pytest.approx((low, high), abs=5e-5)


def test_more_confidence_is_wider() -> None:
    assert Proportion(k=9, n=10).interval(0.99) == pytest.approx((0.4928, 0.9881), abs=5e-5)
    assert Proportion(k=9, n=10).interval(0.95) == pytest.approx((0.5958, 0.9821), abs=5e-5)


@given(counts, st.floats(0.5, 0.999))
def test_an_interval_holds_its_value_within_0_and_1_and_has_a_width(
    count: tuple[int, int], confidence: float
) -> None:
    k, n = count

    interval = Proportion(k=k, n=n).interval(confidence)

    assert interval is not None
    assert 0.0 <= interval.low <= k / n <= interval.high <= 1.0
    assert interval.low < interval.high
    assert (interval.low == 0.0) == (k == 0)
    assert (interval.high == 1.0) == (k == n)


def test_an_interval_is_of_plain_floats() -> None:
    interval = Proportion(k=1, n=2).interval()

    assert isinstance(interval, Interval)
    assert [float, float] == [type(end) for end in interval]


@pytest.mark.parametrize(("k", "n"), [(-1, 5), (6, 5), (1, 0), (0, -1)])
def test_impossible_counts_are_refused(k: int, n: int) -> None:
    with pytest.raises(ValueError, match=rf"got k={k}, n={n}"):
        Proportion(k=k, n=n)


@pytest.mark.parametrize("confidence", [0.0, 1.0, 95.0, -0.5, float("nan")])
def test_a_confidence_outside_0_and_1_is_refused(confidence: float) -> None:
    with pytest.raises(ValueError, match="confidence must be in"):
        Proportion(k=1, n=2).interval(confidence)


def test_importing_stats_does_not_import_scipy() -> None:
    program = "import sys, recallbench.stats; print('scipy' in sys.modules)"

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)

    assert done.stdout == b"False\n"
