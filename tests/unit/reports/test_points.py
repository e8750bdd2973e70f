"""Differences are points with a sign, and nothing small is written as nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recallbench.reports.points import (
    equated_p,
    written_level,
    written_margin,
    written_p,
    written_points,
    written_points_interval,
)
from recallbench.stats import Interval


@pytest.mark.parametrize(
    ("difference", "written"),
    [
        (0.0, "0.0"),
        (-0.0, "0.0"),
        (-0.15, "-15.0"),
        (1 / 30, "+3.3"),
        (1.0, "+100.0"),
        (-1.0, "-100.0"),
        (-0.0003, "-0.03"),
        (0.9999, "+99.99"),
        (1e-12, "0.0"),
        (-1e-12, "0.0"),
    ],
)
def test_a_difference_is_points_with_a_sign(difference: float, written: str) -> None:
    assert written_points(difference) == written


@given(st.integers(2, 50_000))
def test_one_pair_lost_or_one_kept_stays_visible(n: int) -> None:
    assert float(written_points(-1 / n)) < 0
    assert float(written_points((n - 1) / n)) < 100


def test_an_interval_has_both_signs() -> None:
    assert written_points_interval(Interval(low=-0.0532, high=0.012)) == "-5.3 to +1.2"


@pytest.mark.parametrize(
    ("margin", "written"), [(0.05, "5 points"), (0.01, "1 point"), (0.025, "2.5 points")]
)
def test_a_margin_is_points_without_a_sign(margin: float, written: str) -> None:
    assert written_margin(margin) == written


def test_a_level_has_the_decimals_it_needs() -> None:
    assert [written_level(level) for level in (0.95, 0.999, 0.55)] == ["95%", "99.9%", "55%"]


@pytest.mark.parametrize(
    ("p", "written", "equated"),
    [
        (0.0, "<0.0001", "p < 0.0001"),
        (1e-9, "<0.0001", "p < 0.0001"),
        (0.0496, "0.0496", "p = 0.0496"),
        (0.3174, "0.317", "p = 0.317"),
        (0.9999, ">0.999", "p > 0.999"),
        (1.0, "1", "p = 1"),
    ],
)
def test_a_p_value_is_never_rounded_to_0_or_1(p: float, written: str, equated: str) -> None:
    assert written_p(p) == written
    assert equated_p(p) == equated
