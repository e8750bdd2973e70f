"""The tests that patterns are held to; each gives a one-sided p-value, exact but for the trend's.

All look at recalled and missed trials as given numbers and ask how likely it is that they lie so
by chance. scipy is loaded when the first test is made: it takes about a second.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from math import sqrt
from typing import NamedTuple

from recallbench.stats import Proportion


class Stratum(NamedTuple):
    """Two kinds of trials that are alike in everything else, such as their length."""

    suspect: Proportion
    """Recall where the pattern would lower it."""
    other: Proportion
    """Recall where it would not."""

    @property
    def hits(self) -> int:
        """Recalled trials of both kinds."""
        return self.suspect.k + self.other.k

    @property
    def trials(self) -> int:
        """Trials of both kinds."""
        return self.suspect.n + self.other.n

    @property
    def is_telling(self) -> bool:
        """Whether both kinds are there, and both outcomes."""
        return bool(self.suspect.n and self.other.n and 0 < self.hits < self.trials)


def fewer_hits(strata: Iterable[Stratum]) -> float:
    """Chance of as few hits on the suspect side, had outcomes nothing to do with sides.

    Within each stratum hits are drawn without replacement; their sum over strata is convolved, so
    that a difference between strata is never taken for one between sides. With one stratum this
    is Fisher's exact test.

    Source: R. A. Fisher, J. R. Stat. Soc. 98 (1935) 39-82; for strata, N. Mantel and W. Haenszel,
    J. Natl. Cancer Inst. 22 (1959) 719-748, exact here instead of by their normal approximation.
    """
    chances, observed = [1.0], 0
    for stratum in strata:
        if stratum.is_telling:
            least, drawn = _hits_drawn(stratum.trials, stratum.hits, stratum.suspect.n)
            chances = _convolved(chances, drawn)
            observed += stratum.suspect.k - least
    return min(1.0, sum(chances[: observed + 1]))


def lack_of_hits(strata: Iterable[Stratum]) -> float:
    """Standard deviations by which hits on the suspect side fall short: fast, for choosing."""
    short = variance = 0.0
    for stratum in strata:
        if stratum.is_telling:
            trials, hits, suspects = stratum.trials, stratum.hits, stratum.suspect.n
            short += hits * suspects / trials - stratum.suspect.k
            of_margins = hits * (trials - hits) * suspects * (trials - suspects)
            variance += of_margins / (trials * trials * (trials - 1))
    return short / sqrt(variance) if variance else 0.0


def rises(lower: Sequence[int], upper: Sequence[int]) -> float:
    """Chance that ``upper`` lies as high above ``lower``, were both of one distribution.

    Source: H. B. Mann and D. R. Whitney, Ann. Math. Stat. 18 (1947) 50-60, by the normal
    approximation with ties and continuity corrected.
    """
    from scipy.stats import mannwhitneyu  # noqa: PLC0415 - slow to load

    return float(mannwhitneyu(upper, lower, alternative="greater", method="asymptotic").pvalue)


@lru_cache(maxsize=4096)
def at_least(part: Proportion, expected: float) -> float:
    """Chance of ``k`` hits or more, each with chance ``expected``: the exact binomial test."""
    from scipy.stats import binomtest  # noqa: PLC0415 - slow to load

    return float(binomtest(part.k, part.n, expected, alternative="greater").pvalue)


@lru_cache(maxsize=4096)
def at_most(part: Proportion, expected: float) -> float:
    """Chance of ``k`` hits or fewer, each with chance ``expected``: the exact binomial test."""
    return at_least(Proportion(k=part.n - part.k, n=part.n), 1.0 - expected)


@lru_cache(maxsize=64)
def needed_on_each_side(p_value: float, *, high: float = 0.9, low: float = 0.3) -> int:
    """Fewest trials on each of two sides that tell a fall from ``high`` to ``low`` recall."""
    number = 1
    while True:
        sides = (Proportion(k=round(recall * number), n=number) for recall in (low, high))
        if fewer_hits([Stratum(*sides)]) <= p_value:
            return number
        number += 1


@lru_cache(maxsize=65536)
def _hits_drawn(trials: int, hits: int, drawn: int) -> tuple[int, tuple[float, ...]]:
    """The fewest hits there can be among those drawn, and the chance of each number from there."""
    from scipy.stats import hypergeom  # noqa: PLC0415 - slow to load

    least, most = max(0, drawn - (trials - hits)), min(drawn, hits)
    chances = hypergeom.pmf(list(range(least, most + 1)), trials, hits, drawn)
    return least, tuple(float(chance) for chance in chances)


def _convolved(one: Sequence[float], other: Sequence[float]) -> list[float]:
    both = [0.0] * (len(one) + len(other) - 1)
    for shift, chance in enumerate(other):
        for index, chances in enumerate(one):
            both[index + shift] += chance * chances
    return both
