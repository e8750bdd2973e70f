"""The order of a prompt's parts, and the characters at which they stand."""

from __future__ import annotations

import pytest

from recallbench.prompts.pieces import Cut, PromptTexts, Site, pieces_of

CORPUS = "Skipped. One. Two. Three. Four."
TEXTS = PromptTexts(
    head="<user>",
    opening="Read.\n\n",
    needle="It is 42.",
    closing="\n\nWhat is it?",
    tail="<answer>",
    key="42",
    start=9,
)


@pytest.mark.parametrize(
    ("site", "cut", "text"),
    [
        (
            Site(at=13, first=False),
            Cut(end=25, fill=""),
            "<user>Read.\n\nOne. It is 42. Two. Three.\n\nWhat is it?<answer>",
        ),
        (
            Site(at=13, first=False),
            Cut(end=22, fill=" and so."),
            "<user>Read.\n\nOne. It is 42. Two. Thr and so.\n\nWhat is it?<answer>",
        ),
        (
            Site(at=None, first=True),
            Cut(end=18, fill=""),
            "<user>Read.\n\nIt is 42. One. Two.\n\nWhat is it?<answer>",
        ),
        (
            Site(at=None, first=False),
            Cut(end=17, fill="."),
            "<user>Read.\n\nOne. Two. It is 42.\n\nWhat is it?<answer>",
        ),
    ],
)
def test_the_parts_stand_in_order_and_where_it_says(site: Site, cut: Cut, text: str) -> None:
    placed = pieces_of(TEXTS, cut, site, CORPUS)
    joined = "".join(piece.text for piece in placed.pieces)
    (needle_start, needle_end), (haystack_start, haystack_end) = placed.needle, placed.haystack

    assert joined == text
    assert joined[needle_start:needle_end] == TEXTS.needle
    assert haystack_start == len("<user>Read.\n\n")
    assert joined[haystack_end:].removeprefix(" It is 42.") == "\n\nWhat is it?<answer>"


def test_the_corpus_is_kept_by_reference() -> None:
    placed = pieces_of(TEXTS, Cut(end=25, fill=""), Site(at=13, first=False), CORPUS)
    slices = [piece for piece in placed.pieces if piece.source is CORPUS]

    assert [(piece.start, piece.end) for piece in slices] == [(9, 13), (13, 25)]
