"""What is not counted, or may be a fault of the budget, is said in words."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from recallbench.reports.remarks import remarks
from recallbench.stats import VariantSummary


@pytest.mark.parametrize(
    ("letters", "sentences"),
    [
        ("rrmm", ()),
        ("bbbm", ("3 of 4 misses used the whole answer budget: their key may have come yet",)),
        ("rrrb", ("the only miss used the whole answer budget: their key may have come yet",)),
        ("ttrr", ("2 trials cut off before an answer: not counted; raise their budget",)),
        ("orrr", ("1 trial refused by the server as too long: not counted as missed",)),
        ("eeee", ("4 trials errored: not counted as missed",)),
        ("rr", ("2 trials not asked yet: the run is not complete",)),
    ],
)
def test_each_kind_has_its_sentence(
    make_summary: Callable[..., VariantSummary], letters: str, sentences: tuple[str, ...]
) -> None:
    summary = make_summary({(8000, 0.5): letters}, trials=4)

    assert remarks(summary.overall) == sentences


def test_all_kinds_are_said_at_once(make_summary: Callable[..., VariantSummary]) -> None:
    summary = make_summary({(8000, 0.5): "btoe"}, trials=5)

    assert [sentence.split()[-1] for sentence in remarks(summary.overall)] == [
        "yet",
        "budget",
        "missed",
        "missed",
        "complete",
    ]
