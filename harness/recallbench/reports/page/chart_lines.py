"""The lines of a chart: their values, and the paths of SVG that draw them.

Guarantees that a line is broken where there are no data, and that no bar hides that of another line
in the same column. Knows no titles, scales or labels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from recallbench.reports.page.chart_scale import ChartScale
from recallbench.reports.page.series_style import SeriesStyle, marker_outline, series_style

_SPREAD, _FARTHEST = 0.7, 9.0
_LARGEST, _SMALLEST = 4.0, 2.0
_BAR_END = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A value with what is known of it."""

    value: float
    """In the unit of the chart."""
    low: float | None
    """Lower end of its bar; None without one."""
    high: float | None
    """Upper end of its bar; None without one."""
    n: int
    """Trials it is over; at least 1."""
    told: str
    """All its numbers in words, its trials among them; neither its line nor its column."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One line."""

    name: str
    """What it is of: any text."""
    points: tuple[Point | None, ...]
    """One for each label of the chart; None without data."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A point as it is drawn."""

    outline: str
    """Path of its shape."""
    bar: str | None
    """Path of its bar; None without one."""
    label: str
    """Its column."""
    told: str
    """All its numbers in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A series as it is drawn."""

    name: str
    """What it is of."""
    style: SeriesStyle
    """What it looks like."""
    path: str
    """Path of the line; empty where no two neighbours have data."""
    marks: tuple[Mark, ...]
    """Its points, those without data left out."""
    swatch: str
    """Path of a point in the legend, in the middle of a box of 28 times 12."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartField:
    """Where values and columns stand, in the units of the chart."""

    scale: ChartScale
    """Of the values."""
    top: float
    """Where its upper end stands."""
    height: float
    """From its upper end to its lower one."""
    left: float
    """Left edge of the first column."""
    column: float
    """Width of a column."""
    n_series: int
    """Lines of the chart."""

    def x(self, column: int, series: int) -> float:
        """Where the point of a line stands: beside those of the others in its column."""
        step = min(_FARTHEST, _SPREAD * self.column / self.n_series)
        return self.middle(column) + step * (series - (self.n_series - 1) / 2)

    def middle(self, column: int) -> float:
        """Middle of a column."""
        return self.left + self.column * (column + 0.5)

    def y(self, value: float) -> float:
        """Where a value stands; one beyond the scale stands at its end."""
        return self.top + self.height * (1 - self.scale.share(value))

    @property
    def size(self) -> float:
        """Half of a point's width."""
        return min(_LARGEST, max(_SMALLEST, _SPREAD * self.column / self.n_series))


def drawn_line(series: Series, number: int, labels: Sequence[str], field: ChartField) -> Line:
    """Draw the line that has this number, from 0."""
    style = series_style(number)
    marks = (
        Mark(
            outline=marker_outline(
                style.shape, field.x(column, number), field.y(point.value), field.size
            ),
            bar=_bar(point, field.x(column, number), field),
            label=labels[column],
            told=point.told,
        )
        for column, point in enumerate(series.points)
        if point
    )
    return Line(
        name=series.name,
        style=style,
        path=_path(series.points, number, field),
        marks=tuple(marks),
        swatch=marker_outline(style.shape, 14, 6, _LARGEST),
    )


def _bar(point: Point, x: float, field: ChartField) -> str | None:
    if point.low is None or point.high is None:
        return None
    low, high, half = field.y(point.low), field.y(point.high), min(_BAR_END, field.size)
    ends = "".join(f"M{x - half:.1f} {y:.1f}h{2 * half:.1f}" for y in (low, high))
    return f"M{x:.1f} {low:.1f}V{high:.1f}{ends}"


def _path(points: Sequence[Point | None], number: int, field: ChartField) -> str:
    """A stretch for each two neighbours with data; strokes that meet are one stroke."""
    parts: list[str] = []
    is_open = False
    for column, (first, second) in enumerate(pairwise(points)):
        if first and second:
            if not is_open:
                parts.append(f"M{field.x(column, number):.1f} {field.y(first.value):.1f}")
            parts.append(f"L{field.x(column + 1, number):.1f} {field.y(second.value):.1f}")
        is_open = bool(first and second)
    return "".join(parts)
