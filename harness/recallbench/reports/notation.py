"""How values are written on paper, the same in every report.

Inside the program depths and recalls are fractions; percent begins here. A recall is never rounded
up to 100% or down to 0%: one miss in ten thousand stays visible.
"""

from __future__ import annotations

from recallbench.stats import Interval, Proportion

_WHOLE = 100.0


def written_length(length_tokens: int) -> str:
    """A length in tokens, such as ``131,072``."""
    return f"{length_tokens:,}"


def written_depth(depth: float) -> str:
    """A depth in [0, 1] as a percentage with up to two decimals, such as ``12.5%``."""
    return f"{round(_WHOLE * depth, 2):g}%"


def written_share(share: float, *, decimals: int = 1) -> str:
    """A share in [0, 1] as a percentage, such as ``98.4%``, ``100%`` or ``>99.9%``."""
    step = 10.0**-decimals
    if share in {0.0, 1.0}:
        return f"{_WHOLE * share:.0f}%"
    if _WHOLE * share > _WHOLE - step:
        return f">{_WHOLE - step:.{decimals}f}%"
    if _WHOLE * share < step:
        return f"<{step:.{decimals}f}%"
    return f"{_WHOLE * share:.{decimals}f}%"


def written_hits(recall: Proportion) -> str:
    """Hits of trials, such as ``4/5``."""
    return f"{recall.k:,}/{recall.n:,}"


def written_interval(interval: Interval) -> str:
    """Both ends as percentages, such as ``56.6-100%`` or ``39.8% to >99.9%``."""
    low, high = written_share(interval.low), written_share(interval.high)
    if {low[0], high[0]} & {"<", ">"}:
        return f"{low} to {high}"
    return f"{low.removesuffix('%')}-{high}"


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """A number and its noun, such as ``1 trial`` or ``1,200 trials``; the plural takes an s."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {plural or noun + 's'}"


def printable(text: str) -> str:
    r"""A name from outside on one line: what cannot be printed is spelled, such as ``\x1b``."""
    return "".join(char if char.isprintable() else spelled(char) for char in text)


def spelled(char: str) -> str:
    r"""A character as its escape sequence, such as ``\u6570``."""
    return char.encode("unicode_escape").decode("ascii")
