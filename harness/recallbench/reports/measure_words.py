"""What a table's recall is of and what its intervals count, the same in every report.

Guarantees that one key among many is never called plain recall, and that an interval which counts
haystacks is never called Wilson's. Knows no format.
"""

from __future__ import annotations

from collections.abc import Iterable

from recallbench.domain.layout import Layout
from recallbench.reports.notation import counted
from recallbench.stats import VariantSummary


def recall_name(layout: Layout) -> str:
    """``recall``, or ``multi-key recall`` where a prompt holds other needles too."""
    return "multi-key recall" if layout == "ladder" else "recall"


def needles_told(layout: Layout, distractors: tuple[int, int] | None) -> str | None:
    """Such as ``multi-key recall: 3 to 54 other needles in each prompt``; None for plain recall.

    Args:
        layout: how needles lie in haystacks.
        distractors: fewest and most other needles in a prompt; None is not known.
    """
    if layout != "ladder":
        return None
    name = recall_name(layout)
    if distractors is None:
        return f"{name}: other needles stand in each prompt"
    fewest, most = distractors
    between = "" if fewest == most else f"{fewest:,} to "
    return f"{name}: {between}{counted(most, 'other needle')} in each prompt"


def interval_head(summaries: Iterable[VariantSummary]) -> str:
    """Head of a column of intervals."""
    is_shared = any(summary.overall.haystacks for summary in summaries)
    return "95% interval" if is_shared else "Wilson 95%"


def interval_told(summaries: Iterable[VariantSummary]) -> str | None:
    """What intervals count, where this is not trials, without a full stop; None where it is."""
    most = max((summary.overall.haystacks or 0 for summary in summaries), default=0)
    if not most:
        return None
    return f"intervals count the {counted(most, 'haystack')} that the trials share"
