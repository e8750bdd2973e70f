"""Recall of trials that share haystacks, and what their number is worth in independent ones.

Guarantees that trials which share a haystack never count for more than as many independent ones,
that a haystack a trial gives exactly the answers of `bounds`, and that where the likeness within a
haystack cannot be estimated it is taken as whole. The coverage is measured, not proven
(scripts/simulate_coverage.py). Knows nothing about which haystack is which.

Source: E. L. Korn and B. I. Graubard, Survey Methodology 24 (1998) 193-201.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum

from recallbench.stats.bounds import (
    check_confidence,
    check_share,
    real_interval,
    real_lower,
    real_p_at_least,
    real_p_at_most,
    real_upper,
)
from recallbench.stats.proportion import Interval, Proportion

T_LEVEL = 0.975
"""One-sided level of the t quantiles that pay for estimating a design effect from few haystacks.

One level for every confidence, so that all bounds, intervals and p-values rest on one effective
number of trials and cannot disagree.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clusters:
    """Hits and trials of each haystack."""

    hits: tuple[int, ...]
    """Shape (n_haystacks,): hits, each in [0, trials]."""
    trials: tuple[int, ...]
    """Shape (n_haystacks,): trials; a haystack without any counts for nothing."""

    def __post_init__(self) -> None:
        """Refuse counts that cannot be.

        Raises:
            ValueError: the two differ in length, or some hits are not in [0, trials].
        """
        if len(self.hits) != len(self.trials):
            raise ValueError(
                f"hits and trials must be of one length, got {len(self.hits)} and "
                f"{len(self.trials)}"
            )
        for k, n in zip(self.hits, self.trials, strict=True):
            if not 0 <= k <= n:
                raise ValueError(f"hits must be in [0, trials], got hits={k}, trials={n}")

    @property
    def proportion(self) -> Proportion:
        """All haystacks together."""
        return Proportion(k=sum(self.hits), n=sum(self.trials))

    @property
    def design_effect(self) -> float | None:
        """Trials that are worth one independent trial, at least 1; None without data."""
        recall = self.proportion
        if not recall.n:
            return None
        return design_effect(self.hits, self.trials, nonzero=recall.k, extremes=(0, 1))

    @property
    def effective_n(self) -> float | None:
        """Independent trials that these are worth, not more than there are; None without data."""
        effect = self.design_effect
        return None if effect is None else effective_size(self.trials, effect)

    def interval(self, confidence: float = 0.95) -> Interval | None:
        """Two-sided interval of the recall; None without data.

        Args:
            confidence: two-sided confidence level in (0, 1).

        Raises:
            ValueError: ``confidence`` is not in (0, 1).
        """
        check_confidence(confidence)
        counts = self._effective()
        return None if counts is None else real_interval(*counts, confidence)

    def lower_bound(self, confidence: float = 0.95) -> float | None:
        """The recall that the true one is proven to be above; None without data.

        Args:
            confidence: one-sided confidence level in (0, 1).

        Raises:
            ValueError: ``confidence`` is not in (0, 1).
        """
        check_confidence(confidence)
        counts = self._effective()
        return None if counts is None else real_lower(*counts, confidence)

    def upper_bound(self, confidence: float = 0.95) -> float | None:
        """The recall that the true one is proven to be below; None without data.

        Args:
            confidence: one-sided confidence level in (0, 1).

        Raises:
            ValueError: ``confidence`` is not in (0, 1).
        """
        check_confidence(confidence)
        counts = self._effective()
        return None if counts is None else real_upper(*counts, confidence)

    def p_at_most(self, value: float) -> float | None:
        """P-value of "the true recall is at most ``value``"; small: proven above.

        Raises:
            ValueError: ``value`` is not in [0, 1].
        """
        check_share("value", value)
        counts = self._effective()
        return None if counts is None else real_p_at_most(*counts, value)

    def p_at_least(self, value: float) -> float | None:
        """P-value of "the true recall is at least ``value``"; small: proven below.

        Raises:
            ValueError: ``value`` is not in [0, 1].
        """
        check_share("value", value)
        counts = self._effective()
        return None if counts is None else real_p_at_least(*counts, value)

    def _effective(self) -> tuple[float, float] | None:
        recall, size = self.proportion, self.effective_n
        if size is None:
            return None
        # A hit in every trial must stay one, whatever the rounding.
        return (size if recall.k == recall.n else recall.k * size / recall.n), size


def design_effect(
    totals: Sequence[int], sizes: Sequence[int], *, nonzero: int, extremes: tuple[int, int]
) -> float:
    """How many times the variance of a mean over clusters is that of independent draws.

    Estimated with one cluster more, of the mean size and wholly of one extreme answer; of the two
    extremes the one that tells of more likeness counts. Near 0 and 1 the few clusters that differ
    say next to nothing about likeness, and without that cluster bounds there are too narrow. Kept
    in [1, sum(sizes^2) / sum(sizes)], whose upper end is clusters of one and the same answer each.
    A single cluster counts as one draw.

    Args:
        totals: shape (n_clusters,), the sum of the draws in each cluster.
        sizes: shape (n_clusters,), draws in each cluster, some above 0.
        nonzero: draws that are 1 or -1; all others are 0.
        extremes: the smallest and the largest that a draw can be.
    """
    filled = [(total, size) for total, size in zip(totals, sizes, strict=True) if size]
    n, worst = sum(sizes), sum(size * size for size in sizes) / sum(sizes)
    if len(filled) == 1:
        return worst
    added = n / len(filled)
    estimates = [
        _ratio_of_variances(
            [*filled, (extreme * added, added)], nonzero + (added if extreme else 0.0)
        )
        for extreme in extremes
    ]
    return min(max(1.0, *estimates), worst)


def _ratio_of_variances(filled: Sequence[tuple[float, float]], nonzero: float) -> float:
    count, n = len(filled), fsum(size for _, size in filled)
    mean = fsum(total for total, _ in filled) / n
    variance = nonzero / n - mean * mean
    if variance <= 0.0:
        return 1.0
    between = fsum((total - mean * size) ** 2 for total, size in filled)
    return between * count / (count - 1) * (n - 1) / (variance * n * n)


def effective_size(sizes: Sequence[int], effect: float) -> float:
    """Independent draws that the clusters are worth, after paying for an estimated effect.

    Paid is Korn and Graubard's ratio of t quantiles, with the degrees of freedom of as many equal
    clusters as would tell as much. Not below what the clusters are worth when each holds one and
    the same answer: no likeness within a cluster can make them worth less.

    Args:
        sizes: shape (n_clusters,), draws in each cluster, some above 0.
        effect: what `design_effect` gave.
    """
    from scipy.special import stdtrit

    n = sum(sizes)
    # As many clusters of one size would tell as much: a large one among small ones tells little.
    alike = n * n / sum(size * size for size in sizes)
    if alike in {1.0, n}:
        return n / effect
    paid = (stdtrit(n - 1, T_LEVEL) / stdtrit(alike - 1.0, T_LEVEL)) ** 2
    return max(float(n / effect * paid), min(alike, n / effect))
