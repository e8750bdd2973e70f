"""Whether one recall is proven to be more than a share of another, of other trials.

Guarantees an exact p-value that bounds the rate of false proofs at every true recall, also where
all or none of the trials are hits. Takes the trials as independent. Knows nothing about lengths.

Sources: P. A. R. Koopman, Biometrics 40 (1984) 513-517, and O. Miettinen and M. Nurminen, Statist.
Med. 4 (1985) 213-226, for the score; I. S. F. Chan, Statist. Med. 17 (1998) 1403-1413, for the
tail.
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

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


def ratio_scores(hits: Floats, n: float, base_hits: Floats, base_n: float, share: float) -> Floats:
    """Scores of two recalls against a true ratio; positive where the ratio seems larger.

    Args:
        hits: shape (...,), of the recall under test, each in [0, n].
        n: its trials, above 0.
        base_hits: shape (...,), of the base, each in [0, base_n].
        base_n: its trials, above 0.
        share: the true ratio under test, in (0, 1].
    """
    import numpy as np

    half = ((n + base_hits) * share + hits + base_n) / (2.0 * (n + base_n) * share)
    product = (hits + base_hits) / ((n + base_n) * share)
    # The likeliest recall of the base at that ratio.
    base = np.clip(half - np.sqrt(np.maximum(half * half - product, 0.0)), 0.0, 1.0)
    top = share * base
    variance = top * (1.0 - top) / n + share * share * base * (1.0 - base) / base_n
    gap = hits / n - share * base_hits / base_n
    # Without variance there are no hits at all, or all at a ratio of 1: the ratio itself.
    return np.where(variance > TIE * TIE, gap / np.sqrt(np.maximum(variance, TIE * TIE)), 0.0)


def p_at_most_share(*, hits: float, n: int, base_hits: float, base_n: int, share: float) -> float:
    """P-value of "the true recall is at most ``share`` of the base's"; small: proven more.

    Exact and unconditional up to 1,000 trials in each, maximised over the base's true recall;
    beyond, the normal tail of the score.

    Args:
        hits: of the recall under test, in [0, n], not always whole.
        n: its trials, from 1.
        base_hits: of the base, in [0, base_n], not always whole.
        base_n: its trials, from 1.
        share: the ratio under test, in (0, 1].

    Raises:
        ValueError: ``share`` is not in (0, 1].
    """
    import numpy as np
    from scipy.special import ndtr

    if not 0.0 < share <= 1.0:
        raise ValueError(f"share must be in (0, 1], got {share}")
    observed = float(ratio_scores(np.asarray(hits), n, np.asarray(base_hits), base_n, share))
    if max(n, base_n) > EXACT_TRIALS:
        return float(ndtr(-observed))
    of_base = np.arange(base_n + 1, dtype=np.float64)
    most = np.full(base_n + 1, float(n))
    fewest = first_in_tail(
        lambda tried: ratio_scores(tried, n, of_base, base_n, share), observed, most=most
    )

    def tail(shares: Floats) -> Floats:
        tails = binomial_tails(fewest[None, :], most[None, :], share * shares[:, None])
        return np.asarray((binomial_weights(base_n, shares) * tails).sum(axis=1))

    return largest_tail(tail, 0.0, 1.0)
