"""The three diagrams of the heatmap: recall by length, the cells below it, the scale of colours.

Each function fills axes that it is given. The panel and the cells have the same columns.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import TYPE_CHECKING

from recallbench.reports.cell_text import cell_text
from recallbench.reports.heatmap_layout import LEGIBLE, HeatmapLayout
from recallbench.reports.heatmap_page import points
from recallbench.reports.notation import (
    written_depth,
    written_hits,
    written_length,
    written_share,
)
from recallbench.reports.palette import (
    FAINT,
    GUIDE,
    HATCH,
    INK,
    LINE,
    NO_DATA,
    recall_colour,
    text_colour,
)
from recallbench.stats import CellSummary, Proportion, VariantSummary

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_PlacedCells = Sequence[tuple[tuple[int, int], CellSummary]]
_SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)
_PLATE = {"facecolor": NO_DATA, "linewidth": 0, "pad": 1.5}
_AXIS_PX, _TICK_PX = 25, 22
_GAP = 4
_LABEL_X = -0.09
_SCALE_STEPS = 256


def draw_panel(axes: Axes, layout: HeatmapLayout, lengths: Sequence[CellSummary]) -> None:
    """Recall at each length with its Wilson 95% interval, and the numbers above it."""
    _bare(axes, "recall")
    _mark_shares(axes)
    axes.hlines(_SHARES, -0.5, layout.n_lengths - 0.5, color=GUIDE, linewidth=0.6, zorder=1)
    values = [length.recall.value for length in lengths]
    # The line is interrupted at NaN.
    axes.plot([float("nan") if value is None else value for value in values], color=LINE, zorder=2)
    for column, length in enumerate(lengths):
        _draw_point(axes, layout, column, length.recall)
        _write_heads(axes, layout, column, length.recall)
    axes.set_xlim(-0.5, layout.n_lengths - 0.5)
    axes.set_ylim(-0.05, 1.05)


def draw_cells(axes: Axes, layout: HeatmapLayout, summary: VariantSummary) -> None:
    """A coloured or hatched rectangle for each cell, with k/n and words for what has no recall."""
    places = product(range(layout.n_lengths), range(layout.n_depths))
    placed = list(zip(places, summary.cells, strict=True))
    _draw_grounds(axes, layout, placed)
    _write_text(axes, layout, placed)
    _bare(axes, "needle depth")
    lengths = [written_length(length) for length in summary.grid.lengths]
    depths = [written_depth(depth) for depth in summary.grid.depths]
    axes.set_xticks(range(layout.n_lengths), labels=lengths, rotation=90 * layout.is_upright)
    axes.set_yticks(range(layout.n_depths), labels=depths)
    axes.tick_params(axis="x", labelsize=points(layout.label_px))
    axes.tick_params(axis="y", labelsize=points(layout.depth_px))
    axes.set_xlabel("prompt length in tokens", fontsize=points(_AXIS_PX), color=INK)
    axes.set_xlim(-0.5, layout.n_lengths - 0.5)
    axes.set_ylim(layout.n_depths - 0.5, -0.5)


def draw_bar(axes: Axes) -> None:
    """The scale of colours from 0 to 1."""
    shares = [number / _SCALE_STEPS for number in range(_SCALE_STEPS + 1)]
    pixels = [[_fractions(recall_colour(share))] for share in shares]
    axes.imshow(pixels, origin="lower", extent=(0, 1, 0, 1), aspect="auto")
    _bare(axes)
    axes.yaxis.tick_right()
    _mark_shares(axes)
    axes.set_title("recall", fontsize=points(_AXIS_PX), color=INK, pad=points(14))


def _bare(axes: Axes, label: str = "") -> None:
    axes.set_frame_on(False)
    axes.set_xticks([])
    axes.set_ylabel(label, fontsize=points(_AXIS_PX), color=INK)
    axes.yaxis.set_label_coords(_LABEL_X, 0.5)
    axes.tick_params(length=0, labelcolor=INK)


def _mark_shares(axes: Axes) -> None:
    axes.set_yticks(_SHARES, labels=[written_share(share, decimals=0) for share in _SHARES])
    axes.tick_params(axis="y", labelsize=points(_TICK_PX), length=0)


def _fractions(colour: str) -> tuple[float, ...]:
    return tuple(channel / 255 for channel in bytes.fromhex(colour.removeprefix("#")))


def _draw_point(axes: Axes, layout: HeatmapLayout, column: int, recall: Proportion) -> None:
    interval, value = recall.interval(), recall.value
    if interval is None or value is None:
        return
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


def _write_heads(axes: Axes, layout: HeatmapLayout, column: int, recall: Proportion) -> None:
    if recall.value is None:
        return
    heads = (
        (written_share(recall.value, decimals=0), layout.share_px, 46, "bold", INK),
        (written_hits(recall), layout.length_hits_px, 16, "normal", FAINT),
    )
    for text, size_px, above, weight, colour in heads:
        if size_px >= LEGIBLE:
            axes.text(
                column,
                1 + above / layout.panel.height,
                text,
                transform=axes.get_xaxis_transform(),
                fontsize=points(size_px),
                weight=weight,
                color=colour,
                ha="center",
            )


def _draw_grounds(axes: Axes, layout: HeatmapLayout, cells: _PlacedCells) -> None:
    width, height = 1 - _GAP / layout.column, 1 - _GAP / layout.row
    for (column, row), cell in cells:
        value = cell.recall.value
        axes.bar(
            column,
            height,
            width,
            bottom=row - height / 2,
            color=NO_DATA if value is None else recall_colour(value),
            edgecolor=HATCH,
            hatch="///" if value is None else None,
            linewidth=0,
        )


def _write_text(axes: Axes, layout: HeatmapLayout, cells: _PlacedCells) -> None:
    for (column, row), cell in cells:
        value = cell.recall.value
        blocks = cell_text(cell, layout)
        above = row - sum(block.height_px for block in blocks) / 2 / layout.row
        for block in blocks:
            height = block.height_px / layout.row
            axes.text(
                column,
                above + height / 2,
                block.text,
                fontsize=points(block.size_px),
                color=FAINT if value is None else text_colour(recall_colour(value)),
                # Letters are hard to read on a hatched ground.
                bbox=_PLATE if value is None else None,
                ha="center",
                va="center",
            )
            above += height
