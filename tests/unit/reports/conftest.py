"""Summaries written as letters: enough to see what a report must show."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from recallbench.domain import Grid, Outcome, TrialRecord
from recallbench.stats import VariantSummary, summarize

OUTCOMES = {
    "r": Outcome.RECALLED,
    "m": Outcome.MISSED,
    "b": Outcome.MISSED,
    "t": Outcome.TRUNCATED,
    "o": Outcome.OVERFLOW,
    "e": Outcome.ERRORED,
}
"""A letter for each outcome; ``b`` is a miss that used its whole budget."""


def summary_of(
    cells: Mapping[tuple[int, float], str],
    *,
    trials: int = 5,
    variant: str = "base",
    asked_lengths: tuple[int, ...] | None = None,
) -> VariantSummary:
    """Count trials given as letters for each (length, depth); the grid is made of these."""
    lengths, depths = ({place[axis] for place in cells} for axis in (0, 1))
    records = [
        TrialRecord(
            variant=variant,
            trial_id=f"{length}-{depth}-{repeat}",
            length_tokens=int(length),
            depth=depth,
            repeat=repeat,
            outcome=OUTCOMES[letter],
            key="4711",
            finish_reason="length" if letter == "b" else "stop",
        )
        for (length, depth), letters in cells.items()
        for repeat, letter in enumerate(letters)
    ]
    grid = Grid(
        lengths=tuple(sorted(map(int, lengths))), depths=tuple(sorted(depths)), trials=trials
    )
    return summarize(records, variant=variant, grid=grid, asked_lengths=asked_lengths)


@pytest.fixture(scope="session")
def make_summary() -> Callable[..., VariantSummary]:
    """The function above; fixtures of functions need no package of tests."""
    return summary_of
