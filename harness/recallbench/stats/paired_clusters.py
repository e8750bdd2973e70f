"""Pairs that share haystacks: how far the second variant may be from the first.

Guarantees that pairs which share a haystack never count for more than as many independent ones,
and that a haystack a pair gives exactly the answers of `paired`. The rate of false alarms is
measured, not proven (scripts/simulate_coverage.py). Knows nothing about variants or haystacks.

Source: the effective number of J. N. K. Rao and A. J. Scott, Biometrics 48 (1992) 577-585, in
Tango's score test.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import floor

from recallbench.stats.bounds import check_confidence
from recallbench.stats.clusters import design_effect, effective_size
from recallbench.stats.paired import check_margin, sign_p
from recallbench.stats.paired_score import p_of_score, score, score_interval
from recallbench.stats.proportion import Interval


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusteredPairs:
    """Pairs of trials of each haystack; those that agree are the rest of ``trials``."""

    lost: tuple[int, ...]
    """Shape (n_haystacks,): pairs recalled by A and missed by B."""
    gained: tuple[int, ...]
    """Shape (n_haystacks,): pairs missed by A and recalled by B."""
    trials: tuple[int, ...]
    """Shape (n_haystacks,): all pairs; a haystack without any counts for nothing."""

    def __post_init__(self) -> None:
        """Refuse counts that cannot be.

        Raises:
            ValueError: the three differ in length, or a haystack has more discordant pairs than
                pairs, or less than none.
        """
        if not len(self.lost) == len(self.gained) == len(self.trials):
            raise ValueError(
                f"lost, gained and trials must be of one length, got {len(self.lost)}, "
                f"{len(self.gained)} and {len(self.trials)}"
            )
        for lost, gained, n in zip(self.lost, self.gained, self.trials, strict=True):
            if min(lost, gained) < 0 or lost + gained > n:
                raise ValueError(
                    "lost and gained must be 0 or more and together at most trials, got "
                    f"lost={lost}, gained={gained}, trials={n}"
                )

    @property
    def n(self) -> int:
        """All pairs."""
        return sum(self.trials)

    @property
    def difference(self) -> float | None:
        """Recall of B minus recall of A, in [-1, 1]; None without pairs."""
        return (sum(self.gained) - sum(self.lost)) / self.n if self.n else None

    @property
    def design_effect(self) -> float | None:
        """Pairs that are worth one independent pair, at least 1; None without pairs."""
        if not self.n:
            return None
        differences = [g - x for g, x in zip(self.gained, self.lost, strict=True)]
        discordant = sum(self.gained) + sum(self.lost)
        return design_effect(differences, self.trials, nonzero=discordant, extremes=(-1, 1))

    @property
    def effective_n(self) -> float | None:
        """Independent pairs that these are worth, not more than there are; None without pairs."""
        effect = self.design_effect
        return None if effect is None else effective_size(self.trials, effect)

    @property
    def mcnemar_p(self) -> float | None:
        """Exact two-sided p-value of "A and B recall alike", a haystack a vote; None without pairs.

        A haystack votes for the variant that recalls more of it, and not at all where both recall
        as much: McNemar's test itself where each has one pair.

        Source: W. J. Dixon and A. M. Mood, J. Am. Stat. Assoc. 41 (1946) 557-566, the sign test.
        """
        pairs = zip(self.lost, self.gained, strict=True)
        votes = [gained > lost for lost, gained in pairs if gained != lost]
        if not votes:
            return 1.0 if self.n else None
        return sign_p(sum(votes), len(votes))

    def interval(self, confidence: float = 0.95) -> Interval | None:
        """Tango's interval of the difference at the effective number; None without pairs.

        Args:
            confidence: two-sided confidence level in (0, 1).

        Raises:
            ValueError: ``confidence`` is not in (0, 1).
        """
        check_confidence(confidence)
        size = self.effective_n
        if size is None:
            return None
        gained, lost = sum(self.gained) * size / self.n, sum(self.lost) * size / self.n
        return score_interval(gained, lost, size, confidence)

    def p_inferior_by(self, margin: float) -> float | None:
        """P-value of "B is worse than A by ``margin`` or more"; small: proven non-inferior.

        Args:
            margin: difference of recall in [0, 1).

        Raises:
            ValueError: ``margin`` is not in [0, 1).
        """
        check_margin(margin)
        return self._p_at_most(sum(self.gained), sum(self.lost), -margin)

    def p_not_inferior_by(self, margin: float) -> float | None:
        """P-value of "B is worse than A by ``margin`` at most"; small: proven worse.

        Args:
            margin: difference of recall in [0, 1).

        Raises:
            ValueError: ``margin`` is not in [0, 1).
        """
        check_margin(margin)
        return self._p_at_most(sum(self.lost), sum(self.gained), margin)

    def p_superior_by(self, margin: float) -> float | None:
        """P-value of "B is better than A by ``margin`` or more"; small: proven not better.

        Args:
            margin: difference of recall in [0, 1).

        Raises:
            ValueError: ``margin`` is not in [0, 1).
        """
        check_margin(margin)
        return self._p_at_most(sum(self.lost), sum(self.gained), -margin)

    def _p_at_most(self, plus: int, minus: int, difference: float) -> float | None:
        size = self.effective_n
        if size is None:
            return None
        # Whole pairs, and not more than these are worth: the exact tail is one of whole tables.
        whole = floor(size)
        scale = whole / self.n
        return p_of_score(score(plus * scale, minus * scale, whole, difference), whole, difference)
