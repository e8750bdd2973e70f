"""The trials of a grid, in the order they are asked."""

from __future__ import annotations

import hashlib

from recallbench.domain import Grid, Trial


def trials_of(grid: Grid, recipe_digest: str) -> tuple[Trial, ...]:
    """All trials, first repeats of all cells first: an interrupted run has seen the whole grid."""
    return tuple(
        Trial(
            trial_id=_trial_id(length, depth, repeat, recipe_digest),
            length_tokens=length,
            depth=depth,
            repeat=repeat,
        )
        for repeat in range(grid.trials)
        for length in grid.lengths
        for depth in grid.depths
    )


def _trial_id(length: int, depth: float, repeat: int, recipe_digest: str) -> str:
    """Readable coordinates, and a digest of them and of all that determines prompt and scoring."""
    named = f"{length}/{depth!r}/{repeat}/{recipe_digest}"
    digest = hashlib.sha256(named.encode()).hexdigest()[:10]
    return f"L{length}-D{depth:g}-R{repeat}-{digest}"
