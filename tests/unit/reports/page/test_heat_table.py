"""A heatmap as a table: cells in their places, with their numbers in words."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qs

from recallbench.reports.page.heat_table import cell_link, heat_table
from recallbench.stats import VariantSummary

Make = Callable[..., VariantSummary]
CELLS = {
    (8000, 0.0): "rrrrr",
    (8000, 0.5): "rrrmm",
    (16_000, 0.0): "eeeee",
    (16_000, 0.5): "rtoer",
}


def test_depths_stand_below_each_other_and_lengths_beside_each_other(make_summary: Make) -> None:
    table = heat_table(make_summary(CELLS))

    assert table.lengths == ("8,000", "16,000")
    assert [row.label for row in table.rows] == ["0%", "50%", "all depths"]
    assert [["".join(cell.hits) for cell in row.cells] for row in table.rows] == [
        ["5/5", ""],
        ["3/5", "2/2"],
        ["8/10", "2/2"],
    ]
    places = [[(cell.length, cell.depth) for cell in row.cells] for row in table.rows]
    assert places == [[(0, 0), (1, 0)], [(0, 1), (1, 1)], [(0, None), (1, None)]]


def test_a_cell_says_all_of_its_numbers_in_words(make_summary: Make) -> None:
    first, second, whole = heat_table(make_summary(CELLS)).rows

    assert second.cells[0].told == (
        "8,000 tokens, depth 50%: 3/5 recalled, recall 60.0%, 95% interval 23.1-88.2%"
    )
    assert first.cells[1].told == "16,000 tokens, depth 0%: no recall measured (5 err)"
    assert second.cells[1].told.endswith("; 1 err, 1 over, 1 cut")
    assert whole.cells[0].told.startswith("8,000 tokens, all depths: 8/10 recalled")


def test_a_cell_without_recall_has_no_colour_and_one_with_it_has_its_own(
    make_summary: Make,
) -> None:
    first, second, _ = heat_table(make_summary(CELLS)).rows

    assert [cell.colour for cell in first.cells] == ["r100", "none"]
    assert [cell.colour for cell in second.cells] == ["r60", "r100"]


def test_a_length_that_was_not_planned_says_so(make_summary: Make) -> None:
    table = heat_table(make_summary({**CELLS, (16_000, 0.0): ""}, asked_lengths=(8000,)))

    assert table.rows[0].cells[1].told == "16,000 tokens, depth 0%: no recall measured (not asked)"


def test_a_ladder_is_called_what_it_is_and_its_interval_counts_haystacks(
    make_summary: Make,
) -> None:
    table = heat_table(make_summary(CELLS, shared_by="repeat", layout="ladder"))

    whole = table.rows[-1].cells[0].told
    assert "multi-key recall 80.0%" in whole
    assert whole.endswith("of 5 haystacks")
    assert any("multi-key recall" in line for line in table.legend)


def test_a_link_brings_back_any_name() -> None:
    link = cell_link("a b&c=#<d>", 8000, 0.25)

    assert link.startswith("#")
    assert parse_qs(link[1:]) == {
        "variant": ["a b&c=#<d>"],
        "length": ["8000"],
        "depth": ["0.25"],
    }
    assert cell_link("v") == "#variant=v"
