"""The largest probability of a tail over a true share that nobody knows.

Guarantees nothing about functions in general: a binomial's or a trinomial's tail changes no faster
than the grid can follow, as the tests hold it to. Knows nothing about what is counted.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

EXACT_TRIALS = 1000
"""Most trials or pairs whose p-values are exact; beyond, the normal tail of their score differs
from the exact one little and costs nothing."""
TIE = 1e-9
"""Scores this close are one: two tables of one score are computed along other ways."""
_GRID = 160
_REFINED = 21
_ROUNDS = 3


def largest_tail(tail: Callable[[Floats], Floats], low: float, high: float) -> float:
    """The largest value of ``tail`` on [low, high], at most 1.

    Looked for on a grid of 160 points, evenly spaced in standard errors of a share, and refined
    twice about the highest.

    Args:
        tail: probabilities at shares; shape (n,) to shape (n,).
        low: smallest share, from 0.
        high: largest share, to 1.
    """
    import numpy as np

    angles = np.linspace(np.arcsin(np.sqrt(low)), np.arcsin(np.sqrt(high)), _GRID)
    best = 0.0
    for _ in range(_ROUNDS):
        tails = tail(np.clip(np.sin(angles) ** 2, low, high))
        peak = int(tails.argmax())
        best = max(best, float(tails[peak]))
        beside = angles[max(peak - 1, 0)], angles[min(peak + 1, len(angles) - 1)]
        angles = np.linspace(*beside, _REFINED)
    return min(best, 1.0)


def binomial_weights(n: int, shares: Floats) -> Floats:
    """Probabilities of 0 to ``n`` hits, shape (n_shares, n + 1), at shares of shape (n_shares,)."""
    import numpy as np
    from scipy.special import gammaln, xlog1py, xlogy

    hits, column = np.arange(n + 1, dtype=np.float64), shares[:, None]
    ways = gammaln(n + 1) - gammaln(hits + 1) - gammaln(n - hits + 1)
    return np.asarray(np.exp(ways + xlogy(hits, column) + xlog1py(n - hits, -column)))


def binomial_tails(fewest: Floats, trials: Floats, share: Floats) -> Floats:
    """Probability of ``fewest`` hits or more in ``trials``, all of one shape; 0 beyond them."""
    import numpy as np
    from scipy.special import betainc

    inside = np.minimum(np.maximum(fewest, 1.0), np.maximum(trials, 1.0))
    some = betainc(inside, np.maximum(trials - inside + 1.0, 1.0), share)
    return np.where(fewest <= 0, 1.0, np.where(fewest > trials, 0.0, some))


def first_in_tail(score: Callable[[Floats], Floats], observed: float, most: Floats) -> Floats:
    """The fewest hits whose score is ``observed`` or more; ``most`` + 1 where there are none.

    Args:
        score: scores of hits, shape (n,) to shape (n,); it grows with the hits.
        observed: the score to reach.
        most: shape (n,), the most hits there can be.
    """
    import numpy as np

    below, found = np.full(most.shape, -1.0), most + 1.0
    while bool(np.any(found - below > 1.0)):
        middle = np.clip(np.floor((below + found) / 2.0), 0.0, most)
        inside = score(middle) >= observed - TIE
        is_open = found - below > 1.0
        found = np.where(is_open & inside, middle, found)
        below = np.where(is_open & ~inside, middle, below)
    return found
