"""A run as the history of a deployment keeps it: when, what it came to, and what it was asked.

Guarantees that it is small beside its run (no text of a model, no reports), so that hundreds can be
kept at once, and that a run which cannot be read has its reason in place of numbers. Knows no
files, no HTML and no other run.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from recallbench.domain import TrialRecord
from recallbench.stats import VariantSummary


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryEntry:
    """One variant of one run."""

    suite: str
    """Name of its suite."""
    variant: str
    """Name of the variant."""
    word: str
    """``PASS``, ``FAIL``, ``INCONCLUSIVE``, ``INCOMPLETE`` or ``NO GATE``."""
    reason: str
    """Why, in a sentence without a full stop."""
    missing: str | None
    """Trials without an answer, in a sentence without a full stop; None where none is missing."""
    rope_status: str
    """``proved``, ``unverified`` or ``mismatch``."""
    version: str | None
    """Of vLLM; None is not known."""
    settings: Mapping[str, str]
    """What it was served with and held against, by label; what is not known is left out."""
    recipe: Mapping[str, str]
    """What its prompts were made of, by label."""
    summary: VariantSummary
    """Its counts."""
    records: tuple[TrialRecord, ...]
    """The latest record of each of its trials, without texts (`without_texts`)."""
    is_drawn: bool
    """Whether trials were drawn until the verdict was settled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryRun:
    """One run."""

    path: str
    """Its folder, as it was named."""
    created: datetime | None
    """When it was begun, in UTC; None is not known."""
    entries: tuple[HistoryEntry, ...]
    """One for each variant; () where it cannot be read."""
    error: str | None = None
    """Why it cannot be read, in words for people; None where it can."""


def without_texts(records: Iterable[TrialRecord]) -> tuple[TrialRecord, ...]:
    """The records without what a model, a server or a haystack says: all that pairs them stays."""
    return tuple(
        replace(record, answer=None, thought=None, needle_context=None, error=None)
        for record in records
    )


def utc_time(text: object) -> datetime | None:
    """A time in ISO 8601 as UTC; None where it is none. Without a zone it is UTC already."""
    if not isinstance(text, str):
        return None
    try:
        time = datetime.fromisoformat(text)
        return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
