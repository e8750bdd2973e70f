"""Records as a journal holds them, written by hand or drawn with a known recall."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Iterable, Sequence

from recallbench.domain import Outcome, TrialRecord

DEPTHS = (0.0, 0.25, 0.5, 0.75, 1.0)
HIT, MISS = Outcome.RECALLED, Outcome.MISSED
Judge = Callable[[int, float, int], Outcome]
"""Outcome of a trial by length, depth and repeat."""


def record(
    length: int = 1000,
    depth: float = 0.0,
    repeat: int = 0,
    outcome: Outcome = HIT,
    *,
    variant: str = "v",
    seed: str = "seed",
) -> TrialRecord:
    """One record; the name of its trial and the hash of its prompt follow from the rest."""
    place = f"{seed}/{length}/{depth}/{repeat}"
    digest = hashlib.sha256(place.encode()).hexdigest()
    return TrialRecord(
        variant=variant,
        trial_id=f"L{length}-D{depth:g}-R{repeat}-{digest[:10]}",
        length_tokens=length,
        depth=depth,
        repeat=repeat,
        outcome=outcome,
        key="73914206",
        achieved_depth=depth,
        prompt_sha256=digest,
    )


def records(
    judge: Judge,
    *,
    lengths: Sequence[int] = (1000,),
    depths: Sequence[float] = DEPTHS,
    repeats: Iterable[int] = range(10),
    variant: str = "v",
) -> tuple[TrialRecord, ...]:
    """All trials of a grid, as ``judge`` has them end."""
    return tuple(
        record(length, depth, repeat, judge(length, depth, repeat), variant=variant)
        for repeat in repeats
        for length in lengths
        for depth in depths
    )


def always(outcome: Outcome) -> Judge:
    """Every trial ends alike."""
    return lambda _length, _depth, _repeat: outcome


def drawn(recall: Callable[[int], float], seed: int) -> Judge:
    """Hits at random, with the recall of each length; the same for the same trial."""

    def judge(length: int, depth: float, repeat: int) -> Outcome:
        rng = random.Random(f"{seed}/{length}/{depth}/{repeat}")
        return HIT if rng.random() < recall(length) else MISS

    return judge


def letters(*rounds: str) -> list[TrialRecord]:
    """Rounds as five letters: h a hit, m a miss, t truncated, - not asked."""
    outcomes = {"h": HIT, "m": MISS, "t": Outcome.TRUNCATED}
    return [
        record(depth=depth, repeat=number, outcome=outcomes[letter])
        for number, text in enumerate(rounds)
        for depth, letter in zip(DEPTHS, text, strict=True)
        if letter != "-"
    ]
