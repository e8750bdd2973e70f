"""Whether recall is beyond a level, or its drop between two arms below a limit, by betting.

Guarantees: each wrong decision has at most its given chance, at any stopping time, whatever the
recalls are: no second recall has to be named, so there is nothing between two hypotheses. Each
trial gives a factor 1 + b (x - null) >= 0. Trials of a round that are independent multiply: their
mean factor is prod(1 + b (mean_i - null)) <= (1 + b (mean - null))^m <= 1 under the hypothesis, by
the inequality of the means, so depths may differ. With a shared haystack the round's mean is one
value and gives one factor. The evidence is the log of the average wealth of a fixed set of bets,
a supermartingale too, and crosses log(1 / error) with at most the chance ``error`` (Ville).

The bets are fractions of the largest that cannot lose more than everything. Whole: nothing else
proves a small drop without a lost pair so soon. Quarter and half: they outlive some lost pairs.
Against a high level the largest bet is far beyond the best one, so there an eighth stands in place
of three quarters. Differences that are small beside the spread may never be decided.

Unmeasured trials are misses, and unmeasured pairs lost, for a pass. For a fail they do not count:
its guarantee is about the mean of those that were measured.

Source: I. Waudby-Smith and A. Ramdas, J. R. Stat. Soc. B 86 (2024) 1-27, section 4; J. Ville, Etude
critique de la notion de collectif (1939).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import exp, inf, log, log1p

from recallbench.stats.evidence import Boundaries, Evidence, Weights, check_errors, first_crossing
from recallbench.stats.rounds import PairedRound, Round, common_size

PASS_BETS = (0.25, 0.5, 0.75, 1.0)
"""Fractions of the largest bet, shape (n_bets,), on what a pass claims."""
FAIL_BETS = (0.125, 0.25, 0.5, 1.0)
"""Fractions of the largest bet, shape (n_bets,), on what a fail claims."""
_RUIN = 1e-12
"""A factor so small is rounding beside 0."""

_Values = tuple[tuple[float, int], ...]
"""What a round showed: values, and how often each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelTest:
    """Pass where recall is proven above a level, fail where it is proven below."""

    level: float
    """Mean recall of a round, in (0, 1)."""
    false_alarm: float = 0.05
    """Largest chance to fail where recall is at least the level, in (0, 0.5]."""
    miss: float = 0.05
    """Largest chance to pass where recall is at most the level, in (0, 0.5]."""
    shared: bool = False
    """Whether the trials of a round share one haystack."""

    def __post_init__(self) -> None:
        """Refuse a level that nothing is beyond.

        Raises:
            ValueError: level, false_alarm or miss is out of its range.
        """
        check_errors(self.false_alarm, self.miss)
        if not 0.0 < self.level < 1.0:
            raise ValueError(f"level must be in (0, 1), got {self.level}")

    @property
    def boundaries(self) -> Boundaries:
        """How much evidence decides: Ville's."""
        return Boundaries(pass_at=log(1 / self.miss), fail_at=log(1 / self.false_alarm))

    def judge(self, rounds: Sequence[Round]) -> Evidence:
        """Read rounds in their order; the first crossing decides, and later rounds change nothing.

        Raises:
            ValueError: the rounds differ in size, or are empty.
        """
        low = [((1.0, r.hits), (0.0, r.misses + r.unmeasured)) for r in rounds]
        measured = [((1.0, r.hits), (0.0, r.misses)) for r in rounds]
        up = [share / self.level for share in PASS_BETS]
        down = [-share / (1 - self.level) for share in FAIL_BETS]
        path = zip(
            _log_wealth(low, self.level, up, shared=self.shared),
            _log_wealth(measured, self.level, down, shared=self.shared),
            strict=True,
        )
        size = common_size(rounds) or 1
        return first_crossing((Weights(*pair) for pair in path), self.boundaries, size)


@dataclass(frozen=True, slots=True, kw_only=True)
class DropTest:
    """Pass where the drop in recall is proven below a limit, fail where it is proven above."""

    max_drop: float
    """Reference's mean recall less the other arm's, in [0, 1); the value is gained - lost."""
    false_alarm: float = 0.05
    """Largest chance to fail where the drop is at most the limit, in (0, 0.5]."""
    miss: float = 0.05
    """Largest chance to pass where the drop is at least the limit, in (0, 0.5]."""
    shared: bool = False
    """Whether the pairs of a round share one haystack."""

    def __post_init__(self) -> None:
        """Refuse a limit that no drop is beyond.

        Raises:
            ValueError: max_drop, false_alarm or miss is out of its range.
        """
        check_errors(self.false_alarm, self.miss)
        if not 0.0 <= self.max_drop < 1.0:
            raise ValueError(f"max_drop must be in [0, 1), got {self.max_drop}")

    @property
    def boundaries(self) -> Boundaries:
        """How much evidence decides: Ville's."""
        return Boundaries(pass_at=log(1 / self.miss), fail_at=log(1 / self.false_alarm))

    def judge(self, rounds: Sequence[PairedRound]) -> Evidence:
        """Read rounds in their order; the first crossing decides, and later rounds change nothing.

        Raises:
            ValueError: the rounds differ in size, or are empty.
        """
        low = [((1.0, r.gained), (0.0, r.same), (-1.0, r.lost + r.unmeasured)) for r in rounds]
        measured = [((1.0, r.gained), (0.0, r.same), (-1.0, r.lost)) for r in rounds]
        up = [share / (1 - self.max_drop) for share in PASS_BETS]
        down = [-share / (1 + self.max_drop) for share in FAIL_BETS]
        path = zip(
            _log_wealth(low, -self.max_drop, up, shared=self.shared),
            _log_wealth(measured, -self.max_drop, down, shared=self.shared),
            strict=True,
        )
        size = common_size(rounds) or 1
        return first_crossing((Weights(*pair) for pair in path), self.boundaries, size)


def _log_wealth(
    rounds: Iterable[_Values], null: float, bets: Sequence[float], *, shared: bool
) -> Iterator[float]:
    logs = [0.0] * len(bets)
    for values in rounds:
        staked = _mean(values) if shared else values
        for place, bet in enumerate(bets):
            logs[place] += sum(n * _log_factor(bet * (x - null)) for x, n in staked if n)
        most = max(logs)
        yield most + log(sum(exp(each - most) for each in logs) / len(logs))


def _mean(values: _Values) -> _Values:
    count = sum(n for _, n in values)
    return ((sum(x * n for x, n in values) / count, 1),) if count else ()


def _log_factor(gain: float) -> float:
    return log1p(gain) if gain > _RUIN - 1 else -inf
