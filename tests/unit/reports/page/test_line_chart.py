"""A chart holds all it was given: in lines, on a scale with room for them, and in a table."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recallbench.reports.page.column_labels import text_width
from recallbench.reports.page.line_chart import (
    NO_DATA,
    WIDTH,
    LineChart,
    Point,
    Series,
    line_chart,
)

values = st.none() | st.floats(0, 1e7)


def point(value: float) -> Point:
    return Point(value=value, low=value / 2, high=value * 2, n=3, told=f"{value:g}, 3 trials")


def chart(
    *lines: list[float | None], limits: tuple[float, float] | None = None, name: str = "a"
) -> LineChart:
    labels = [f"{1000 * (number + 1):,}" for number in range(len(lines[0]))]
    series = [
        Series(
            name=f"{name}{number}",
            points=tuple(None if value is None else point(value) for value in line),
        )
        for number, line in enumerate(lines)
    ]
    return line_chart(
        "Latency",
        labels,
        series,
        axis="seconds",
        across="length",
        written=lambda value: f"{value:,.6g}",
        limits=limits,
    )


@given(
    st.integers(1, 9).flatmap(
        lambda n: st.lists(st.lists(values, min_size=n, max_size=n), min_size=1, max_size=4)
    )
)
def test_every_point_is_drawn_and_stands_in_the_table(lines: list[list[float | None]]) -> None:
    told = chart(*lines)

    for number, line in enumerate(lines):
        cells = [cells[number] for _, cells in told.rows]
        assert cells == [NO_DATA if value is None else point(value).told for value in line]
        assert [mark.told for mark in told.lines[number].marks] == [
            cell for cell in cells if cell != NO_DATA
        ]


@given(st.lists(values, min_size=1, max_size=9))
def test_numbers_of_the_scale_are_different_and_have_room(line: list[float | None]) -> None:
    told = chart(line)

    texts = [tick.text for tick in told.ticks]
    assert len(set(texts)) == len(texts)
    assert all(text_width(text) < told.left - 6 for text in texts)
    heights = [tick.y for tick in told.ticks]
    assert heights == sorted(heights, reverse=True)
    assert min(heights) >= 10
    assert max(heights) <= told.height
    assert told.right < WIDTH


def test_bars_have_room_on_a_scale_from_zero() -> None:
    # The bar of 4 ends at 8.
    assert [tick.text for tick in chart([1.0, 4.0]).ticks] == ["0", "2", "4", "6", "8"]


def test_limits_are_the_scale() -> None:
    told = chart([0.5, 0.9], limits=(0.0, 1.0))

    assert [tick.text for tick in told.ticks] == ["0", "0.5", "1"]


def test_numbers_that_would_be_written_alike_are_written_once() -> None:
    told = line_chart(
        "t",
        ["a"],
        [Series(name="x", points=(point(0.0),))],
        axis="tokens",
        across="length",
        written=lambda value: f"{value:.0f}",
    )

    assert [tick.text for tick in told.ticks] == ["0", "1"]


def test_a_chart_without_any_data_has_its_scale_and_its_table() -> None:
    told = chart([None, None], limits=(0.0, 1.0))

    assert [cells for _, cells in told.rows] == [(NO_DATA,), (NO_DATA,)]
    assert told.lines[0].path == ""
    assert told.lines[0].marks == ()


def test_the_summary_says_what_is_seen() -> None:
    assert chart([1.0, 2.0], [None, 1.0]).summary == (
        "Latency: seconds by length, 2 lines over 2 columns; the table below has the numbers"
    )


def test_what_shows_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="0 labels and 1 series shows nothing"):
        chart([])
    with pytest.raises(ValueError, match="1 labels and 0 series shows nothing"):
        line_chart("t", ["a"], [], axis="s", across="x", written=str)


def test_a_line_with_another_number_of_points_is_refused() -> None:
    with pytest.raises(ValueError, match=r"'a1' has 1 points.* the 2 labels"):
        chart([1.0, 2.0], [1.0])


def test_a_value_that_the_limits_leave_out_is_refused() -> None:
    with pytest.raises(ValueError, match=r"a value is 1.5; allowed is 0.0 to 1.0"):
        chart([1.5], limits=(0.0, 1.0))
