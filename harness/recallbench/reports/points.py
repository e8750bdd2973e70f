"""How differences of recall, margins and p-values are written, the same in every report.

Inside the program differences are fractions; percentage points begin here. A difference is never
rounded to none or to all, and a p-value never to 0.
"""

from __future__ import annotations

from recallbench.stats import Interval

_WHOLE = 100.0
_MOST_DECIMALS = 3
_SMALLEST_P, _LARGEST_P = 0.0001, 0.999
_COARSE_P = 0.1


def written_points(difference: float) -> str:
    """A difference in [-1, 1] in percentage points, such as ``-15.0``, ``+0.03`` or ``0.0``."""
    whole = _WHOLE * difference
    decimals = 1
    while decimals < _MOST_DECIMALS and _hides(whole, decimals):
        decimals += 1
    text = f"{whole:+.{decimals}f}"
    return text if float(text) else "0.0"


def written_points_interval(interval: Interval) -> str:
    """Both ends in percentage points, such as ``-5.3 to +1.2``."""
    return f"{written_points(interval.low)} to {written_points(interval.high)}"


def written_margin(margin: float) -> str:
    """A margin in (0, 1), such as ``5 points`` or ``1 point``."""
    whole = round(_WHOLE * margin, 6)
    return f"{whole:g} {'point' if whole == 1 else 'points'}"


def written_level(confidence: float) -> str:
    """A confidence level in (0, 1), such as ``95%`` or ``99.9%``."""
    return f"{round(_WHOLE * confidence, 6):g}%"


def written_p(p: float) -> str:
    """A p-value in [0, 1], such as ``0.0312``, ``0.317``, ``<0.0001`` or ``1``."""
    if p < _SMALLEST_P:
        return f"<{_SMALLEST_P:.4f}"
    if _LARGEST_P < p < 1:
        return f">{_LARGEST_P}"
    if p == 1:
        return "1"
    return f"{p:.3f}" if p >= _COARSE_P else f"{p:.4f}"


def equated_p(p: float) -> str:
    """A p-value with its letter, such as ``p = 0.0312`` or ``p < 0.0001``."""
    written = written_p(p)
    return f"p {written[0]} {written[1:]}" if written[0] in "<>" else f"p = {written}"


def _hides(whole: float, decimals: int) -> bool:
    """Whether rounding makes none or all of what is neither."""
    rounded = abs(round(whole, decimals))
    return rounded in {0.0, _WHOLE} and rounded != abs(whole)
