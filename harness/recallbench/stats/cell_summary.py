"""The counts of one part of the grid: a cell, a length over all depths, or all of it.

Guarantees that only answered trials count in recall, and that where trials share haystacks its
interval counts these. Knows nothing about how trials are counted or shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from recallbench.stats.clusters import Clusters
from recallbench.stats.haystack_recall import HaystackRecall, haystacks_of, shared_of
from recallbench.stats.proportion import Interval, Proportion

Scope = Literal["cell", "length", "overall"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CellSummary:
    """The trials of one variant in one cell, at one length over all depths, or overall."""

    variant: str
    """Name of the variant."""
    length_tokens: int | None
    """Asked prompt length; None in the overall line."""
    depth: float | None
    """Asked needle depth in [0, 1]; None in a length's and in the overall line."""
    recalled: int
    """Trials whose answer holds the key."""
    missed: int
    """Trials answered without the key."""
    truncated: int
    """Trials whose answer budget ended before there was an answer."""
    overflow: int
    """Trials whose length the server refused."""
    errored: int
    """Trials whose request failed."""
    owed: int
    """Planned trials without any record yet; an errored trial has one and is not owed."""
    budget_misses: int
    """Missed trials with finish reason ``length``: the answer used its whole budget."""
    mean_achieved_depth: float | None
    """Where the needles really started, over all records that know; None without any."""
    median_latency_s: float | None
    """Over recalled and missed trials; None without any."""
    by_haystack: tuple[HaystackRecall, ...] = ()
    """Answered trials of each haystack that the run's trials share; () where each has its own."""

    @property
    def scope(self) -> Scope:
        """Which part of the grid the counts are over."""
        if self.length_tokens is None:
            return "overall"
        return "length" if self.depth is None else "cell"

    @property
    def recall(self) -> Proportion:
        """Recalled among the trials that were answered; the other outcomes are left out."""
        return Proportion(k=self.recalled, n=self.recalled + self.missed)

    @property
    def shared(self) -> Clusters | None:
        """Recall with haystacks as units; None where no two trials of it share one."""
        return shared_of([held.recall for held in self.by_haystack])

    @property
    def haystacks(self) -> int | None:
        """Haystacks that the interval counts; None where it counts trials."""
        return haystacks_of(self.shared)

    def interval(self, confidence: float = 0.95) -> Interval | None:
        """Of the recall: Wilson's, or where trials share haystacks that of `Clusters`.

        None without data.

        Args:
            confidence: two-sided confidence level in (0, 1).

        Raises:
            ValueError: ``confidence`` is not in (0, 1).
        """
        return (self.shared or self.recall).interval(confidence)

    @property
    def unmeasured(self) -> int:
        """Trials that were asked and count in recall neither as a hit nor as a miss."""
        return self.truncated + self.overflow + self.errored

    @property
    def asked(self) -> int:
        """Trials with a record, whatever became of them."""
        return self.recall.n + self.unmeasured

    @property
    def is_planned(self) -> bool:
        """Whether this variant is or was to be asked anything here."""
        return bool(self.asked or self.owed)
