"""The scale of a chart: where it begins and ends, and the round numbers that are written on it.

Guarantees ticks at multiples of 1, 2 or 5 times a power of ten. Knows no pixels and no units.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import count
from math import ceil, floor, isfinite, log10

LEAST_SPAN = 1e-9
"""The shortest scale there is: less is rounding."""
_MOST_TICKS = 5
# A multiple of 0.2 may be off by a rounding error, and still be one.
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartScale:
    """A stretch of numbers and its ticks."""

    low: float
    """Where it begins."""
    high: float
    """Where it ends; above ``low``."""
    ticks: tuple[float, ...]
    """Round numbers in [low, high], ascending."""

    def share(self, value: float) -> float:
        """Where a value stands between both ends, in [0, 1]; one beyond stands at the end."""
        return min(1.0, max(0.0, (value - self.low) / (self.high - self.low)))


def scale_from_zero(values: Iterable[float]) -> ChartScale:
    """From 0 to the round number that no value exceeds, with 3 to 5 ticks, both ends included.

    Args:
        values: what must have room; without any above 0 the scale ends at 1.

    Raises:
        ValueError: a value is below 0, or no number.
    """
    highest = 0.0
    for value in values:
        if not isfinite(value) or value < 0:
            raise ValueError(f"a scale from 0 was given {value}; allowed are numbers from 0 on")
        highest = max(highest, value)
    whole = highest if highest >= LEAST_SPAN else 1.0
    counts = ((step, ceil(whole / step - _ROUNDING)) for step in _steps(whole))
    step, last = next((step, last) for step, last in counts if last < _MOST_TICKS)
    return ChartScale(
        low=0.0, high=last * step, ticks=tuple(number * step for number in range(last + 1))
    )


def scale_between(low: float, high: float) -> ChartScale:
    """From ``low`` to ``high``, with the 2 to 5 round numbers in between or at the ends.

    Raises:
        ValueError: ``high`` is not above ``low`` by 1e-9, or one of them is no number.
    """
    if not (isfinite(low) and isfinite(high) and high - low >= LEAST_SPAN):
        raise ValueError(f"limits are {low} and {high}; allowed are two numbers, the lower first")
    ticks = (_within(low, high, step) for step in _steps(high - low))
    return ChartScale(low=low, high=high, ticks=next(t for t in ticks if len(t) <= _MOST_TICKS))


def _within(low: float, high: float, step: float) -> tuple[float, ...]:
    """Multiples of ``step`` from ``low`` to ``high``."""
    first, last = ceil(low / step - _ROUNDING), floor(high / step + _ROUNDING)
    return tuple(number * step for number in range(first, last + 1))


def _steps(span: float) -> Iterator[float]:
    """1, 2 and 5 times a power of ten, ascending from about a tenth of ``span``."""
    power = floor(log10(span)) - 1
    return (factor * 10.0**exponent for exponent in count(power) for factor in (1, 2, 5))
