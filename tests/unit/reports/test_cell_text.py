"""A cell says as much as it has room for, k/n first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from recallbench.reports.cell_text import TextBlock, cell_text
from recallbench.reports.heatmap_layout import HeatmapLayout
from recallbench.stats import VariantSummary

Make = Callable[..., VariantSummary]

LAYOUT = HeatmapLayout(
    n_lengths=5,
    n_depths=5,
    hits_chars=3,
    length_hits_chars=5,
    label_chars=6,
    caption_lines=1,
)


def texts(summary: VariantSummary, layout: HeatmapLayout = LAYOUT) -> tuple[str, ...]:
    return tuple(block.text for block in cell_text(summary.cells[0], layout))


@pytest.mark.parametrize(
    ("letters", "said"),
    [
        ("rrrmm", ("3/5",)),
        ("mmmmm", ("0/5",)),
        ("rrrme", ("3/4", "1 err")),
        ("rrtee", ("2/2", "2 err 1 cut")),
        ("eeeee", ("5 err",)),
        ("", ("5 owed",)),
        ("toe", ("1 err\n1 over\n1 cut\n2 owed",)),
    ],
)
def test_hits_come_first_and_words_follow(
    make_summary: Make, letters: str, said: tuple[str, ...]
) -> None:
    assert texts(make_summary({(8000, 0.5): letters})) == said


def test_a_cell_outside_the_plan_says_so(make_summary: Make) -> None:
    assert texts(make_summary({(8000, 0.5): ""}, asked_lengths=())) == ("not asked",)


def test_a_narrow_cell_breaks_its_words(make_summary: Make) -> None:
    summary = make_summary({(8000, 0.5): ""}, asked_lengths=())

    assert texts(summary, replace(LAYOUT, n_lengths=13)) == ("not\nasked",)


def test_words_without_room_become_a_number(make_summary: Make) -> None:
    summary = make_summary({(8000, 0.5): "rrtoe"})

    assert texts(summary, replace(LAYOUT, n_lengths=8, n_depths=11)) == ("2/2", "+3")


def test_words_too_small_to_read_are_left_out(make_summary: Make) -> None:
    summary = make_summary({(8000, 0.5): "rreee"})

    assert texts(summary, replace(LAYOUT, n_depths=20)) == ("2/2",)


def test_a_cell_too_small_for_any_text_is_empty(make_summary: Make) -> None:
    summary = make_summary({(8000, 0.5): "rreee"})

    assert texts(summary, replace(LAYOUT, n_lengths=60, n_depths=35)) == ()


def test_a_block_is_as_high_as_its_lines_and_as_wide_as_its_longest() -> None:
    block = TextBlock("1 err\n10 over", 20)

    assert block.height_px == pytest.approx(48)
    assert block.width_px == pytest.approx(0.62 * 20 * 7)
