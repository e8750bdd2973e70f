"""The trials of a run as plain values: what the page's script reads of them.

``variants``, ``lengths``, ``depths`` and ``outcomes`` are tables; rows name their entries by place.
``questions`` holds what the variants were asked, once each::

    trial_id, length, depth, repeat, key, achieved_depth, prompt_sha256, before, needle, behind

``trials`` holds what became of them, in the journal's order::

    variant, question, outcome, answer, thought, finish_reason, prompt_tokens, cached_tokens,
    expected_cached_tokens, completion_tokens, latency_s, attempts, error, finished_at

Units are those of `TrialRecord`, and null is not known. ``commands`` has for each variant the
beginning of two command lines, which end with `` --trial NAME``: ``again`` asks a trial again,
``prompt`` writes its prompt into a file. ``cut`` is the most characters that a text has, or null
where none is cut. A cut text is no string but ``{"head": ..., "left_out": n}``, and the one before
the needle ``{"tail": ..., "left_out": n}``: n characters are not there.

Guarantees that no trial is left out for its size, that keys and needles are whole, and that all of
it is within its budget where cutting texts can bring it there. Knows no HTML.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from recallbench.domain import Outcome, TrialRecord
from recallbench.reports.page.embedded_json import embedded_json
from recallbench.reports.page.grid_places import GridPlaces
from recallbench.reports.replay import replay_command

SCHEMA = 1
"""Version of these values; raised when one changes its meaning."""
BUDGET_BYTES = 2_750_000
"""What a page of 3 MB has for its trials."""
PROMPT_FILE = "prompts.jsonl"
"""Where the command that is shown writes a prompt."""
LIMITS = (4000, 1000, 400, 160, 80, 40)
"""Characters of a text: the first that leaves all of it within the budget is taken."""

_Asked = tuple[str, str | None]
"""Name of a trial and hash of its prompt."""


def trial_data(
    records: Iterable[TrialRecord],
    *,
    variants: Sequence[str],
    lengths: Sequence[int],
    depths: Sequence[float],
    commands: Sequence[Mapping[str, str]],
    budget_bytes: int = BUDGET_BYTES,
) -> dict[str, Any]:
    """All trials.

    Args:
        records: the latest of each trial, in the journal's order; other variants' are left out.
        variants: names, in the page's order.
        lengths: of the grid, in tokens.
        depths: of the grid.
        commands: of `trial_commands`, one for each variant.
        budget_bytes: what their JSON may take in UTF-8.

    Raises:
        ValueError: a record stands in a cell that the grid does not have.
    """
    shown = [record for record in records if record.variant in set(variants)]
    head: dict[str, Any] = {
        "schema": SCHEMA,
        "variants": list(variants),
        "lengths": list(lengths),
        "depths": list(depths),
        "outcomes": [outcome.value for outcome in Outcome],
    }
    longest = max(map(_longest, shown), default=0)
    data: dict[str, Any] = {}
    for limit in (LIMITS[0], *(each for each in LIMITS[1:] if each < longest)):
        cut = {"cut": limit if limit < longest else None, "commands": list(map(dict, commands))}
        data = {**head, **cut, **_rows(shown, head, limit)}
        if len(embedded_json(data).encode()) <= budget_bytes:
            break
    return data


def trial_commands(run: str, variants: Iterable[str]) -> list[dict[str, str]]:
    """For each variant, the command lines that lack only `` --trial NAME``, for a POSIX shell.

    Args:
        run: path of the run folder.
        variants: names.
    """
    return [
        {"again": replay_command((), run, name), "prompt": _prompt_command(run, name)}
        for name in variants
    ]


def _prompt_command(run: str, variant: str) -> str:
    words = ["recallbench", "plan", run, "--variant", variant, "--write-prompts", PROMPT_FILE]
    return shlex.join(words)


def _rows(
    records: Sequence[TrialRecord], head: Mapping[str, Any], limit: int
) -> dict[str, list[list[Any]]]:
    places = GridPlaces(head["lengths"], head["depths"])
    variants, outcomes = _places(head["variants"]), _places(head["outcomes"])
    asked = _asked(records)
    keys = list(dict.fromkeys(asked))
    questions, numbers = _told_best(asked, records), _places(keys)
    return {
        "questions": [
            [each.trial_id, *places.of(each), *_question(each, limit)]
            for each in map(questions.__getitem__, keys)
        ],
        "trials": [
            [variants[each.variant], numbers[key], outcomes[each.outcome], *_answered(each, limit)]
            for key, each in zip(asked, records, strict=True)
        ],
    }


def _asked(records: Iterable[TrialRecord]) -> list[_Asked]:
    """Of each record, what it was asked; a trial without a prompt shares that of its name."""
    held = list(records)
    known = {r.trial_id: r.prompt_sha256 for r in reversed(held) if r.prompt_sha256}
    return [(r.trial_id, r.prompt_sha256 or known.get(r.trial_id)) for r in held]


def _told_best(
    asked: Iterable[_Asked], records: Iterable[TrialRecord]
) -> dict[_Asked, TrialRecord]:
    """Of each question the record that says most of it."""
    best: dict[_Asked, TrialRecord] = {}
    for key, record in zip(asked, records, strict=True):
        if key not in best or _telling(record) > _telling(best[key]):
            best[key] = record
    return best


def _telling(record: TrialRecord) -> tuple[bool, bool]:
    return record.prompt_sha256 is not None, record.needle_context is not None


def _question(record: TrialRecord, limit: int) -> list[Any]:
    before, needle, behind = record.needle_context or (None, None, None)
    return [
        record.repeat,
        record.key,
        record.achieved_depth,
        record.prompt_sha256,
        _tail(before, limit),
        needle,
        _head(behind, limit),
    ]


def _answered(record: TrialRecord, limit: int) -> list[Any]:
    return [
        _head(record.answer, limit),
        _head(record.thought, limit),
        record.finish_reason,
        record.prompt_tokens,
        record.cached_tokens,
        record.expected_cached_tokens,
        record.completion_tokens,
        record.latency_s,
        record.attempts,
        _head(record.error, limit),
        record.finished_at,
    ]


def _head(text: str | None, limit: int) -> str | dict[str, str | int] | None:
    if text is None or len(text) <= limit:
        return text
    return {"head": text[:limit], "left_out": len(text) - limit}


def _tail(text: str | None, limit: int) -> str | dict[str, str | int] | None:
    if text is None or len(text) <= limit:
        return text
    return {"tail": text[-limit:], "left_out": len(text) - limit}


def _longest(record: TrialRecord) -> int:
    before, _, behind = record.needle_context or ("", "", "")
    texts = (record.answer, record.thought, record.error, before, behind)
    return max(len(text or "") for text in texts)


def _places(entries: Iterable[Any]) -> dict[Any, int]:
    return {entry: place for place, entry in enumerate(entries)}
