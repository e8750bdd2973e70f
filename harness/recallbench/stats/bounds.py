"""One-sided exact bounds of a proportion and the exact p-values they are made of.

Guarantees at least the asked confidence at every true recall and every number of trials; that a
bound and its p-value never disagree; and that no data is None. Knows nothing about cells, and takes
trials as independent: those that share a haystack belong in `clusters`.

Source: C. J. Clopper and E. S. Pearson, Biometrika 26 (1934) 404-413.
"""

from __future__ import annotations

from recallbench.stats.proportion import Interval, Proportion


def lower_bound(recall: Proportion, confidence: float = 0.95) -> float | None:
    """The recall that the true one is proven to be above, in [0, 1]; None without data.

    Args:
        recall: hits and trials.
        confidence: one-sided confidence level in (0, 1).

    Raises:
        ValueError: ``confidence`` is not in (0, 1).
    """
    check_confidence(confidence)
    return real_lower(recall.k, recall.n, confidence) if recall.n else None


def upper_bound(recall: Proportion, confidence: float = 0.95) -> float | None:
    """The recall that the true one is proven to be below, in [0, 1]; None without data.

    Args:
        recall: hits and trials.
        confidence: one-sided confidence level in (0, 1).

    Raises:
        ValueError: ``confidence`` is not in (0, 1).
    """
    check_confidence(confidence)
    return real_upper(recall.k, recall.n, confidence) if recall.n else None


def exact_interval(recall: Proportion, confidence: float = 0.95) -> Interval | None:
    """Clopper and Pearson's two-sided interval; None without data.

    Args:
        recall: hits and trials.
        confidence: two-sided confidence level in (0, 1).

    Raises:
        ValueError: ``confidence`` is not in (0, 1).
    """
    check_confidence(confidence)
    return real_interval(recall.k, recall.n, confidence) if recall.n else None


def p_at_most(recall: Proportion, value: float) -> float | None:
    """Exact p-value of "the true recall is at most ``value``"; None without data.

    Small means proven above ``value``.

    Raises:
        ValueError: ``value`` is not in [0, 1].
    """
    check_share("value", value)
    return real_p_at_most(recall.k, recall.n, value) if recall.n else None


def p_at_least(recall: Proportion, value: float) -> float | None:
    """Exact p-value of "the true recall is at least ``value``"; None without data.

    Small means proven below ``value``.

    Raises:
        ValueError: ``value`` is not in [0, 1].
    """
    check_share("value", value)
    return real_p_at_least(recall.k, recall.n, value) if recall.n else None


def check_confidence(confidence: float) -> None:
    """Refuse a level that is none.

    Raises:
        ValueError: ``confidence`` is not in (0, 1).
    """
    if not 0.0 < confidence < 1.0:
        raise ValueError(f"confidence must be in (0, 1), got {confidence}")


def check_share(name: str, value: float) -> None:
    """Refuse a recall that is none.

    Raises:
        ValueError: ``value`` is not in [0, 1].
    """
    if not 0.0 <= value <= 1.0:
        raise ValueError(f"{name} must be in [0, 1], got {value}")


def real_lower(k: float, n: float, confidence: float) -> float:
    """One-sided lower bound at counts that need not be whole: ``k`` in [0, n], ``n`` above 0."""
    from scipy.special import betaincinv

    return float(betaincinv(k, n - k + 1, 1.0 - confidence)) if k > 0 else 0.0


def real_upper(k: float, n: float, confidence: float) -> float:
    """One-sided upper bound at counts that need not be whole: ``k`` in [0, n], ``n`` above 0."""
    # The misses' lower bound: near 1 it keeps digits that the hits' upper bound has lost.
    return 1.0 - real_lower(n - k, n, confidence)


def real_interval(k: float, n: float, confidence: float) -> Interval:
    """Two-sided interval at counts that need not be whole: ``k`` in [0, n], ``n`` above 0."""
    one_sided = (1.0 + confidence) / 2.0
    return Interval(low=real_lower(k, n, one_sided), high=real_upper(k, n, one_sided))


def real_p_at_most(k: float, n: float, value: float) -> float:
    """`p_at_most` at counts that need not be whole: ``k`` in [0, n], ``n`` above 0."""
    from scipy.special import betainc

    return float(betainc(k, n - k + 1, value)) if k > 0 else 1.0


def real_p_at_least(k: float, n: float, value: float) -> float:
    """`p_at_least` at counts that need not be whole: ``k`` in [0, n], ``n`` above 0."""
    return real_p_at_most(n - k, n, 1.0 - value)
