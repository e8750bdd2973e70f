"""What was recalled in each of the haystacks that trials share, and when these count as the units.

Guarantees that haystacks count only where at least two trials share one: else a trial is a unit and
the numbers are those of `Proportion`. Knows nothing about which trials share one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from recallbench.stats.clusters import Clusters
from recallbench.stats.proportion import Proportion

Recall = Proportion | Clusters
"""Trials that stand by themselves, or trials by the haystack they share."""


class HaystackRecall(NamedTuple):
    """The answered trials of one haystack."""

    haystack: int
    """Its number in the run."""
    recall: Proportion
    """Hits and trials, at least one."""


def by_haystack(trials: Iterable[tuple[int, bool]]) -> tuple[HaystackRecall, ...]:
    """Count answered trials by haystack, in the order of its number.

    Args:
        trials: for each, the number of its haystack and whether it was recalled.
    """
    held: defaultdict[int, list[bool]] = defaultdict(list)
    for haystack, is_hit in trials:
        held[haystack].append(is_hit)
    return tuple(
        HaystackRecall(haystack, Proportion(k=sum(hits), n=len(hits)))
        for haystack, hits in sorted(held.items())
    )


def shared_of(recalls: Sequence[Proportion]) -> Clusters | None:
    """Haystacks as units; None where no two trials share one."""
    if all(recall.n <= 1 for recall in recalls):
        return None
    return Clusters(
        hits=tuple(recall.k for recall in recalls), trials=tuple(recall.n for recall in recalls)
    )


def proportion_of(recall: Recall) -> Proportion:
    """All trials, whatever they share."""
    return recall.proportion if isinstance(recall, Clusters) else recall


def haystacks_of(recall: Recall | None) -> int | None:
    """Haystacks with a trial; None where trials stand by themselves."""
    return sum(n > 0 for n in recall.trials) if isinstance(recall, Clusters) else None
