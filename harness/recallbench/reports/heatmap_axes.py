"""The three diagrams of the heatmap: recall by length, the cells below it, the scale of colours.

Each function fills axes that it is given. The panel and the cells have the same columns.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import TYPE_CHECKING

from recallbench.reports.cell_text import cell_text
from recallbench.reports.heatmap_layout import HeatmapLayout
from recallbench.reports.heatmap_parts import (
    Head,
    bare,
    draw_ground,
    draw_point,
    draw_scale,
    mark_grid,
    mark_values,
    write_blocks,
    write_heads,
)
from recallbench.reports.notation import written_hits, written_share
from recallbench.reports.palette import GUIDE, LINE, recall_colour
from recallbench.stats import CellSummary, VariantSummary

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)


def draw_panel(
    axes: Axes, layout: HeatmapLayout, lengths: Sequence[CellSummary], name: str = "recall"
) -> None:
    """Recall at each length with its 95% interval, and the numbers above it."""
    bare(axes, name)
    _mark_shares(axes)
    axes.hlines(_SHARES, -0.5, layout.n_lengths - 0.5, color=GUIDE, linewidth=0.6, zorder=1)
    values = [length.recall.value for length in lengths]
    # The line is interrupted at NaN.
    axes.plot([float("nan") if value is None else value for value in values], color=LINE, zorder=2)
    for column, length in enumerate(lengths):
        _draw_recall(axes, layout, column, length)
    axes.set_xlim(-0.5, layout.n_lengths - 0.5)
    axes.set_ylim(-0.05, 1.05)


def draw_cells(axes: Axes, layout: HeatmapLayout, summary: VariantSummary) -> None:
    """A coloured or hatched rectangle for each cell, with k/n and words for what has no recall."""
    places = product(range(layout.n_lengths), range(layout.n_depths))
    placed = list(zip(places, summary.cells, strict=True))
    for place, cell in placed:
        value = cell.recall.value
        draw_ground(axes, layout, place, None if value is None else recall_colour(value))
    for place, cell in placed:
        value = cell.recall.value
        colour = None if value is None else recall_colour(value)
        write_blocks(axes, layout, place, cell_text(cell, layout), colour)
    mark_grid(axes, layout, summary.grid.lengths, summary.grid.depths)


def draw_bar(axes: Axes, name: str = "recall") -> None:
    """The scale of colours from 0 to 1."""
    draw_scale(axes, recall_colour, (0.0, 1.0), name)
    _mark_shares(axes)


def _mark_shares(axes: Axes) -> None:
    mark_values(axes, _SHARES, [written_share(share, decimals=0) for share in _SHARES])


def _draw_recall(axes: Axes, layout: HeatmapLayout, column: int, length: CellSummary) -> None:
    interval, value = length.interval(), length.recall.value
    if interval is None or value is None:
        return
    draw_point(axes, layout, column, value, interval)
    heads = (
        Head(written_share(value, decimals=0), layout.share_px, 46, is_bold=True),
        Head(written_hits(length.recall), layout.length_hits_px, 16),
    )
    write_heads(axes, layout, column, heads)
