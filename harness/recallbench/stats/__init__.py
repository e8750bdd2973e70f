"""Records to counts, proportions and intervals. Pure: knows no file, network, clock or format."""

from recallbench.stats.cell_summary import CellSummary
from recallbench.stats.proportion import Interval, Proportion
from recallbench.stats.summary import VariantSummary, latest, summarize

__all__ = [
    "CellSummary",
    "Interval",
    "Proportion",
    "VariantSummary",
    "latest",
    "summarize",
]
