"""How many pairs it takes, at the least, to rule out a drop of recall.

Knows nothing about what was asked; takes pairs as independent, so where they share a haystack it
takes more.
"""

from __future__ import annotations

from math import ceil, log

from recallbench.stats.paired import PairedCounts

_MORE_PAIRS = 200


def pairs_without_loss(margin: float, confidence: float) -> int | None:
    """Fewest pairs that rule out a drop of ``margin`` where all are recalled by both.

    The exact test's number: never below the smallest ``n`` with ``(1 - margin)^n <= 1 -
    confidence``, and at 95% mostly that; more where gains and losses that cancel are likelier.

    Args:
        margin: difference of recall in (0, 1).
        confidence: one-sided, in (0, 1).

    Returns:
        None where 200 pairs beyond that bound are still too few.

    Raises:
        ValueError: ``margin`` or ``confidence`` is not in (0, 1).
    """
    for name, value in (("margin", margin), ("confidence", confidence)):
        if not 0.0 < value < 1.0:
            raise ValueError(f"{name} must be in (0, 1), got {value}")
    least = max(1, ceil(log(1 - confidence) / log(1 - margin)))
    for n in range(least, least + _MORE_PAIRS):
        p = PairedCounts(both=n, lost=0, gained=0, neither=0).p_inferior_by(margin)
        if p is not None and p <= 1 - confidence:
            return n
    return None
