"""Two variants' records of the same trials, written as the counts that they come to."""

from __future__ import annotations

from recallbench.domain import Outcome, TrialRecord
from support.records import DEPTHS, HIT, MISS, record

Sides = tuple[tuple[TrialRecord, ...], tuple[TrialRecord, ...]]


def sides(
    *,
    both: int = 0,
    lost: int = 0,
    gained: int = 0,
    neither: int = 0,
    unanswered: int = 0,
    length: int = 1000,
) -> Sides:
    """The baseline's records and the other's, of one length; rounds of five are filled in turn."""
    outcomes = (
        [(HIT, HIT)] * both
        + [(HIT, MISS)] * lost
        + [(MISS, HIT)] * gained
        + [(MISS, MISS)] * neither
        + [(HIT, Outcome.TRUNCATED)] * unanswered
    )
    return tuple(  # type: ignore[return-value]  # of two
        tuple(
            record(length, DEPTHS[i % 5], i // 5, pair[side], variant=name)
            for i, pair in enumerate(outcomes)
        )
        for side, name in enumerate(("bf16", "fp8"))
    )
