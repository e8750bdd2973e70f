"""Every cell of a picture says the same things, in its place, with a scale that holds them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recallbench.gate.comparison import Comparison
from recallbench.reports.difference_grid import (
    CellForm,
    DifferenceGrid,
    cell_blocks,
    empty_blocks,
    fitting_limit,
)
from recallbench.reports.heatmap_layout import LEGIBLE

Make = Callable[..., Comparison]


def whole(n_lengths: int, n_depths: int) -> dict[tuple[int, float], tuple[str, str]]:
    return {
        (1000 * (length + 1), depth / 50): ("rr", "rm" if length else "rr")
        for length in range(n_lengths)
        for depth in range(n_depths)
    }


def test_a_cell_that_no_trial_shares_is_none_in_its_place(make_comparison: Make) -> None:
    found = make_comparison(
        {(8000, 0.0): ("r", "r"), (9000, 1.0): ("r", "m"), (9000, 0.0): ("r", "e")}
    )

    grid = DifferenceGrid.of(found)

    assert (grid.lengths, grid.depths) == ((8000, 9000), (0.0, 1.0))
    assert [
        (place, None if cell is None else (cell.length_tokens, cell.depth))
        for place, cell in grid.cells
    ] == [
        ((0, 0), (8000, 0.0)),
        ((0, 1), None),
        ((1, 0), (9000, 0.0)),
        ((1, 1), (9000, 1.0)),
    ]
    assert [cell.pairs.n for cell in grid.answered] == [1, 1]


@pytest.mark.parametrize(
    ("n_lengths", "n_depths", "form"),
    [
        (1, 1, CellForm.WITH_N),
        (3, 3, CellForm.WITH_N),
        (12, 11, CellForm.WITH_DISCORDANT),
        (20, 11, CellForm.DIFFERENCE),
        (35, 35, CellForm.EMPTY),
    ],
)
def test_cells_say_as_much_as_has_room(
    make_comparison: Make, n_lengths: int, n_depths: int, form: CellForm
) -> None:
    comparison = make_comparison(whole(n_lengths, n_depths))
    grid = DifferenceGrid.of(comparison)
    layout = grid.layout(comparison)

    assert grid.form(layout) is form
    for cell in grid.answered:
        blocks = cell_blocks(cell, layout, form)
        assert len(blocks) == form.value
        assert sum(block.height_px for block in blocks) <= layout.row
        assert all(block.size_px >= LEGIBLE for block in blocks)
        assert all(block.width_px <= layout.column for block in blocks)


def test_a_cells_text_is_difference_then_pairs(make_comparison: Make) -> None:
    comparison = make_comparison({(8000, 0.5): ("r" * 20, "r" * 17 + "m" * 3)})
    grid = DifferenceGrid.of(comparison)

    blocks = cell_blocks(grid.answered[0], grid.layout(comparison), CellForm.WITH_N)

    assert [block.text for block in blocks] == ["-15.0", "-3/+0", "n 20"]


def test_a_grid_without_pairs_has_a_layout_and_words(make_comparison: Make) -> None:
    comparison = make_comparison({(8000, 0.5): ("e", "e")})
    grid = DifferenceGrid.of(comparison)

    assert [block.text for block in empty_blocks(grid.layout(comparison))] == ["no pairs"]
    assert grid.limit == 0.2


def test_words_for_no_pairs_break_where_the_column_is_narrow(make_comparison: Make) -> None:
    def words(n_lengths: int) -> list[str]:
        comparison = make_comparison(whole(n_lengths, 5))
        layout = DifferenceGrid.of(comparison).layout(comparison)
        return [block.text for block in empty_blocks(layout)]

    assert [words(n_lengths) for n_lengths in (3, 12, 30)] == [["no pairs"], ["no\npairs"], []]


@given(st.lists(st.floats(-1, 1)))
def test_a_scale_holds_all_differences(differences: list[float]) -> None:
    limit = fitting_limit(differences)

    assert 0 < limit <= 1
    assert all(abs(difference) <= limit for difference in differences)


def test_one_trial_of_a_dozen_is_no_full_colour(make_comparison: Make) -> None:
    comparison = make_comparison({(8000, 0.5): ("r" * 12, "r" * 11 + "m")})

    assert DifferenceGrid.of(comparison).limit == 0.2


def test_the_panel_has_room_for_the_longest_numbers(make_comparison: Make) -> None:
    comparison = make_comparison({(8000, 0.5): ("r" * 12, "m" * 12), (128_000, 0.5): ("r", "r")})

    layout = DifferenceGrid.of(comparison).layout(comparison)

    assert layout.head_chars == len("-100.0")
    assert layout.length_hits_chars == len("-12/+0")
    assert layout.label_chars == len("128,000")
    assert (layout.title_lines, layout.head_lines) == (4, 3)
