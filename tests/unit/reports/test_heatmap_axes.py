"""The diagrams draw what was counted, in columns that agree."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.container import ErrorbarContainer

from recallbench.reports.heatmap_axes import draw_bar, draw_cells, draw_panel
from recallbench.reports.heatmap_layout import HeatmapLayout, fitting_layout
from recallbench.reports.heatmap_page import HeatmapPage
from recallbench.reports.palette import NO_DATA, recall_colour
from recallbench.stats import VariantSummary

Make = Callable[..., VariantSummary]

CELLS = {
    (8000, 0.0): "rrrrr",
    (8000, 0.5): "rrrrm",
    (8000, 1.0): "mmmmm",
    (16000, 0.0): "eeeee",
    (16000, 0.5): "",
    (16000, 1.0): "ttttt",
    (128_000, 0.0): "rrrrr",
    (128_000, 0.5): "rrrme",
    (128_000, 1.0): "rrrrr",
}


def panel_of(summary: VariantSummary) -> Axes:
    layout = fitting_layout(summary)
    axes = HeatmapPage.blank(layout.height).axes(layout.panel)
    draw_panel(axes, layout, summary.lengths)
    return axes


def cells_of(summary: VariantSummary) -> tuple[Axes, HeatmapLayout]:
    layout = fitting_layout(summary)
    axes = HeatmapPage.blank(layout.height).axes(layout.heat)
    draw_cells(axes, layout, summary)
    return axes, layout


def texts(axes: Axes) -> list[tuple[float, str]]:
    return [(text.get_position()[0], text.get_text()) for text in axes.texts]


def test_each_cell_says_its_hits_or_why_it_has_none(make_summary: Make) -> None:
    axes, _ = cells_of(make_summary(CELLS))

    assert texts(axes) == [
        (0, "5/5"),
        (0, "4/5"),
        (0, "0/5"),
        (1, "5 err"),
        (1, "5 owed"),
        (1, "5 cut"),
        (2, "5/5"),
        (2, "3/4"),
        (2, "1 err"),
        (2, "5/5"),
    ]


def test_lengths_go_right_and_depths_go_down(make_summary: Make) -> None:
    axes, _ = cells_of(make_summary(CELLS))

    assert [label.get_text() for label in axes.get_xticklabels()] == ["8,000", "16,000", "128,000"]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["0%", "50%", "100%"]
    assert axes.get_xlim() == (-0.5, 2.5)
    assert axes.get_ylim() == (2.5, -0.5)


def test_only_cells_with_recall_are_coloured_and_only_others_are_hatched(
    make_summary: Make,
) -> None:
    axes, _ = cells_of(make_summary(CELLS))

    colours = [to_hex(patch.get_facecolor()) for patch in axes.patches]
    assert colours[:6] == [recall_colour(1), recall_colour(0.8), recall_colour(0)] + 3 * [NO_DATA]
    hatched = [bool(patch.get_hatch()) for patch in axes.patches]
    assert hatched == [False] * 3 + [True] * 3 + [False] * 3


def test_a_cell_stands_in_its_place_with_a_small_gap(make_summary: Make) -> None:
    axes, layout = cells_of(make_summary(CELLS))

    box = axes.patches[5].get_bbox()  # type: ignore[attr-defined]
    assert ((box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2) == pytest.approx((1, 2))
    assert box.width * layout.column == pytest.approx(layout.column - 4)
    assert abs(box.height) * layout.row == pytest.approx(layout.row - 4)


def test_text_is_light_on_lost_and_dark_on_recalled_cells(make_summary: Make) -> None:
    axes, _ = cells_of(make_summary(CELLS))

    assert [text.get_color() for text in axes.texts][:3] == ["#000000", "#000000", "#ffffff"]


def test_two_blocks_are_centred_together(make_summary: Make) -> None:
    axes, layout = cells_of(make_summary(CELLS))

    hits, words = axes.texts[7:9]
    top = hits.get_position()[1] - 30 * 1.2 / 2 / layout.row
    bottom = words.get_position()[1] + 21 * 1.2 / 2 / layout.row
    assert (top + bottom) / 2 == pytest.approx(1)


def test_narrow_columns_have_upright_lengths(make_summary: Make) -> None:
    wide, _ = cells_of(make_summary(CELLS))
    narrow, _ = cells_of(make_summary({(1000 * number, 0.5): "r" for number in range(100, 135)}))

    assert {label.get_rotation() for label in wide.get_xticklabels()} == {0}
    assert {label.get_rotation() for label in narrow.get_xticklabels()} == {90}


def test_the_panel_has_a_wilson_bar_at_each_length_with_recall(make_summary: Make) -> None:
    axes = panel_of(make_summary({(8000, 0.5): "rrrrr", (9000, 0.5): "eeeee", (9500, 0.5): "rrrm"}))

    bars = [
        points.lines[2][0].get_segments()[0]
        for points in axes.containers
        if isinstance(points, ErrorbarContainer)
    ]
    assert [bar.ravel().tolist() for bar in bars] == [
        pytest.approx([0, 0.5655, 0, 1.0], abs=1e-4),
        pytest.approx([2, 0.3006, 2, 0.9544], abs=1e-4),
    ]


def test_bars_count_the_haystacks_that_trials_share(make_summary: Make) -> None:
    """5 of 5 haystacks are 47.8-100% by the exact interval, whatever their trials."""
    cells = {(8000, depth): "rrrrr" for depth in (0.0, 0.5, 1.0)}

    (bar,) = [
        each
        for each in panel_of(make_summary(cells, shared_by="repeat")).containers
        if isinstance(each, ErrorbarContainer)
    ]

    (segment,) = bar[2][0].get_segments()
    assert segment[:, 1].tolist() == pytest.approx([0.478176, 1.0], abs=1e-6)


def test_the_panels_line_is_interrupted_where_there_is_no_recall(make_summary: Make) -> None:
    axes = panel_of(make_summary({(8000, 0.5): "rrrrr", (9000, 0.5): "eeeee", (9500, 0.5): "rrrm"}))

    line = np.asarray(axes.lines[0].get_ydata(), dtype=float).tolist()
    assert (line[0], line[2]) == (1.0, 0.75)
    assert math.isnan(line[1])


def test_the_panel_says_recall_and_hits_above_each_length(make_summary: Make) -> None:
    axes = panel_of(make_summary(CELLS))

    assert texts(axes) == [(0, "60%"), (0, "9/15"), (2, "93%"), (2, "13/14")]


def test_the_panel_has_the_columns_of_the_cells(make_summary: Make) -> None:
    summary = make_summary(CELLS)
    panel = panel_of(summary)
    cells, _ = cells_of(summary)

    assert panel.get_xlim() == cells.get_xlim()
    assert panel.get_position().x0 == cells.get_position().x0
    assert panel.get_position().x1 == cells.get_position().x1


def test_the_bar_goes_from_0_to_1(make_summary: Make) -> None:
    layout = fitting_layout(make_summary(CELLS))
    axes = HeatmapPage.blank(layout.height).axes(layout.bar)

    draw_bar(axes)

    labels = [label.get_text() for label in axes.get_yticklabels()]
    assert labels == ["0%", "25%", "50%", "75%", "100%"]
    pixels = axes.images[0].get_array()
    assert pixels is not None
    assert [to_hex(pixels[row, 0]) for row in (0, 128, -1)] == [
        recall_colour(0),
        recall_colour(0.5),
        recall_colour(1),
    ]
    assert axes.images[0].origin == "lower"
