"""A line of counts as every report writes its recall: hits, share and interval.

Guarantees that the three come together or not at all: no share without its trials and interval.
"""

from __future__ import annotations

from typing import NamedTuple

from recallbench.reports.notation import written_hits, written_interval, written_share
from recallbench.stats import CellSummary


class WrittenRecall(NamedTuple):
    """Recall of some trials."""

    hits: str
    """Such as ``45/50``."""
    share: str
    """Such as ``90.0%``."""
    interval: str
    """Such as ``78.6-95.7%``."""


def written_recall(line: CellSummary) -> WrittenRecall | None:
    """Recall of a cell, a length or all; None where no trial was recalled or missed."""
    recall, interval = line.recall, line.interval()
    if recall.value is None or interval is None:
        return None
    return WrittenRecall(
        hits=written_hits(recall),
        share=written_share(recall.value),
        interval=written_interval(interval),
    )
