"""Parts of a heatmap stand where their place is, and what has no data has no colour."""

from __future__ import annotations

import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_hex

from recallbench.reports.cell_text import TextBlock
from recallbench.reports.heatmap_layout import HeatmapLayout
from recallbench.reports.heatmap_page import HeatmapPage
from recallbench.reports.heatmap_parts import (
    Head,
    draw_ground,
    draw_point,
    draw_scale,
    mark_grid,
    mark_values,
    write_blocks,
    write_heads,
)
from recallbench.reports.palette import NO_DATA
from recallbench.stats import Interval

LAYOUT = HeatmapLayout(
    n_lengths=3,
    n_depths=2,
    hits_chars=5,
    length_hits_chars=5,
    label_chars=6,
    caption_lines=0,
)


@pytest.fixture
def axes() -> Axes:
    return HeatmapPage.blank(LAYOUT.height).axes(LAYOUT.heat)


def test_a_ground_has_its_colour_and_a_thin_edge_where_it_is_asked(axes: Axes) -> None:
    draw_ground(axes, LAYOUT, (0, 0), "#123456")
    draw_ground(axes, LAYOUT, (1, 0), "#f7f7f7", edge="#d9d9d9")

    plain, edged = axes.patches
    assert (to_hex(plain.get_facecolor()), plain.get_linewidth()) == ("#123456", 0)
    assert to_hex(edged.get_edgecolor()) == "#d9d9d9"
    assert edged.get_linewidth() > 0
    assert not plain.get_hatch()


def test_a_ground_without_a_colour_is_hatched_without_an_edge(axes: Axes) -> None:
    draw_ground(axes, LAYOUT, (0, 0), None, edge="#123456")

    (patch,) = axes.patches
    assert to_hex(patch.get_facecolor()) == NO_DATA
    assert patch.get_hatch()
    assert patch.get_linewidth() == 0


def test_blocks_are_centred_on_their_cell(axes: Axes) -> None:
    blocks = (TextBlock("a", 30), TextBlock("b", 20))

    write_blocks(axes, LAYOUT, (2, 1), blocks, "#ffffff")

    (x, a), (_, b) = (text.get_position() for text in axes.texts)
    assert x == 2
    assert a - 30 * 1.2 / 2 / LAYOUT.row + b + 20 * 1.2 / 2 / LAYOUT.row == pytest.approx(2)


def test_only_legible_heads_are_written_and_the_bold_one_is_dark(axes: Axes) -> None:
    heads = (Head("bold", 20, 46, is_bold=True), Head("small", 15, 16), Head("thin", 16, 16))

    write_heads(axes, LAYOUT, 1, heads)

    assert [text.get_text() for text in axes.texts] == ["bold", "thin"]
    assert [text.get_fontweight() for text in axes.texts] == ["bold", "normal"]


def test_a_point_has_its_interval(axes: Axes) -> None:
    draw_point(axes, LAYOUT, 1, -0.1, Interval(low=-0.3, high=0.2))

    (bars,) = axes.containers[0].lines[2]  # type: ignore[attr-defined]
    assert bars.get_segments()[0].ravel().tolist() == pytest.approx([1, -0.3, 1, 0.2])


def test_the_grid_has_its_names_and_first_depth_above(axes: Axes) -> None:
    mark_grid(axes, LAYOUT, (1000, 2000, 128_000), (0.0, 1.0))

    assert [label.get_text() for label in axes.get_xticklabels()] == ["1,000", "2,000", "128,000"]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["0%", "100%"]
    assert axes.get_ylim() == (1.5, -0.5)


def test_a_scale_goes_from_its_lower_to_its_upper_end(axes: Axes) -> None:
    draw_scale(axes, lambda value: "#000000" if value < 0 else "#ffffff", (-0.5, 0.5), "x")
    mark_values(axes, (-0.5, 0.5), ("less", "more"))

    pixels = axes.images[0].get_array()
    assert pixels is not None
    assert [to_hex(pixels[row, 0]) for row in (0, -1)] == ["#000000", "#ffffff"]
    assert tuple(axes.images[0].get_extent()) == (0, 1, -0.5, 0.5)
    assert [label.get_text() for label in axes.get_yticklabels()] == ["less", "more"]
