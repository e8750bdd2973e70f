"""Hits, share and interval are written together or not at all."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from recallbench.reports.recall_text import written_recall
from recallbench.stats import VariantSummary

Make = Callable[..., VariantSummary]


def test_recall_comes_with_its_trials_and_interval(make_summary: Make) -> None:
    line = make_summary({(8000, 0.5): "rrrrm"}).cells[0]

    # Wilson, worked by hand: (0.8 + 0.38415 ± 0.52010) / 1.76829.
    assert written_recall(line) == ("4/5", "80.0%", "37.6-96.4%")


@pytest.mark.parametrize("letters", ["", "eeeee", "ttooe"])
def test_where_nothing_was_recalled_or_missed_there_is_none(
    make_summary: Make, letters: str
) -> None:
    assert written_recall(make_summary({(8000, 0.5): letters}).cells[0]) is None


def test_the_interval_counts_haystacks_where_trials_share_them(make_summary: Make) -> None:
    cells = {(8000, 0.0): "rrrmm", (8000, 1.0): "rrrmm"}
    alone, shared = (
        written_recall(make_summary(cells, shared_by=by).overall) for by in ("trial", "repeat")
    )

    assert alone
    assert shared
    assert alone[:2] == shared[:2] == ("6/10", "60.0%")
    assert alone.interval != shared.interval
