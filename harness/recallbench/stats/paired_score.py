"""Tango's score test of a difference of two proportions in pairs, and its exact p-value.

Guarantees a statistic without a division by zero, an interval that always has a width, and an
exact p-value that bounds the rate of false alarms at every share of discordant pairs. Works on
counts that need not be whole, so that clustered pairs can be weighed. Knows nothing about recall.

Sources: T. Tango, Statist. Med. 17 (1998) 891-908; H.-M. Hsueh, J.-P. Liu and J. J. Chen,
Biometrics 57 (2001) 478-483; C. J. Lloyd and M. V. Moldovan, Statist. Med. 27 (2008) 3540-3549.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from recallbench.stats.nuisance import (
    EXACT_TRIALS,
    TIE,
    binomial_tails,
    binomial_weights,
    first_in_tail,
    largest_tail,
)
from recallbench.stats.proportion import Interval

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

# A row of tables that is rarer than this adds nothing that a float could show.
_NEGLIGIBLE = 1e-15


def scores(plus: Floats, minus: Floats, n: float, difference: float) -> Floats:
    """Tango's score of tables against a true difference; positive where they show more.

    Args:
        plus: shape (...,), pairs that add to the difference, from 0.
        minus: shape (...,), pairs that take from it; plus and minus are at most ``n``.
        n: pairs, above 0.
        difference: the true one under test, in [-1, 1].
    """
    import numpy as np

    half = (plus + minus - (2.0 * n + minus - plus) * difference) / (4.0 * n)
    square = half * half + minus * difference * (1.0 - difference) / (2.0 * n)
    # The likeliest share of minus pairs at that difference, held against rounding: not below what
    # makes the share of plus pairs negative.
    share = np.maximum(half + np.sqrt(np.maximum(square, 0.0)), max(0.0, -difference))
    variance = n * (2.0 * share + difference * (1.0 - difference))
    gap = plus - minus - n * difference
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = gap / np.sqrt(variance)
    # Without variance a table either is the only possible one or cannot be.
    sure = np.where(np.abs(gap) <= TIE * n, 0.0, np.copysign(np.inf, gap))
    return np.where(variance > TIE * TIE * n, ratio, sure)


def score(plus: float, minus: float, n: float, difference: float) -> float:
    """`scores` of one table."""
    import numpy as np

    return float(scores(np.asarray(plus), np.asarray(minus), n, difference))


def score_interval(plus: float, minus: float, n: float, confidence: float) -> Interval:
    """Tango's interval of the difference, in [-1, 1] and never without width.

    Args:
        plus: pairs that add to the difference.
        minus: pairs that take from it; both are at most ``n``.
        n: pairs, above 0.
        confidence: two-sided confidence level in (0, 1).
    """
    return Interval(
        low=-_upper_limit(minus, plus, n, confidence), high=_upper_limit(plus, minus, n, confidence)
    )


def _upper_limit(plus: float, minus: float, n: float, confidence: float) -> float:
    from scipy.optimize import brentq
    from scipy.special import ndtri

    critical = float(ndtri((1.0 + confidence) / 2.0))

    def excess(difference: float) -> float:
        # brentq does not take infinities; what is far beyond the limit may be any such number.
        return max(score(plus, minus, n, difference), -1e9) + critical

    low, high = (plus - minus) / n, 1.0
    return float(brentq(excess, low, high, xtol=1e-12)) if excess(high) < 0.0 else high


def p_of_score(observed: float, n: int, difference: float) -> float:
    """P-value of "the true difference is at most ``difference``" for a score against it.

    Exact and unconditional up to 1,000 pairs: the probability of a score as large or larger, at the
    share of discordant pairs that makes it the largest. Beyond, the normal tail of the score.

    Args:
        observed: score of the table at hand, of `score`.
        n: pairs, from 1.
        difference: the largest true one under the hypothesis, in (-1, 1).
    """
    import numpy as np
    from scipy.special import ndtr

    if n > EXACT_TRIALS:
        return float(ndtr(-observed))
    minus = np.arange(n + 1, dtype=np.float64)
    fewest = first_in_tail(
        lambda plus: scores(plus, minus, n, difference), observed, most=n - minus
    )

    def tail(shares: Floats) -> Floats:
        weights = binomial_weights(n, shares)
        rows, columns = np.nonzero(weights > _NEGLIGIBLE)
        plus = np.clip((shares + difference) / (1.0 - shares), 0.0, 1.0)
        tails = binomial_tails(fewest[columns], n - minus[columns], plus[rows])
        return np.bincount(rows, weights[rows, columns] * tails, len(shares)).astype(np.float64)

    return largest_tail(tail, max(0.0, -difference), (1.0 - difference) / 2.0)
