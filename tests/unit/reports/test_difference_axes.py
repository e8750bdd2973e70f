"""The diagrams of a comparison draw its differences, losses below and gains above."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.container import ErrorbarContainer

from recallbench.gate.comparison import Comparison
from recallbench.reports.difference_axes import (
    draw_difference_bar,
    draw_difference_cells,
    draw_difference_panel,
)
from recallbench.reports.difference_grid import DifferenceGrid
from recallbench.reports.heatmap_layout import Box
from recallbench.reports.heatmap_page import HeatmapPage
from recallbench.reports.palette import GAIN_SCALE, LOSS_SCALE, NO_DATA, difference_colour

Make = Callable[..., Comparison]
CELLS = {
    (8000, 0.0): ("r" * 20, "r" * 17 + "m" * 3),
    (8000, 1.0): ("r" * 19 + "m", "r" * 20),
    (16_000, 0.0): ("r" * 20, "e" * 20),
    (32_000, 0.0): ("r" * 20, "r" * 20),
    (32_000, 1.0): ("r" * 20, "m" * 20),
}


def panel_of(comparison: Comparison) -> Axes:
    layout = DifferenceGrid.of(comparison).layout(comparison)
    axes = HeatmapPage.blank(layout.height).axes(layout.panel)
    draw_difference_panel(axes, layout, comparison.lengths, comparison.margin)
    return axes


def cells_of(comparison: Comparison) -> Axes:
    grid = DifferenceGrid.of(comparison)
    layout = grid.layout(comparison)
    axes = HeatmapPage.blank(layout.height).axes(layout.heat)
    draw_difference_cells(axes, layout, grid, grid.form(layout))
    return axes


def test_each_cell_says_its_difference_its_pairs_and_their_number(make_comparison: Make) -> None:
    texts = [
        (text.get_position()[0], text.get_text()) for text in cells_of(make_comparison(CELLS)).texts
    ]

    assert texts == [
        (0, "-15.0"),
        (0, "-3/+0"),
        (0, "n 20"),
        (0, "+5.0"),
        (0, "-0/+1"),
        (0, "n 20"),
        (1, "no pairs"),
        (1, "no pairs"),
        (2, "0.0"),
        (2, "-0/+0"),
        (2, "n 20"),
        (2, "-100.0"),
        (2, "-20/+0"),
        (2, "n 20"),
    ]


def test_only_cells_with_pairs_are_coloured_and_only_others_are_hatched(
    make_comparison: Make,
) -> None:
    patches = cells_of(make_comparison(CELLS)).patches

    assert [to_hex(patch.get_facecolor()) for patch in patches] == [
        difference_colour(-0.15, 1.0),
        difference_colour(0.05, 1.0),
        NO_DATA,
        NO_DATA,
        LOSS_SCALE[0],
        LOSS_SCALE[-1],
    ]
    assert [bool(patch.get_hatch()) for patch in patches] == [
        False,
        False,
        True,
        True,
        False,
        False,
    ]


def test_the_panel_has_the_interval_of_each_difference(make_comparison: Make) -> None:
    comparison = make_comparison(CELLS)

    bars = [
        points.lines[2][0].get_segments()[0].ravel().tolist()
        for points in panel_of(comparison).containers
        if isinstance(points, ErrorbarContainer)
    ]

    first, _, last = comparison.lengths
    assert first.interval is not None
    assert last.interval is not None
    assert bars == [
        pytest.approx([0, first.interval.low, 0, first.interval.high]),
        pytest.approx([2, last.interval.low, 2, last.interval.high]),
    ]


def test_the_panels_line_is_interrupted_where_there_are_no_pairs(make_comparison: Make) -> None:
    axes = panel_of(make_comparison(CELLS))

    line = np.asarray(axes.lines[0].get_ydata(), dtype=float).tolist()
    assert (line[0], line[2]) == (-0.05, -0.5)
    assert math.isnan(line[1])


def test_the_margin_is_a_dashed_line_below_none_with_its_name(make_comparison: Make) -> None:
    axes = panel_of(make_comparison(CELLS, margin=0.1))

    dashed = axes.collections[2]
    assert dashed.get_segments()[0][0][1] == -0.1  # type: ignore[attr-defined]
    # A solid line has no dashes.
    assert dashed.get_linestyle() != axes.collections[1].get_linestyle()
    (name,) = (text for text in axes.texts if text.get_text().startswith("margin"))
    assert (name.get_text(), name.get_position()[1]) == ("margin -10", -0.1)


@pytest.mark.parametrize("margin", [0.01, 0.05, 0.1, 0.2, 0.3, 0.6])
def test_the_panel_holds_the_margin_well_inside(make_comparison: Make, margin: float) -> None:
    axes = panel_of(make_comparison({(8000, 0.5): ("r" * 400, "r" * 400)}, margin=margin))

    low, high = axes.get_ylim()
    assert low == -high
    assert low < -1.5 * margin


def test_the_numbers_of_a_length_stand_above_it(make_comparison: Make) -> None:
    texts = [
        (text.get_position()[0], text.get_text())
        for text in panel_of(make_comparison(CELLS)).texts[1:]
    ]

    assert texts == [
        (0, "-5.0"),
        (0, "-3/+1"),
        (0, "n 40"),
        (2, "-50.0"),
        (2, "-20/+0"),
        (2, "n 40"),
    ]


def test_the_panel_has_the_columns_of_the_cells(make_comparison: Make) -> None:
    comparison = make_comparison(CELLS)
    panel, cells = panel_of(comparison), cells_of(comparison)

    assert panel.get_xlim() == cells.get_xlim()
    assert panel.get_position().x0 == cells.get_position().x0
    assert panel.get_position().x1 == cells.get_position().x1


def test_the_bar_goes_from_the_largest_loss_to_the_largest_gain() -> None:
    axes = HeatmapPage.blank(400).axes(Box(100, 100, 30, 200))

    draw_difference_bar(axes, 0.5)

    labels = [label.get_text() for label in axes.get_yticklabels()]
    assert labels == ["-50", "-25", "0", "+25", "+50"]
    pixels = axes.images[0].get_array()
    assert pixels is not None
    assert [to_hex(pixels[row, 0]) for row in (0, 128, -1)] == [
        LOSS_SCALE[-1],
        LOSS_SCALE[0],
        GAIN_SCALE[-1],
    ]
