"""Rounds: one trial, or one pair of trials, at each depth of one prompt length, as counts.

Guarantees that counts are never negative. A sequential test looks only after whole rounds, so what
a round holds is counts and no order. Knows nothing about depths, lengths, or why a trial gave no
measurement.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """The trials of one arm: one at each depth."""

    hits: int
    """Trials whose answer holds the key."""
    misses: int
    """Trials answered without the key."""
    unmeasured: int = 0
    """Trials that were asked and gave neither: truncated, errored or refused."""

    def __post_init__(self) -> None:
        """Refuse negative counts.

        Raises:
            ValueError: a count is negative.
        """
        _check_counts(asdict(self))

    @property
    def size(self) -> int:
        """Trials asked, whatever became of them."""
        return self.hits + self.misses + self.unmeasured


@dataclass(frozen=True, slots=True, kw_only=True)
class PairedRound:
    """The pairs of two arms, asked the same prompts: one pair at each depth."""

    lost: int
    """Pairs recalled by the first arm (the reference) only."""
    gained: int
    """Pairs recalled by the second arm only."""
    same: int
    """Pairs recalled by both arms or by none."""
    unmeasured: int = 0
    """Pairs of which at least one trial was asked and gave neither hit nor miss."""

    def __post_init__(self) -> None:
        """Refuse negative counts.

        Raises:
            ValueError: a count is negative.
        """
        _check_counts(asdict(self))

    @property
    def size(self) -> int:
        """Pairs asked, whatever became of them."""
        return self.lost + self.gained + self.same + self.unmeasured


def common_size(rounds: Sequence[Round] | Sequence[PairedRound]) -> int | None:
    """Trials or pairs a round; None without rounds.

    Raises:
        ValueError: the rounds are not all of one size, or are empty.
    """
    sizes = {each.size for each in rounds}
    if len(sizes) > 1 or 0 in sizes:
        raise ValueError(
            f"rounds must all hold the same number of trials, at least 1, got {sorted(sizes)}"
        )
    return sizes.pop() if sizes else None


def _check_counts(counts: dict[str, int]) -> None:
    if min(counts.values()) < 0:
        raise ValueError(f"counts must be at least 0, got {counts}")
