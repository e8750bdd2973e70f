"""Lines are broken where there are no data, and bars stand beside each other."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recallbench.reports.page.chart_lines import ChartField, Line, Point, Series, drawn_line
from recallbench.reports.page.chart_scale import scale_from_zero

FIELD = ChartField(
    scale=scale_from_zero([4.0]), top=10.0, height=100.0, left=30.0, column=40.0, n_series=2
)


def point(value: float, low: float | None = None, high: float | None = None) -> Point:
    return Point(value=value, low=low, high=high, n=5, told=f"{value:g} s, 5 trials")


def drawn(*points: Point | None, number: int = 0) -> Line:
    series = Series(name="fp8", points=points)
    return drawn_line(series, number, [f"c{column}" for column in range(len(points))], FIELD)


@given(st.lists(st.booleans(), min_size=1, max_size=12))
def test_a_line_joins_neighbours_with_data_and_no_others(has_data: list[bool]) -> None:
    line = drawn(*(point(1.0) if known else None for known in has_data))

    assert line.path.count("L") == sum(map(all, pairwise(has_data)))
    assert len(line.marks) == sum(has_data)
    assert [mark.label for mark in line.marks] == [
        f"c{column}" for column, known in enumerate(has_data) if known
    ]


def test_strokes_that_meet_are_one_stroke() -> None:
    line = drawn(point(0), point(2), point(4), None, point(4), point(0))

    assert line.path == "M45.5 110.0L85.5 60.0L125.5 10.0M205.5 10.0L245.5 110.0"


def test_a_bar_goes_from_its_lower_to_its_upper_end() -> None:
    (mark,) = drawn(point(2.0, 1.0, 3.0)).marks

    assert mark.bar is not None
    assert mark.bar.startswith("M45.5 85.0V35.0")
    assert mark.told == "2 s, 5 trials"


@pytest.mark.parametrize(("low", "high"), [(None, None), (1.0, None), (None, 3.0)])
def test_without_both_ends_there_is_no_bar(low: float | None, high: float | None) -> None:
    (mark,) = drawn(point(2.0, low, high)).marks

    assert mark.bar is None


def test_a_bar_beyond_the_scale_ends_at_its_end() -> None:
    (mark,) = drawn(point(2.0, -1.0, 9.0)).marks

    assert mark.bar is not None
    assert mark.bar.startswith("M45.5 110.0V10.0")


@given(st.integers(1, 24), st.integers(1, 40))
def test_points_of_a_column_stand_beside_each_other_within_it(n_series: int, columns: int) -> None:
    field = ChartField(
        scale=FIELD.scale,
        top=0.0,
        height=100.0,
        left=30.0,
        column=320 / columns,
        n_series=n_series,
    )
    for column in range(columns):
        places = [field.x(column, number) for number in range(n_series)]
        assert places == sorted(set(places))
        assert abs(sum(places) / n_series - field.middle(column)) < 1e-6
        assert places[0] >= 30 + column * field.column
        assert places[-1] <= 30 + (column + 1) * field.column


def test_the_legend_shows_the_lines_own_shape() -> None:
    lines = [drawn(point(1), number=number) for number in range(6)]

    commands = [re.sub(r"[\d. -]", "", line.marks[0].outline) for line in lines]
    assert [re.sub(r"[\d. -]", "", line.swatch) for line in lines] == commands
    assert len({line.swatch for line in lines}) == 6
