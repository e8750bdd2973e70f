"""Captions break where they may, and say nothing for nothing."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from recallbench.reports.heatmap_caption import filled, joined, wrapped, write_caption
from recallbench.reports.heatmap_page import HeatmapPage
from recallbench.reports.palette import FAINT, WARNING


def test_only_parts_that_say_something_are_joined() -> None:
    assert joined(["a", "", None, "b"]) == "a · b"


def test_lines_break_between_parts() -> None:
    part = "x" * 60

    assert filled([part, part, part]) == [f"{part} · {part}", part]


@given(st.lists(st.text(min_size=1)))
def test_no_part_is_lost(parts: list[str]) -> None:
    assert " · ".join(filled(parts)) == " · ".join(parts)


def test_a_sentence_breaks_between_words_in_its_colour() -> None:
    lines = wrapped("word " * 60, WARNING)

    assert len(lines) == 3
    assert {line.colour for line in lines} == {WARNING}
    assert " ".join(line.text for line in lines) == ("word " * 60).strip()


def test_lines_stand_below_each_other() -> None:
    page = HeatmapPage.blank(400)

    write_caption(page, 100, [*wrapped("one", WARNING), *wrapped("two")])

    texts = page.figure.texts
    assert [(text.get_text(), text.get_color()) for text in texts] == [
        ("one", WARNING),
        ("two", FAINT),
    ]
    assert [round(400 * (1 - text.get_position()[1])) for text in texts] == [100, 134]
