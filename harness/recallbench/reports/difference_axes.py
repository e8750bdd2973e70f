"""The three diagrams of a comparison: difference by length, the cells, the scale of colours.

Each function fills axes that it is given. The panel and the cells have the same columns. A loss is
below, orange and a minus; a gain is above, blue and a plus.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from recallbench.gate.compared import Compared
from recallbench.reports.comparison_words import discordant
from recallbench.reports.difference_grid import (
    CellForm,
    DifferenceGrid,
    cell_blocks,
    empty_blocks,
    fitting_limit,
    pairs_of,
)
from recallbench.reports.heatmap_layout import HeatmapLayout
from recallbench.reports.heatmap_page import points
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
from recallbench.reports.palette import FAINT, GUIDE, LINE, WARNING, difference_colour
from recallbench.reports.points import written_points

if TYPE_CHECKING:
    from matplotlib.axes import Axes

DIFFERENCE = "B \N{MINUS SIGN} A"
"""What is shown: recall of the candidate less that of the baseline."""

_SPARE = 1.06
# The margin's name stands clear of the scale's below it.
_MARGIN_SPARE = 1.5
_MARGIN_PX = 20
_MARGIN_GAP = 8
_HEADS_ABOVE = (74, 44, 16)
_EVENLY = (-1.0, -0.5, 0.0, 0.5, 1.0)


def draw_difference_panel(
    axes: Axes, layout: HeatmapLayout, lengths: Sequence[Compared], margin: float
) -> None:
    """The difference at each length with its 95% interval, the margin as a dashed line."""
    ends = [end for part in lengths for end in part.interval or ()]
    limit = fitting_limit([*ends, _MARGIN_SPARE * margin])
    bare(axes, DIFFERENCE)
    _mark_points(axes, limit)
    right = layout.n_lengths - 0.5
    marks = [limit * share for share in _EVENLY]
    axes.hlines(marks, -0.5, right, color=GUIDE, linewidth=0.6, zorder=1)
    axes.hlines(0, -0.5, right, color=FAINT, linewidth=0.8, zorder=1)
    axes.hlines(-margin, -0.5, right, color=WARNING, linewidth=1.2, linestyle="--", zorder=2)
    _name_margin(axes, layout, margin)
    values = [part.pairs.difference for part in lengths]
    # The line is interrupted at NaN.
    axes.plot([float("nan") if value is None else value for value in values], color=LINE, zorder=2)
    for column, part in enumerate(lengths):
        _draw_length(axes, layout, column, part)
    axes.set_xlim(-0.5, right)
    axes.set_ylim(-_SPARE * limit, _SPARE * limit)


def draw_difference_cells(
    axes: Axes, layout: HeatmapLayout, grid: DifferenceGrid, form: CellForm
) -> None:
    """A coloured rectangle for each cell with pairs, a hatched one for each without."""
    limit = grid.limit
    for place, cell in grid.cells:
        draw_ground(axes, layout, place, _colour(cell, limit), edge=GUIDE)
    for place, cell in grid.cells:
        colour = _colour(cell, limit)
        if cell is None or colour is None:
            blocks = empty_blocks(layout)
        else:
            blocks = cell_blocks(cell, layout, form)
        write_blocks(axes, layout, place, blocks, colour)
    mark_grid(axes, layout, grid.lengths, grid.depths)


def draw_difference_bar(axes: Axes, limit: float) -> None:
    """The scale of colours from the largest loss to the largest gain."""
    draw_scale(axes, partial(difference_colour, limit=limit), (-limit, limit), DIFFERENCE)
    _mark_points(axes, limit)


def _colour(cell: Compared | None, limit: float) -> str | None:
    if cell is None or cell.pairs.difference is None:
        return None
    return difference_colour(cell.pairs.difference, limit)


def _mark_points(axes: Axes, limit: float) -> None:
    marks = [limit * share for share in _EVENLY]
    mark_values(axes, marks, [_whole_points(mark) for mark in marks])


def _whole_points(difference: float) -> str:
    return written_points(difference).removesuffix(".0")


def _name_margin(axes: Axes, layout: HeatmapLayout, margin: float) -> None:
    axes.text(
        1 + _MARGIN_GAP / layout.panel.width,
        -margin,
        f"margin {_whole_points(-margin)}",
        transform=axes.get_yaxis_transform(),
        fontsize=points(_MARGIN_PX),
        color=WARNING,
        va="center",
    )


def _draw_length(axes: Axes, layout: HeatmapLayout, column: int, part: Compared) -> None:
    difference = part.pairs.difference
    if difference is None or part.interval is None:
        return
    draw_point(axes, layout, column, difference, part.interval)
    first, second, third = _HEADS_ABOVE
    heads = (
        Head(written_points(difference), layout.share_px, first, is_bold=True),
        Head(discordant(part), layout.length_hits_px, second),
        Head(pairs_of(part), layout.length_hits_px, third),
    )
    write_heads(axes, layout, column, heads)
