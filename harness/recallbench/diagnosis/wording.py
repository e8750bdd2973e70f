"""How numbers stand in a diagnosis: hits and trials always, and their interval.

A share is never rounded up to 100% or down to 0%, as in the reports, which are a layer above.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from recallbench.domain import TrialRecord
from recallbench.stats import Proportion

_NEARLY_ALL, _NEARLY_NONE = 0.999, 0.001


def told(recall: Proportion) -> str:
    """Such as ``38/110 (34.5%, 95% interval 26.3-43.8%)``."""
    interval = recall.interval()
    if recall.value is None or interval is None:
        return "0/0"
    low, high = share(interval.low), share(interval.high)
    return f"{counts(recall)} ({share(recall.value)}, 95% interval {low.removesuffix('%')}-{high})"


def counts(part: Proportion) -> str:
    """Such as ``38/110``."""
    return f"{part.k:,}/{part.n:,}"


def share(value: float) -> str:
    """A share in [0, 1] as a percentage with a decimal; only 0 is ``0%`` and only 1 ``100%``."""
    if value in {0.0, 1.0}:
        return f"{value:.0%}"
    if value > _NEARLY_ALL:
        return ">99.9%"
    return "<0.1%" if value < _NEARLY_NONE else f"{value:.1%}"


def tokens(length_tokens: int) -> str:
    """Such as ``32,000 tokens``."""
    return f"{length_tokens:,} tokens"


def lengths_told(lengths: Sequence[int]) -> str:
    """Such as ``8,000 tokens`` or ``8,000 to 64,000 tokens``; ascending, at least one."""
    if len(lengths) == 1:
        return tokens(lengths[0])
    return f"{lengths[0]:,} to {tokens(lengths[-1])}"


def depths_told(depths: Sequence[float]) -> str:
    """Such as ``depth 50%`` or ``depths 0% to 25%``; ascending, at least one."""
    first, last = (f"{round(100 * depth, 2):g}%" for depth in (depths[0], depths[-1]))
    return f"depth {first}" if len(depths) == 1 else f"depths {first} to {last}"


def trials_told(number: int) -> str:
    """Such as ``1 trial`` or ``1,200 trials``."""
    return f"{number:,} trial" if number == 1 else f"{number:,} trials"


def example(records: Sequence[TrialRecord]) -> tuple[str, ...]:
    """One answer of those given, of middle length, cut short; () without an answer."""
    answers = [record.answer for record in records if record.answer]
    if not answers:
        return ()
    middle = median(len(answer) for answer in answers)
    return (f"such as {min(answers, key=lambda text: abs(len(text) - middle))[:40]!r}",)
