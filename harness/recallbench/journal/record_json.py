"""A trial's record as one line of JSON, and back."""

from __future__ import annotations

import json
from dataclasses import MISSING, asdict, fields

from recallbench.domain import Outcome, TrialRecord
from recallbench.errors import RunFolderError

SCHEMA = 1
"""Version of the journal's line format; raised when a field changes its meaning."""
_NAMES = frozenset(field.name for field in fields(TrialRecord))
_REQUIRED = frozenset(field.name for field in fields(TrialRecord) if field.default is MISSING)


def to_line(record: TrialRecord) -> str:
    """One line, newline included. Non-ASCII and control characters are escaped."""
    return json.dumps({"schema": SCHEMA, **asdict(record)}, ensure_ascii=True) + "\n"


def from_line(line: str, where: str) -> TrialRecord:
    """The record on one line.

    Raises:
        RunFolderError: not a record, or one of a newer format; ``where`` names file and line.
    """
    try:
        entries = json.loads(line)
        schema = entries.pop("schema")
        if schema != SCHEMA:
            raise RunFolderError(
                f"{where}: written in journal format {schema}, this recallbench reads {SCHEMA}; "
                "use the recallbench that wrote the run"
            )
        lacking = _REQUIRED - entries.keys()
        unknown = entries.keys() - _NAMES
        if lacking or unknown:
            raise RunFolderError(
                f"{where}: fields missing {sorted(lacking)}, unknown {sorted(unknown)}"
            )
        context = _context(entries.get("needle_context"))
        outcome = Outcome(entries["outcome"])
        return TrialRecord(**{**entries, "outcome": outcome, "needle_context": context})
    except (ValueError, AttributeError, KeyError, TypeError) as error:
        raise RunFolderError(
            f"{where}: not a trial record ({error}); the journal is damaged there: remove the line "
            "to have its trial asked again"
        ) from error


def _context(entry: object) -> tuple[str, str, str] | None:
    """The texts around a needle and its own, which JSON has as a list."""
    match entry:
        case None:
            return None
        case [str(before), str(needle), str(behind)]:
            return before, needle, behind
    raise ValueError(f"needle_context has to be null or three texts, got {entry!r:.80}")
