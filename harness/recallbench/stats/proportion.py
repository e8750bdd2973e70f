"""A proportion that never travels without its number of trials, and its confidence interval.

Guarantees that no data is None and never a number, and that a full or an empty count of hits still
has an interval of some width. Knows nothing about trials, cells or recall.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple


class Interval(NamedTuple):
    """A two-sided confidence interval of a proportion."""

    low: float
    """Lower end, in [0, 1]."""
    high: float
    """Upper end, in [0, 1]."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proportion:
    """``k`` hits in ``n`` trials."""

    k: int
    """Hits, in [0, n]."""
    n: int
    """Trials; 0 where there are no data."""

    def __post_init__(self) -> None:
        """Refuse counts that cannot be.

        Raises:
            ValueError: ``k`` is not in [0, n].
        """
        if not 0 <= self.k <= self.n:
            raise ValueError(f"k must be in [0, n], got k={self.k}, n={self.n}")

    @property
    def value(self) -> float | None:
        """``k / n``; None without data."""
        return self.k / self.n if self.n else None

    def interval(self, confidence: float = 0.95) -> Interval | None:
        """Wilson's score interval; None without data.

        Args:
            confidence: two-sided confidence level in (0, 1).

        Raises:
            ValueError: ``confidence`` is not in (0, 1).

        Source: E. B. Wilson, J. Am. Stat. Assoc. 22 (1927) 209-212, without continuity correction,
        as recommended by R. G. Newcombe, Statist. Med. 17 (1998) 857-872, method 3.
        """
        if not 0.0 < confidence < 1.0:
            raise ValueError(f"confidence must be in (0, 1), got {confidence}")
        return _wilson(self.k, self.n, confidence) if self.n else None


@lru_cache(maxsize=4096)
def _wilson(k: int, n: int, confidence: float) -> Interval:
    # scipy.stats takes about a second to import, and planning a run needs no interval.
    from scipy.stats import binomtest

    interval = binomtest(k, n).proportion_ci(confidence_level=confidence, method="wilson")
    return Interval(low=float(interval.low), high=float(interval.high))
