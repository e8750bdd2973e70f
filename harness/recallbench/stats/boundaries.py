"""The nearest boundaries of Wald's test whose errors, computed exactly, are as small as asked.

Guarantees: with rounds of one size and trials that are independent, P(fail) is at most
``false_alarm`` wherever the mean recall of every round is at least the floor, and P(pass) at most
``miss`` wherever it is at most the broken recall; at any stopping time, and also where the depths
of a round differ. Ville's boundaries log(1 / error) guarantee the same, but a miss overshoots them
by far, which wastes trials; these do not.

How: the chance to end beyond a boundary is computed backwards over (rounds, misses). In every
state the worst split of the mean over the depths is taken: for independent trials with a given
mean, any expectation over the number of misses is largest where each trial has one of the recalls
0, 1 and one value between (Hoeffding 1956, corollary 2.1). More misses never make fail less
likely, so a mean beyond the hypothesis is never worse than one on it. What is undecided at the
horizon counts as an error.

Does NOT know trials that share a haystack: they are not independent.

Source: A. Wald, Ann. Math. Statist. 16 (1945) 117-186; W. Hoeffding, Ann. Math. Statist. 27 (1956)
713-721.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import ceil, comb, inf, log

from recallbench.stats.evidence import Boundaries, Decision

_HALVINGS = 10
"""Of a boundary's range: to less than a thousandth of it."""
_SPARE = 3
"""Horizon, in expected lengths of a test with Ville's boundaries."""
_FARTHEST = 600
"""Rounds beyond which Ville's boundaries are taken: steps are small there and overshoot little."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """The log likelihood ratio of two recalls, in whole rounds."""

    floor: float
    """The healthy recall, in (0, 1]."""
    broken: float
    """The broken recall, in (0, floor)."""
    size: int
    """Trials a round."""

    def for_pass(self, hits: int, misses: int) -> float:
        """Log likelihood ratio of floor to broken; -inf after a miss at floor 1."""
        against = log((1 - self.broken) / (1 - self.floor)) if self.floor < 1 else inf
        return hits * log(self.floor / self.broken) - (misses * against if misses else 0.0)

    @property
    def drift(self) -> float:
        """Least mean step a round, away from the wrong boundary, in nats."""
        hit = self.for_pass(1, 0)
        if self.floor == 1:
            return self.size * hit
        miss = self.for_pass(0, 1)
        up = self.floor * hit + (1 - self.floor) * miss
        return self.size * min(up, -self.broken * hit - (1 - self.broken) * miss)


@lru_cache(maxsize=64)
def nearest_boundaries(walk: Walk, *, false_alarm: float, miss: float) -> Boundaries:
    """Boundaries at most Ville's, lowered as far as both errors stay as small as asked.

    Lowering one boundary makes the other error smaller, so each is lowered in turn, twice.

    Args:
        walk: the two recalls and the size of a round.
        false_alarm: largest P(fail) at the floor, in (0, 1).
        miss: largest P(pass) at the broken recall, in (0, 1).
    """
    at = Boundaries(pass_at=log(1 / miss), fail_at=log(1 / false_alarm))
    horizon = ceil(_SPARE * sum(at) / walk.drift)
    if horizon > _FARTHEST:
        return at
    for _ in range(2):
        if walk.floor < 1:  # the first miss crosses any boundary
            at = _lower(walk, at, "fail", false_alarm, horizon)
        at = _lower(walk, at, "pass", miss, horizon)
    return at


def worst_chance(walk: Walk, at: Boundaries, wrong: Decision, horizon: int) -> float:
    """Largest chance of a wrong decision, over all splits of the mean over a round's depths.

    Args:
        walk: the two recalls and the size of a round.
        at: what decides.
        wrong: "fail" at the floor, or "pass" at the broken recall.
        horizon: rounds to look ahead; who is undecided there is counted as decided wrongly.
    """
    recall = walk.floor if wrong == "fail" else walk.broken
    splits = worst_splits(walk.size * (1 - recall), walk.size)
    strips = _strips(walk, at, horizon)
    ahead = [1.0] * len(strips[-1])
    for here, there in zip(strips[-2::-1], strips[:0:-1], strict=True):
        # Fewer misses than the strip holds have passed, more have failed.
        below, above = (0.0, 1.0) if wrong == "fail" else (1.0, 0.0)
        first = there.start - here.start
        padded = [below] * first + ahead + [above] * (walk.size + len(here) - first - len(ahead))
        ahead = [
            max(sum(map(float.__mul__, split, padded[s:])) for split in splits)
            for s in range(len(here))
        ]
    return ahead[0]


def worst_splits(expected: float, size: int) -> tuple[tuple[float, ...], ...]:
    """Distributions of the misses of a round, shape (n_splits, size + 1).

    Of all independent trials with this mean, those that can make an expectation largest: some miss
    surely, some hit surely, the others miss with one chance.

    Args:
        expected: mean number of misses in a round, in [0, size].
        size: trials a round.
    """
    return tuple(
        _misses(size, sure, open_, (expected - sure) / open_)
        for sure in range(int(expected) + 1)
        for open_ in range(1, size - sure + 1)
        if expected - sure <= open_
    )


def _misses(size: int, sure: int, open_: int, chance: float) -> tuple[float, ...]:
    counts = [
        comb(open_, k) * chance**k * (1 - chance) ** (open_ - k) if k >= 0 else 0.0
        for k in range(-sure, open_ + 1)
    ]
    return tuple(counts + [0.0] * (size - sure - open_))


def _strips(walk: Walk, at: Boundaries, horizon: int) -> list[range]:
    # The numbers of misses that decide nothing, after each round.
    strips, low, high = [range(1)], 0, 0
    for trials in range(walk.size, (horizon + 1) * walk.size, walk.size):
        while walk.for_pass(trials - low, low) >= at.pass_at:
            low += 1
        high = max(high, low)
        while -walk.for_pass(trials - high, high) < at.fail_at:
            high += 1
        strips.append(range(low, high))
    return strips


def _lower(walk: Walk, at: Boundaries, which: Decision, error: float, horizon: int) -> Boundaries:
    low = 0.0
    for _ in range(_HALVINGS):
        name = f"{which}_at"
        middle = (low + getattr(at, name)) / 2
        nearer = at._replace(**{name: middle})
        if worst_chance(walk, nearer, which, horizon) <= error:
            at = nearer
        else:
            low = middle
    return at
