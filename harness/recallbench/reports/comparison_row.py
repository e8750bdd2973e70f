"""One line of a comparison's table in words: a length, or all of them.

Guarantees that no data is a dash and never a number, and that the line over all lengths, which is
one test, has no corrected p-value.
"""

from __future__ import annotations

from typing import NamedTuple

from recallbench.gate.compared import Compared
from recallbench.gate.comparison import Comparison
from recallbench.reports.comparison_words import discordant
from recallbench.reports.notation import written_hits, written_length
from recallbench.reports.points import written_p, written_points, written_points_interval

NO_DATA = "-"
"""Stands for what is not known."""


class ComparisonRow(NamedTuple):
    """The line's cells in their order."""

    length: str
    """Tokens, or ``overall``."""
    a: str
    """Recall of the first, k/n."""
    b: str
    """Recall of the second, k/n."""
    difference: str
    """The second less the first, in points."""
    interval: str
    """Of the difference, two-sided 95%, in points."""
    discordant: str
    """Pairs lost and gained."""
    p: str
    """McNemar's."""
    adjusted: str
    """The same, corrected by Holm over the lengths."""
    verdict: str
    """At the margin."""


def comparison_rows(comparison: Comparison) -> tuple[ComparisonRow, ...]:
    """A line for each length, then one over all."""
    return (*map(_row, comparison.lengths), _row(comparison.overall))


def _row(part: Compared) -> ComparisonRow:
    length, difference, interval = part.length_tokens, part.pairs.difference, part.interval
    return ComparisonRow(
        length="overall" if length is None else written_length(length),
        a=written_hits(part.a) if part.pairs.n else NO_DATA,
        b=written_hits(part.b) if part.pairs.n else NO_DATA,
        difference=NO_DATA if difference is None else written_points(difference),
        interval=NO_DATA if interval is None else written_points_interval(interval),
        discordant=discordant(part),
        p=_p(part.mcnemar_p),
        adjusted=NO_DATA if length is None else _p(part.mcnemar_adjusted),
        verdict=part.likeness.value,
    )


def _p(p: float | None) -> str:
    return NO_DATA if p is None else written_p(p)
