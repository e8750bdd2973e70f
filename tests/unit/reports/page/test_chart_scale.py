"""A scale has room for all values and a few round numbers."""

from __future__ import annotations

from itertools import pairwise
from math import floor, inf, log10, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recallbench.reports.page.chart_scale import ChartScale, scale_between, scale_from_zero


def is_round(step: float) -> bool:
    mantissa = step / 10.0 ** floor(log10(step) + 1e-9)
    return any(mantissa == pytest.approx(allowed, rel=1e-6) for allowed in (1, 2, 5))


@given(st.lists(st.floats(1e-6, 1e9), min_size=1, max_size=5))
def test_a_scale_from_zero_has_room_and_three_to_five_round_ticks(values: list[float]) -> None:
    scale = scale_from_zero(values)

    assert scale.ticks[0] == scale.low == 0
    assert scale.ticks[-1] == scale.high >= max(values) * (1 - 1e-8)
    assert 3 <= len(scale.ticks) <= 5
    assert is_round(scale.ticks[1])
    # The last tick is needed.
    assert scale.ticks[-2] < max(values)


@pytest.mark.parametrize(
    ("highest", "ticks"),
    [
        (1.0, (0, 0.5, 1)),
        (4.0, (0, 1, 2, 3, 4)),
        (4.1, (0, 2, 4, 6)),
        (97.0, (0, 50, 100)),
        (131_072.0, (0, 50_000, 100_000, 150_000)),
    ],
)
def test_ticks_of_some_scales(highest: float, ticks: tuple[float, ...]) -> None:
    assert scale_from_zero([0.5, highest]).ticks == pytest.approx(ticks)


@pytest.mark.parametrize("values", [[], [0.0], [0.0, 5e-324]])
def test_without_anything_above_zero_a_scale_ends_at_one(values: list[float]) -> None:
    assert scale_from_zero(values) == scale_from_zero([1.0])


@pytest.mark.parametrize("value", [-0.1, nan, inf])
def test_a_scale_from_zero_refuses_what_has_no_place_on_it(value: float) -> None:
    with pytest.raises(ValueError, match="allowed are numbers from 0 on"):
        scale_from_zero([1.0, value])


@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e6))
def test_given_limits_stay_and_hold_two_to_five_round_ticks(low: float, span: float) -> None:
    scale = scale_between(low, low + span)

    assert (scale.low, scale.high) == (low, low + span)
    assert 2 <= len(scale.ticks) <= 5
    slack = 1e-6 * span
    assert all(low - slack <= tick <= low + span + slack for tick in scale.ticks)
    assert all(is_round(second - first) for first, second in pairwise(scale.ticks))


def test_recall_has_its_ends_and_its_middle() -> None:
    assert scale_between(0.0, 1.0).ticks == (0.0, 0.5, 1.0)


@pytest.mark.parametrize("limits", [(1.0, 1.0), (0.0, 5e-324), (1.0, 0.0), (0.0, nan), (0.0, inf)])
def test_limits_in_a_wrong_order_are_refused(limits: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="the lower first"):
        scale_between(*limits)


@pytest.mark.parametrize(
    ("value", "share"), [(10.0, 0.0), (15.0, 0.25), (30.0, 1.0), (9.0, 0.0), (31.0, 1.0)]
)
def test_a_value_stands_between_both_ends_or_at_one(value: float, share: float) -> None:
    assert ChartScale(low=10.0, high=30.0, ticks=()).share(value) == share
