"""Whether the latest run of a variant recalls less than the one before, in a sentence.

Guarantees that only the same questions are held against each other, pair by pair, that a loss at
one of many lengths is corrected for their number, and that "no significant loss" never stands
without the verdict that says whether one is ruled out. Knows no run but by its name.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from recallbench.errors import ComparisonError
from recallbench.gate.compared import Compared
from recallbench.gate.comparison import Comparison, compare
from recallbench.gate.pairs import paired
from recallbench.reports.comparison_headline import named_lengths, verdict_phrase
from recallbench.reports.comparison_words import difference_phrase
from recallbench.reports.measure_words import recall_name
from recallbench.reports.notation import counted, written_hits, written_length
from recallbench.reports.page.history_run import HistoryEntry
from recallbench.reports.points import equated_p


@dataclass(frozen=True, slots=True, kw_only=True)
class RecallChange:
    """How a run compares with an earlier one."""

    told: str
    """In a sentence without a full stop."""
    parts: tuple[str, ...]
    """Each length that is significantly lower, with its pairs; () without any."""
    is_lower: bool
    """Whether recall is significantly lower at a length, or over all of them."""


MARGIN = 0.05
"""Difference of recall that matters, as `recallbench compare` has it by default."""
_NAMES = ("the run before", "this run")


def are_other_questions(before: HistoryEntry, now: HistoryEntry) -> bool:
    """Whether both were asked something, and no trial or another prompt in one of them."""
    if not before.records or not now.records:
        return False
    try:
        paired(before.records, now.records, _NAMES)
    except ComparisonError:
        return True
    return False


def recall_change(before: HistoryEntry, now: HistoryEntry, name: str) -> RecallChange | None:
    """How the recall of a run compares with an earlier one's.

    None where nothing can be paired.

    Args:
        before: the earlier run.
        now: the later run.
        name: what to call the earlier one.
    """
    try:
        found = compare(
            before.records,
            now.records,
            (name, _NAMES[1]),
            margin=MARGIN,
            shared_by=now.summary.shared_by,
            layout=now.summary.layout,
        )
    except ComparisonError:
        return None
    if not found.overall.pairs.n:
        return None
    lower = [
        part for part in found.lengths if _is_lower(part, part.mcnemar_adjusted, found.confidence)
    ]
    return _lower(lower, found, name) if lower else _not_lower(found, name)


def _is_lower(part: Compared, p: float | None, confidence: float) -> bool:
    return p is not None and p <= 1 - confidence and part.pairs.lost > part.pairs.gained


def _lower(lower: Sequence[Compared], found: Comparison, name: str) -> RecallChange:
    at = named_lengths([part.length_tokens for part in lower])
    told = f"{_recall(found)} is significantly lower than in {name} at {at}{_corrected(found)}"
    return RecallChange(told=told, parts=tuple(map(_told, lower)), is_lower=True)


def _told(part: Compared) -> str:
    return (
        f"at {written_length(part.length_tokens or 0)} tokens {written_hits(part.a)} -> "
        f"{written_hits(part.b)}, {difference_phrase(part)}, McNemar "
        f"{equated_p(part.mcnemar_adjusted or 0.0)}"
    )


def _not_lower(found: Comparison, name: str) -> RecallChange:
    """No length alone; all together may still be lower, and the verdict says what is proven."""
    overall, is_many = found.overall, len(found.lengths) > 1
    said = (
        f"{_recall(found)} is {'at no length' if is_many else 'not'} significantly lower than in "
        f"{name}{_corrected(found)}"
    )
    is_less = is_many and _is_lower(overall, overall.mcnemar_p, found.confidence)
    if is_less:
        p = equated_p(overall.mcnemar_p or 0.0)
        rest = f", but over all lengths together it is: {difference_phrase(overall)}, McNemar {p}"
    else:
        rest = f"; all pairs together: {verdict_phrase(found)}"
    return RecallChange(told=said + rest, parts=(), is_lower=is_less)


def _recall(found: Comparison) -> str:
    return recall_name(found.layout).capitalize()


def _corrected(found: Comparison) -> str:
    if len(found.lengths) < 2:  # noqa: PLR2004 - one statement needs no correction
        return ""
    return f" (corrected over {counted(len(found.lengths), 'length')})"
