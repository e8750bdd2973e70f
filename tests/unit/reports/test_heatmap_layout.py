"""Text of the heatmap can be read, and nothing overlaps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recallbench.reports.heatmap_layout import (
    LEGIBLE,
    LETTER_WIDTH,
    WIDTH,
    HeatmapLayout,
    fitting_layout,
)
from recallbench.stats import VariantSummary


def layout(n_lengths: int, n_depths: int, *, hits: str = "10/10") -> HeatmapLayout:
    return HeatmapLayout(
        n_lengths=n_lengths,
        n_depths=n_depths,
        hits_chars=len(hits),
        length_hits_chars=len("110/110"),
        label_chars=len("1,024,000"),
        caption_lines=2,
    )


@pytest.mark.parametrize(("n_lengths", "n_depths"), [(1, 1), (3, 5), (5, 11), (8, 11)])
def test_a_usual_grid_has_text_of_ten_pixels_at_half_size(n_lengths: int, n_depths: int) -> None:
    usual = layout(n_lengths, n_depths)

    assert usual.hits_px / 2 >= 10
    assert usual.words_px / 2 >= 9.5
    assert usual.label_px / 2 >= 10
    assert usual.depth_px / 2 >= 10


@given(st.integers(1, 40), st.integers(1, 40), st.sampled_from(["1/1", "10/10", "100/100"]))
def test_hits_stay_in_their_cell(n_lengths: int, n_depths: int, hits: str) -> None:
    any_grid = layout(n_lengths, n_depths, hits=hits)

    assert any_grid.hits_px <= any_grid.row
    assert LETTER_WIDTH * any_grid.hits_px * len(hits) <= any_grid.column


@given(st.integers(1, 40), st.integers(1, 40))
def test_blocks_stand_below_and_beside_each_other(n_lengths: int, n_depths: int) -> None:
    any_grid = layout(n_lengths, n_depths)
    panel, heat, bar = any_grid.panel, any_grid.heat, any_grid.bar

    assert (panel.left, panel.width) == (heat.left, heat.width)
    assert panel.top + panel.height < heat.top
    assert heat.left + heat.width < bar.left < bar.left + bar.width < WIDTH
    assert heat.top + heat.height < any_grid.caption_top < any_grid.height


def test_a_large_grid_loses_its_hits_and_keeps_its_depths() -> None:
    large = layout(35, 35)

    assert large.hits_px < LEGIBLE
    assert large.words_px < LEGIBLE
    assert large.depth_px >= LEGIBLE


def test_lengths_stand_upright_where_columns_are_narrow() -> None:
    assert [layout(n_lengths, 5).is_upright for n_lengths in (5, 8, 12, 35)] == [
        False,
        False,
        True,
        True,
    ]


def test_the_layout_is_of_the_longest_texts(make_summary: Callable[..., VariantSummary]) -> None:
    found = fitting_layout(make_summary({(8000, 0.0): "r" * 9, (128_000, 1.0): "r" * 10}))

    assert (found.n_lengths, found.n_depths) == (2, 2)
    assert found.hits_chars == len("10/10")
    assert found.length_hits_chars == len("10/10")
    assert found.label_chars == len("128,000")


def test_more_lines_above_move_everything_down() -> None:
    usual = layout(3, 3)

    taller = replace(usual, title_lines=4, head_lines=3)

    assert taller.panel.top - usual.panel.top == 42 + 28
    assert taller.heat.top - usual.heat.top == taller.height - usual.height == 42 + 28


def test_longer_heads_are_smaller_where_columns_are_narrow() -> None:
    assert replace(layout(12, 3), head_chars=6).share_px < layout(12, 3).share_px
