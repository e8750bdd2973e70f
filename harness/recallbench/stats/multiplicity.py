"""Many p-values at once: raised until the chance of even one false alarm is what one test's is.

Guarantees order and shape of what it was given, and that a test without data neither has a p-value
nor costs the others anything. Knows nothing about what was tested.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate


def holm(p_values: Sequence[float | None]) -> tuple[float | None, ...]:
    """Holm's adjusted p-values, each in [0, 1] and not below its own.

    Args:
        p_values: shape (n_tests,); None, where a test had no data, stays None and is not counted.

    Raises:
        ValueError: a p-value is not in [0, 1].

    Source: S. Holm, Scand. J. Statist. 6 (1979) 65-70.
    """
    known = [p for p in p_values if p is not None]
    for p in known:
        if not 0.0 <= p <= 1.0:
            raise ValueError(f"a p-value must be in [0, 1], got {p}")
    # statsmodels' multipletests says the same, and collects garbage at every call: 60 ms for each
    # of the twelve families of a comparison.
    ranked = [min(1.0, (len(known) - rank) * p) for rank, p in enumerate(sorted(known))]
    adjusted = dict(zip(sorted(known), accumulate(ranked, max), strict=True))
    return tuple(None if p is None else adjusted[p] for p in p_values)
