"""Whether recall depends on how deep in the prompt the needle stands.

Guarantees p-values that hold with few trials and few misses, since they compare with the same hits
dealt out to the depths at random, and that equal counts always give the same answer: the random
numbers start from one seed. Where trials share haystacks, what one haystack gave at a depth stays
together and is dealt to another depth of the same haystack: neither an easy haystack nor alike
answers of its trials at one depth then pass for a difference of depths. Pools the cells of one
depth; a caller whose depths were asked of different lengths compares lengths, not depths. Knows
nothing about why a depth is worse.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from recallbench.stats.proportion import Proportion

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Counts = NDArray[np.int64]

DEALS = 9_999
"""Times the hits are dealt out anew; no p-value is below 1 / (DEALS + 1)."""
_SEED = 1
# Two deals of one statistic are summed in one order, but of other numbers.
_TIE = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class DepthBias:
    """How recall changes with depth, over all trials."""

    n: int
    """Trials at all depths."""
    slope: float
    """Recall at depth 1 minus recall at depth 0, on the straight line of least squares."""
    trend_p: float
    """Two-sided p-value of "no trend with depth" (Cochran and Armitage)."""
    spread: float
    """Recall at the best depth minus recall at the worst, in [0, 1]."""
    best_depth: float
    """Depth of the highest recall, in [0, 1]; the shallowest of equals."""
    worst_depth: float
    """Depth of the lowest recall, in [0, 1]; the shallowest of equals."""
    heterogeneity_p: float
    """P-value of "recall is the same at all depths" (Pearson's chi-squared)."""
    haystacks: int | None = None
    """Haystacks within which was dealt; None where trials stand by themselves."""


def depth_bias(cells: Sequence[tuple[float, Proportion]]) -> DepthBias | None:
    """How recall changes with depth; None where fewer than two depths have data.

    Both p-values are of a permutation test: DEALS random deals of the same hits.

    Args:
        cells: needle depths in [0, 1] and what was recalled there; equal depths are pooled.

    Raises:
        ValueError: a depth is not in [0, 1].

    Sources: W. G. Cochran, Biometrics 10 (1954) 417-451; P. Armitage, Biometrics 11 (1955) 375-386;
    B. Phipson and G. K. Smyth, Stat. Appl. Genet. Mol. Biol. 9 (2010) 39, for the p-value of deals.
    """
    import numpy as np

    pooled = _pooled(cells)
    if len(pooled) < 2:  # noqa: PLR2004 -- one depth differs from nothing
        return None
    trials = np.array([recall.n for recall in pooled.values()])
    hits = np.array([recall.k for recall in pooled.values()])
    deals = np.random.default_rng(_SEED).multivariate_hypergeometric(
        trials, hits.sum(), size=DEALS, method="marginals"
    )
    return _bias(pooled, deals, np.broadcast_to(trials, deals.shape))


def depth_bias_within(cells: Sequence[tuple[int, float, Proportion]]) -> DepthBias | None:
    """The same where trials share haystacks; None where fewer than two depths have data.

    Args:
        cells: number of a haystack, a needle depth in [0, 1], and what was recalled there; equal
            places are pooled.

    Raises:
        ValueError: a depth is not in [0, 1].

    Source: E. J. G. Pitman, Biometrika 29 (1938) 322-335, for deals within blocks.
    """
    import numpy as np

    pooled = _pooled([(depth, recall) for _, depth, recall in cells])
    if len(pooled) < 2:  # noqa: PLR2004 -- one depth differs from nothing
        return None
    rng, places = np.random.default_rng(_SEED), list(pooled)
    deals = np.zeros((2, DEALS, len(places)), dtype=np.int64)
    haystacks = {haystack for haystack, _, recall in cells if recall.n}
    for number in sorted(haystacks):
        own = _pooled([(depth, recall) for haystack, depth, recall in cells if haystack == number])
        counts = np.array([(own[d].k, own[d].n) if d in own else (0, 0) for d in places])
        order = rng.permuted(np.tile(np.arange(len(places)), (DEALS, 1)), axis=1)
        deals += counts.T[:, order]
    return replace(_bias(pooled, *deals), haystacks=len(haystacks))


def _bias(
    pooled: Mapping[float, Proportion], dealt_hits: Counts, dealt_trials: Counts
) -> DepthBias:
    """What was found, and how seldom deals of it, shape (DEALS, n_depths), show as much."""
    import numpy as np

    depths, recalls = np.array(list(pooled)), pooled.values()
    hits, trials = (np.array([getattr(r, name) for r in recalls]) for name in ("k", "n"))
    mean, recall = hits.sum() / trials.sum(), hits / trials
    centred = depths - depths @ trials / trials.sum()
    excess = dealt_hits - mean * dealt_trials
    best, worst = int(recall.argmax()), int(recall.argmin())
    return DepthBias(
        n=int(trials.sum()),
        slope=float(centred @ hits / (centred**2 @ trials)),
        trend_p=_p_of_deals(abs(hits @ centred), np.abs(excess @ depths)),
        spread=float(recall[best] - recall[worst]),
        best_depth=float(depths[best]),
        worst_depth=float(depths[worst]),
        heterogeneity_p=_p_of_deals(
            float(((hits - mean * trials) ** 2 / trials).sum()),
            (excess**2 / np.maximum(dealt_trials, 1)).sum(axis=1),
        ),
    )


def _pooled(cells: Sequence[tuple[float, Proportion]]) -> dict[float, Proportion]:
    pooled: dict[float, Proportion] = {}
    for depth, recall in sorted(cells, key=lambda cell: cell[0]):
        if not 0.0 <= depth <= 1.0:
            raise ValueError(f"a depth must be in [0, 1], got {depth}")
        if recall.n:
            so_far = pooled.get(depth, Proportion(k=0, n=0))
            pooled[depth] = Proportion(k=so_far.k + recall.k, n=so_far.n + recall.n)
    return pooled


def _p_of_deals(observed: float, dealt: Floats) -> float:
    # The deal at hand counts as one of them, so that a p-value is never 0 and never too small.
    as_extreme = int((dealt >= observed - _TIE).sum())
    return (as_extreme + 1) / (DEALS + 1)
