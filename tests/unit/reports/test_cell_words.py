"""A cell says in few letters why trials have no recall."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from recallbench.reports.cell_words import cell_words, words_legend, words_told
from recallbench.stats import VariantSummary


@pytest.mark.parametrize(
    ("letters", "words"),
    [
        ("rrmmb", ()),
        ("eerrr", ("2 err",)),
        ("ooooo", ("5 over",)),
        ("trrr", ("1 cut", "1 owed")),
        ("", ("5 owed",)),
        ("teo", ("1 err", "1 over", "1 cut", "2 owed")),
    ],
)
def test_each_kind_has_its_word(
    make_summary: Callable[..., VariantSummary], letters: str, words: tuple[str, ...]
) -> None:
    assert cell_words(make_summary({(8000, 0.5): letters}).cells[0]) == words


@pytest.mark.parametrize(
    ("letters", "told"), [("rrmmb", ""), ("eerrr", "2 err"), ("trrr", "1 cut, 1 owed")]
)
def test_words_stand_in_a_phrase_too(
    make_summary: Callable[..., VariantSummary], letters: str, told: str
) -> None:
    assert words_told(make_summary({(8000, 0.5): letters}).cells[0]) == told


def test_a_cell_outside_the_plan_is_not_asked(make_summary: Callable[..., VariantSummary]) -> None:
    summary = make_summary({(8000, 0.5): ""}, asked_lengths=())

    assert cell_words(summary.cells[0]) == ("not", "asked")
    assert words_told(summary.cells[0]) == "not asked"
    assert words_legend(summary) == ()


def test_only_words_in_use_are_explained(make_summary: Callable[..., VariantSummary]) -> None:
    summary = make_summary({(8000, 0.5): "rrrre", (9000, 0.5): "rrrto"})

    assert words_legend(summary) == (
        "err: request failed",
        "over: length refused",
        "cut: cut off before an answer",
    )
