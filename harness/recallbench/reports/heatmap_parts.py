"""What the diagrams of every heatmap are made of: cells and their text, marks, points, a scale.

Each function draws into axes that it is given, and knows neither what is measured nor its colours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from recallbench.reports.cell_text import TextBlock
from recallbench.reports.heatmap_layout import LEGIBLE, HeatmapLayout
from recallbench.reports.heatmap_page import points
from recallbench.reports.notation import written_depth, written_length
from recallbench.reports.palette import FAINT, HATCH, INK, LINE, NO_DATA, text_colour
from recallbench.stats import Interval

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Place = tuple[int, int]
"""Column and row of a cell, from the upper left one."""

_PLATE = {"facecolor": NO_DATA, "linewidth": 0, "pad": 1.5}
_AXIS_PX, _TICK_PX = 25, 22
_GAP = 4
_LABEL_X = -0.09
_SCALE_STEPS = 256


class Head(NamedTuple):
    """A number above the panel."""

    text: str
    """The number."""
    size_px: float
    """Size of its font; it is left out where that is not legible."""
    above_px: float
    """From the panel's upper edge to its base line."""
    is_bold: bool = False
    """Whether it stands out."""


def bare(axes: Axes, label: str = "") -> None:
    """Take frame and ticks away, and name the vertical axis."""
    axes.set_frame_on(False)
    axes.set_xticks([])
    axes.set_ylabel(label, fontsize=points(_AXIS_PX), color=INK)
    axes.yaxis.set_label_coords(_LABEL_X, 0.5)
    axes.tick_params(length=0, labelcolor=INK)


def mark_values(axes: Axes, values: Sequence[float], labels: Sequence[str]) -> None:
    """Name values of the vertical axis."""
    axes.set_yticks(values, labels=labels)
    axes.tick_params(axis="y", labelsize=points(_TICK_PX), length=0)


def mark_grid(
    axes: Axes, layout: HeatmapLayout, lengths: Iterable[int], depths: Iterable[float]
) -> None:
    """Name the columns and rows of the cells, and set their limits."""
    bare(axes, "needle depth")
    names = [written_length(length) for length in lengths]
    axes.set_xticks(range(layout.n_lengths), labels=names, rotation=90 * layout.is_upright)
    axes.set_yticks(range(layout.n_depths), labels=[written_depth(depth) for depth in depths])
    axes.tick_params(axis="x", labelsize=points(layout.label_px))
    axes.tick_params(axis="y", labelsize=points(layout.depth_px))
    axes.set_xlabel("prompt length in tokens", fontsize=points(_AXIS_PX), color=INK)
    axes.set_xlim(-0.5, layout.n_lengths - 0.5)
    axes.set_ylim(layout.n_depths - 0.5, -0.5)


def draw_ground(
    axes: Axes, layout: HeatmapLayout, place: Place, colour: str | None, edge: str | None = None
) -> None:
    """A cell's rectangle; hatched grey where it has no colour.

    Args:
        axes: of the cells.
        layout: theirs.
        place: of the cell.
        colour: None is no data.
        edge: colour of a thin line around it, for colours near white.
    """
    column, row = place
    height = 1 - _GAP / layout.row
    axes.bar(
        column,
        height,
        1 - _GAP / layout.column,
        bottom=row - height / 2,
        color=NO_DATA if colour is None else colour,
        edgecolor=HATCH if colour is None or edge is None else edge,
        hatch="///" if colour is None else None,
        linewidth=0 if colour is None or edge is None else 0.5,
    )


def write_blocks(
    axes: Axes,
    layout: HeatmapLayout,
    place: Place,
    blocks: Sequence[TextBlock],
    colour: str | None,
) -> None:
    """A cell's text, centred on its rectangle of that colour."""
    column, row = place
    above = row - sum(block.height_px for block in blocks) / 2 / layout.row
    for block in blocks:
        height = block.height_px / layout.row
        axes.text(
            column,
            above + height / 2,
            block.text,
            fontsize=points(block.size_px),
            color=FAINT if colour is None else text_colour(colour),
            # Letters are hard to read on a hatched ground.
            bbox=_PLATE if colour is None else None,
            ha="center",
            va="center",
        )
        above += height


def draw_point(
    axes: Axes, layout: HeatmapLayout, column: int, value: float, interval: Interval
) -> None:
    """A point of the panel with the bar of its interval."""
    axes.errorbar(
        column,
        value,
        yerr=[[value - interval.low], [interval.high - value]],
        color=LINE,
        elinewidth=1.5,
        capsize=points(layout.point_px) * 0.7,
        fmt="o",
        markersize=points(layout.point_px),
        clip_on=False,
        zorder=3,
    )


def write_heads(axes: Axes, layout: HeatmapLayout, column: int, heads: Iterable[Head]) -> None:
    """Numbers above a point, those that are legible."""
    for head in heads:
        if head.size_px >= LEGIBLE:
            axes.text(
                column,
                1 + head.above_px / layout.panel.height,
                head.text,
                transform=axes.get_xaxis_transform(),
                fontsize=points(head.size_px),
                weight="bold" if head.is_bold else "normal",
                color=INK if head.is_bold else FAINT,
                ha="center",
            )


def draw_scale(
    axes: Axes, colour: Callable[[float], str], ends: tuple[float, float], title: str
) -> None:
    """The colours from one end to the other, with marks yet to be named."""
    low, high = ends
    steps = [number / _SCALE_STEPS for number in range(_SCALE_STEPS + 1)]
    pixels = [[_fractions(colour(low + (high - low) * step))] for step in steps]
    axes.imshow(pixels, origin="lower", extent=(0, 1, low, high), aspect="auto")
    bare(axes)
    axes.yaxis.tick_right()
    axes.set_title(title, fontsize=points(_AXIS_PX), color=INK, pad=points(14))


def _fractions(colour: str) -> tuple[float, ...]:
    return tuple(channel / 255 for channel in bytes.fromhex(colour.removeprefix("#")))
