"""The same trials asked of two variants, as pairs: how far the second may be from the first.

Guarantees that a difference never travels without its pairs, that pairs without any disagreement
have an interval of some width and a p-value, and that the three one-sided p-values are exact and
unconditional up to 1,000 pairs (beyond, those of Tango's score). Takes pairs as independent: those
that share a haystack belong in `paired_clusters`. Knows nothing about variants or trials.
"""

from __future__ import annotations

from dataclasses import dataclass

from recallbench.stats.bounds import check_confidence
from recallbench.stats.paired_score import p_of_score, score, score_interval
from recallbench.stats.proportion import Interval


@dataclass(frozen=True, slots=True, kw_only=True)
class PairedCounts:
    """Pairs of trials by what became of them: first in variant A, then in variant B."""

    both: int
    """Recalled by A and by B."""
    lost: int
    """Recalled by A, missed by B."""
    gained: int
    """Missed by A, recalled by B."""
    neither: int
    """Missed by A and by B."""

    def __post_init__(self) -> None:
        """Refuse counts that cannot be.

        Raises:
            ValueError: a count is negative.
        """
        for name in ("both", "lost", "gained", "neither"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name} must be 0 or more, got {getattr(self, name)}")

    @property
    def n(self) -> int:
        """All pairs."""
        return self.both + self.lost + self.gained + self.neither

    @property
    def difference(self) -> float | None:
        """Recall of B minus recall of A, in [-1, 1]; None without pairs."""
        return (self.gained - self.lost) / self.n if self.n else None

    @property
    def mcnemar_p(self) -> float | None:
        """Exact two-sided p-value of "A and B recall alike"; None without pairs.

        1.0 where no pair disagrees.

        Source: Q. McNemar, Psychometrika 12 (1947) 153-157, by the binomial of the discordant.
        """
        discordant = self.lost + self.gained
        if not discordant:
            return 1.0 if self.n else None
        return sign_p(self.lost, discordant)

    def interval(self, confidence: float = 0.95) -> Interval | None:
        """Tango's score interval of the difference, in [-1, 1]; None without pairs.

        Args:
            confidence: two-sided confidence level in (0, 1).

        Raises:
            ValueError: ``confidence`` is not in (0, 1).

        Source: T. Tango, Statist. Med. 17 (1998) 891-908.
        """
        check_confidence(confidence)
        return score_interval(self.gained, self.lost, self.n, confidence) if self.n else None

    def p_inferior_by(self, margin: float) -> float | None:
        """P-value of "B is worse than A by ``margin`` or more"; None without pairs.

        Small means proven not worse than the margin: non-inferior.

        Args:
            margin: difference of recall in [0, 1).

        Raises:
            ValueError: ``margin`` is not in [0, 1).
        """
        check_margin(margin)
        return _p_at_most(self.gained, self.lost, self.n, -margin)

    def p_not_inferior_by(self, margin: float) -> float | None:
        """P-value of "B is worse than A by ``margin`` at most"; None without pairs.

        Small means proven worse than the margin.

        Args:
            margin: difference of recall in [0, 1).

        Raises:
            ValueError: ``margin`` is not in [0, 1).
        """
        check_margin(margin)
        return _p_at_most(self.lost, self.gained, self.n, margin)

    def p_superior_by(self, margin: float) -> float | None:
        """P-value of "B is better than A by ``margin`` or more"; None without pairs.

        Small means proven not better than the margin. With a small `p_inferior_by` too, the two
        are equivalent within the margin: two one-sided tests.

        Args:
            margin: difference of recall in [0, 1).

        Raises:
            ValueError: ``margin`` is not in [0, 1).
        """
        check_margin(margin)
        return _p_at_most(self.lost, self.gained, self.n, -margin)


def sign_p(votes: int, of: int) -> float:
    """Exact two-sided p-value of ``votes`` out of ``of`` where either side is as likely."""
    from scipy.stats import binomtest

    return float(binomtest(votes, of).pvalue)


def check_margin(margin: float) -> None:
    """Refuse a margin that no difference could pass.

    Raises:
        ValueError: ``margin`` is not in [0, 1).
    """
    if not 0.0 <= margin < 1.0:
        raise ValueError(f"margin must be in [0, 1), got {margin}")


def _p_at_most(plus: int, minus: int, n: int, difference: float) -> float | None:
    if not n:
        return None
    return p_of_score(score(plus, minus, n, difference), n, difference)
