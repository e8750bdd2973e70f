"""One key among many is never called recall, and an interval says what it counts."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from recallbench.reports.measure_words import (
    interval_head,
    interval_told,
    needles_told,
    recall_name,
)
from recallbench.stats import VariantSummary

Make = Callable[..., VariantSummary]
CELLS = {(8000, 0.0): "rrrrr", (8000, 1.0): "rrrrr"}


def test_what_a_ladder_recalls_is_multi_key() -> None:
    assert recall_name("single") == "recall"
    assert recall_name("ladder") == "multi-key recall"


@pytest.mark.parametrize(
    ("distractors", "told"),
    [
        ((54, 54), "multi-key recall: 54 other needles in each prompt"),
        ((3, 54), "multi-key recall: 3 to 54 other needles in each prompt"),
        ((0, 1), "multi-key recall: 0 to 1 other needle in each prompt"),
        (None, "multi-key recall: other needles stand in each prompt"),
    ],
)
def test_the_other_needles_are_counted(distractors: tuple[int, int] | None, told: str) -> None:
    assert needles_told("ladder", distractors) == told
    assert needles_told("single", distractors) is None


def test_intervals_that_count_haystacks_are_not_wilsons(make_summary: Make) -> None:
    alone, shared = make_summary(CELLS), make_summary(CELLS, shared_by="repeat")

    assert interval_head([alone]) == "Wilson 95%"
    assert interval_told([alone]) is None
    assert interval_head([alone, shared]) == "95% interval"
    assert interval_told([shared]) == "intervals count the 5 haystacks that the trials share"


def test_one_haystack_is_told_as_one(make_summary: Make) -> None:
    told = interval_told([make_summary(CELLS, shared_by=1)])

    assert told == "intervals count the 1 haystack that the trials share"


def test_repeats_of_a_single_cell_share_nothing(make_summary: Make) -> None:
    assert interval_told([make_summary({(8000, 0.0): "rrrrr"}, shared_by="repeat")]) is None
    assert interval_told([]) is None
