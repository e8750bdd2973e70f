"""What a reader must know before believing a recall, in plain sentences, the same in every report.

Each sentence is about one variant and says what is not counted, or what to change.
"""

from __future__ import annotations

from recallbench.reports.notation import counted
from recallbench.stats import CellSummary


def remarks(overall: CellSummary) -> tuple[str, ...]:
    """Warnings about the counts of one variant, without a full stop; () where all is well."""
    trials = [
        (overall.truncated, "cut off before an answer: not counted; raise their budget"),
        (overall.overflow, "refused by the server as too long: not counted as missed"),
        (overall.errored, "errored: not counted as missed"),
        (overall.owed, "not asked yet: the run is not complete"),
    ]
    about_trials = (f"{counted(number, 'trial')} {fate}" for number, fate in trials if number)
    return (*_budget_misses(overall), *about_trials)


def _budget_misses(overall: CellSummary) -> tuple[str, ...]:
    if not overall.budget_misses:
        return ()
    misses = (
        "the only miss"
        if overall.missed == 1
        else f"{overall.budget_misses:,} of {overall.missed:,} misses"
    )
    return (f"{misses} used the whole answer budget: their key may have come yet",)
