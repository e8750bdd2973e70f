"""Records to counts, proportions and intervals. Pure: knows no file, network, clock or format."""

from recallbench.stats.proportion import Interval, Proportion
from recallbench.stats.summary import CellSummary, VariantSummary, latest, summarize

__all__ = [
    "CellSummary",
    "Interval",
    "Proportion",
    "VariantSummary",
    "latest",
    "summarize",
]
