"""Recall over all lengths in one number, with its interval.

Guarantees that every asked length counts by the part of the range that it stands for, on a scale on
which doubling is one step, and that the number has no value where a length has no data. Where
lengths share haystacks their errors are taken as wholly alike, the widest that the interval can be.
Knows nothing about recall between the asked lengths: it draws straight lines.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import fsum, hypot, log2

from recallbench.stats.haystack_recall import Recall, proportion_of
from recallbench.stats.proportion import Interval


@dataclass(frozen=True, slots=True, kw_only=True)
class RecallArea:
    """Mean recall over the logarithm of length."""

    value: float
    """In [0, 1]; recall itself where one length was asked."""
    interval: Interval
    """95% interval of the value, in [0, 1]."""
    n: int
    """Trials at all lengths."""


def recall_area(
    lengths: Sequence[tuple[int, Recall]], *, is_shared: bool = False
) -> RecallArea | None:
    """The area under recall over log2 of length, by trapezoids, divided by its width.

    None without any length, and where a length has no data.

    Args:
        lengths: prompt lengths in tokens, each once and above 0, and what was recalled there.
        is_shared: whether trials of unlike lengths share haystacks.

    Raises:
        ValueError: a length stands twice or is not above 0.

    Source: G. Y. Zou and A. Donner, Statist. Med. 27 (2008) 1693-1702, on the limits of each
    length, with a correlation of 0 between lengths or of 1.
    """
    ordered = sorted(lengths, key=lambda pair: pair[0])
    weights = _weights([length for length, _ in ordered])
    recalls = [proportion_of(recall) for _, recall in ordered]
    ends = (recall.interval() for _, recall in ordered)
    intervals = [interval for interval in ends if interval is not None]
    if not recalls or len(intervals) < len(recalls):
        return None
    value = 0.0
    below, above = [], []
    for weight, recall, interval in zip(weights, recalls, intervals, strict=True):
        at = recall.k / recall.n
        value += weight * at
        below.append(weight * (at - interval.low))
        above.append(weight * (interval.high - at))
    low, high = (fsum(side) if is_shared else hypot(*side) for side in (below, above))
    if all(recall.k == recall.n for recall in recalls):
        value = 1.0  # the weights sum to 1 but for a rounding
    return RecallArea(
        value=value,
        interval=Interval(low=max(0.0, value - low), high=min(1.0, value + high)),
        n=sum(recall.n for recall in recalls),
    )


def _weights(lengths: Sequence[int]) -> list[float]:
    # Shape (n_lengths,), summing to 1: half the way to each neighbour.
    if any(length <= 0 for length in lengths):
        raise ValueError(f"a length must be above 0, got {min(lengths)}")
    if len(set(lengths)) < len(lengths):
        raise ValueError(f"a length must stand once, got {list(lengths)}")
    if len(lengths) < 2:  # noqa: PLR2004 -- no way to a neighbour
        return [1.0] * len(lengths)
    steps = [log2(after) - log2(before) for before, after in pairwise(lengths)]
    width = fsum(steps)
    return [
        (left + right) / 2.0 / width
        for left, right in zip([0.0, *steps], [*steps, 0.0], strict=True)
    ]
