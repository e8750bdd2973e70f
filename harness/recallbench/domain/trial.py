"""One question asked in one cell of the grid, and the grid itself."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """The lengths, depths and repeats that every variant is asked."""

    lengths: tuple[int, ...]
    """Whole-prompt lengths in tokens, ascending. Shape (n_lengths,)."""
    depths: tuple[float, ...]
    """Needle depths as fractions of the haystack in [0, 1], ascending. Shape (n_depths,)."""
    trials: int
    """Trials in each cell."""
    only: tuple[tuple[int, float], ...] | None = None
    """Length and depth of each trial where only some are asked; None is all of every cell."""

    def planned(self, length_tokens: int, depth: float) -> int:
        """Trials that a cell is to have."""
        if self.only is None:
            return self.trials
        return self.only.count((length_tokens, depth))


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One question asked in one cell.

    Every variant is asked it token for token, so comparisons are paired.
    """

    trial_id: str
    """Readable coordinates plus a digest of all that determines prompt and scoring."""
    length_tokens: int
    """Length of the whole prompt."""
    depth: float
    """Asked needle depth, a fraction of the haystack's tokens in [0, 1]."""
    repeat: int
    """Number of the trial in its cell, from 0."""

    @property
    def identity(self) -> str:
        """The trial's coordinates: what its random draws are named after."""
        return f"{self.length_tokens}/{self.depth!r}/{self.repeat}"
