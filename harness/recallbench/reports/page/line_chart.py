"""A small chart of lines: one value for each of some lengths or runs, with bars of uncertainty.

Guarantees that every number on the chart stands in its table too, and that lines are told apart
without colour (``series_style``). Knows no HTML: ``templates/chart.html.j2`` writes it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from recallbench.reports.notation import counted
from recallbench.reports.page.chart_lines import ChartField, Line, Point, Series, drawn_line
from recallbench.reports.page.chart_scale import ChartScale, scale_between, scale_from_zero
from recallbench.reports.page.column_labels import ColumnLabels, column_labels, text_width

__all__ = ["NO_DATA", "WIDTH", "LineChart", "Point", "Series", "Tick", "line_chart"]

WIDTH = 360
"""Of a chart, in its own units; on a narrow phone these are nearly pixels."""
NO_DATA = "no data"
"""Stands for a number that there is none of."""
_TOP, _PLOT, _RIGHT = 10, 170, 8
_TICK_GAP = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A number beside the chart, and its line across."""

    text: str
    """The number as written."""
    y: float
    """Of its line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineChart:
    """A chart as it is drawn and told."""

    title: str
    """What it shows."""
    axis: str
    """What the numbers are, with their unit."""
    across: str
    """What the columns are."""
    summary: str
    """What is seen, in a sentence without a full stop."""
    height: float
    """In units of which it is 360 wide."""
    left: float
    """Left edge of the columns."""
    right: float
    """Right edge of the columns."""
    ticks: tuple[Tick, ...]
    """From the lowest number up."""
    labels: ColumnLabels
    """Below the columns."""
    lines: tuple[Line, ...]
    """One for each series."""
    rows: tuple[tuple[str, tuple[str, ...]], ...]
    """The same numbers: a label, and the words of each series."""


def line_chart(
    title: str,
    labels: Sequence[str],
    series: Sequence[Series],
    *,
    axis: str,
    across: str,
    written: Callable[[float], str],
    limits: tuple[float, float] | None = None,
) -> LineChart:
    """Lay out a chart.

    Args:
        title: what it shows.
        labels: one for each column, from left to right.
        series: the lines, in the order of their styles.
        axis: what the numbers are, with their unit.
        across: what the columns are, such as ``length in tokens``.
        written: writes a number of the scale.
        limits: both ends of the scale; None is from 0 to a round number that has room for all.

    Raises:
        ValueError: there is no label or no series, a series has another number of points than there
            are labels, or a value has no place on the scale.
    """
    _check(labels, series)
    scale = _scale(series, limits)
    texts = tuple(map(written, scale.ticks))
    left = max(map(text_width, texts)) + _TICK_GAP
    field = ChartField(
        scale=scale,
        top=_TOP,
        height=_PLOT,
        left=left,
        column=(WIDTH - _RIGHT - left) / len(labels),
        n_series=len(series),
    )
    middles = [field.middle(column) for column in range(len(labels))]
    below = column_labels(labels, middles, top=_TOP + _PLOT, width=WIDTH)
    lines = tuple(drawn_line(each, number, labels, field) for number, each in enumerate(series))
    return LineChart(
        title=title,
        axis=axis,
        across=across,
        summary=_summary(title, axis, across, labels, series),
        height=round(_TOP + _PLOT + below.height, 1),
        left=round(left, 1),
        right=WIDTH - _RIGHT,
        ticks=_ticks(texts, field),
        labels=below,
        lines=lines,
        rows=tuple((label, _cells(series, column)) for column, label in enumerate(labels)),
    )


def _check(labels: Sequence[str], series: Sequence[Series]) -> None:
    if not labels or not series:
        raise ValueError(f"a chart of {len(labels)} labels and {len(series)} series shows nothing")
    for each in series:
        if len(each.points) != len(labels):
            raise ValueError(
                f"series {each.name!r} has {len(each.points)} points; allowed is one for each of "
                f"the {len(labels)} labels"
            )


def _scale(series: Sequence[Series], limits: tuple[float, float] | None) -> ChartScale:
    points = [point for each in series for point in each.points if point]
    if limits is None:
        ends = (end for point in points for end in (point.value, point.low, point.high))
        return scale_from_zero(end for end in ends if end is not None)
    scale = scale_between(*limits)
    for point in points:
        if not scale.low <= point.value <= scale.high:
            raise ValueError(f"a value is {point.value}; allowed is {scale.low} to {scale.high}")
    return scale


def _ticks(texts: Sequence[str], field: ChartField) -> tuple[Tick, ...]:
    """A number that is written like the one below it is left out."""
    below = (None, *texts)
    return tuple(
        Tick(text=text, y=round(field.y(value), 1))
        for value, text, lower in zip(field.scale.ticks, texts, below, strict=False)
        if text != lower
    )


def _cells(series: Sequence[Series], column: int) -> tuple[str, ...]:
    points = (each.points[column] for each in series)
    return tuple(point.told if point else NO_DATA for point in points)


def _summary(
    title: str, axis: str, across: str, labels: Sequence[str], series: Sequence[Series]
) -> str:
    lines, columns = counted(len(series), "line"), counted(len(labels), "column")
    return f"{title}: {axis} by {across}, {lines} over {columns}; the table below has the numbers"
