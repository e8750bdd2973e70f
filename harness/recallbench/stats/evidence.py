"""What a sequential test knows after some rounds: its decision, and how near it is to either.

Guarantees that a decision stands where a boundary is crossed and that ``lean`` says pass and fail
as +1 and -1. Knows nothing about how evidence is weighed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, NamedTuple

Decision = Literal["pass", "fail"]
_LARGEST = 0.5
"""Chance of error from which on a decision is a guess."""


class Boundaries(NamedTuple):
    """How much evidence decides, in natural log units, both > 0."""

    pass_at: float
    """``Evidence.for_pass`` from which a test passes."""
    fail_at: float
    """``Evidence.for_fail`` from which a test fails."""


class Weights(NamedTuple):
    """The evidence after one round, in natural log units; 0 before the first."""

    for_pass: float
    """Evidence against what a pass refutes; -inf where it can never pass any more."""
    for_fail: float
    """Evidence against what a fail refutes; inf where one miss is proof."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Where a sequential test stands."""

    decision: Decision | None
    """None while neither boundary has been crossed."""
    rounds_used: int | None
    """Rounds until the decision; None without a decision."""
    trials: int
    """Trials (or pairs) asked until the decision, or in all rounds without one."""
    weights: Weights
    """At the decision, or after all rounds without one."""
    boundaries: Boundaries
    """What the weights are held against."""

    @property
    def lean(self) -> float:
        """In [-1, 1]: 1 at the pass boundary, -1 at the fail boundary, 0 where nothing is known."""
        if self.decision is not None:
            return 1.0 if self.decision == "pass" else -1.0
        up = max(0.0, self.weights.for_pass) / self.boundaries.pass_at
        return up - max(0.0, self.weights.for_fail) / self.boundaries.fail_at


def first_crossing(path: Iterable[Weights], boundaries: Boundaries, size: int) -> Evidence:
    """Read weights round by round and stop at the first that crosses a boundary.

    Args:
        path: the weights after each round, in the order of the rounds.
        boundaries: what decides; where one round crosses both, it fails.
        size: trials (or pairs) a round.
    """
    weights, count = Weights(0.0, 0.0), 0
    for count, weights in enumerate(path, start=1):
        decision = _decide(weights, boundaries)
        if decision is not None:
            return Evidence(
                decision=decision,
                rounds_used=count,
                trials=count * size,
                weights=weights,
                boundaries=boundaries,
            )
    return Evidence(
        decision=None,
        rounds_used=None,
        trials=count * size,
        weights=weights,
        boundaries=boundaries,
    )


def _decide(weights: Weights, boundaries: Boundaries) -> Decision | None:
    if weights.for_fail >= boundaries.fail_at:
        return "fail"
    return "pass" if weights.for_pass >= boundaries.pass_at else None


def check_errors(false_alarm: float, miss: float) -> None:
    """Refuse chances of error that no test can be built for.

    Raises:
        ValueError: ``false_alarm`` or ``miss`` is not in (0, 0.5].
    """
    for name, error in (("false_alarm", false_alarm), ("miss", miss)):
        if not 0.0 < error <= _LARGEST:
            raise ValueError(f"{name} must be in (0, {_LARGEST}], got {error}")
