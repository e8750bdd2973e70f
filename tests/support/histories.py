"""Histories of a deployment: nightly runs on disk, and what a history keeps of one, in letters."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from recallbench.domain import Grid, TrialRecord
from recallbench.domain.layout import Layout
from recallbench.reports.page.history_row import ListedEntry
from recallbench.reports.page.history_run import HistoryEntry, HistoryRun
from recallbench.stats import summarize
from support.records import DEPTHS
from support.stored_runs import stored_run

FIRST = datetime(2026, 11, 20, 2, 30, tzinfo=UTC)
"""When the first run of a history was begun; one a night follows."""


def night(
    folder: Path,
    number: int,
    variants: Mapping[str, Sequence[TrialRecord]],
    *,
    engine: Mapping[str, Any] | None = None,
    **facts: Any,
) -> Path:
    """Write the run of a night into its folder.

    Args:
        folder: to be made.
        number: of the night, from 0.
        variants: records by name.
        engine: facts of every variant's engine that are others.
        facts: further arguments of `stored_run`.
    """
    stored_run(folder, variants, **facts)
    change_facts(folder, created_at=(FIRST + timedelta(days=number)).isoformat(), engine=engine)
    return folder


def change_facts(folder: Path, *, engine: Mapping[str, Any] | None = None, **facts: Any) -> None:
    """Put other values into a run's ``run.json``."""
    path = folder / "run.json"
    held = json.loads(path.read_text(encoding="utf-8"))
    held |= facts
    for entry in held["variants"]:
        entry["engine"] |= engine or {}
    path.write_text(json.dumps(held), encoding="utf-8")


def entry_of(
    records: Sequence[TrialRecord], *, lengths: Sequence[int] = (1000,), **values: Any
) -> HistoryEntry:
    """What a history keeps of a variant with these records, on a grid of ten repeats."""
    variant: str = values.pop("variant", "v")
    layout: Layout = values.pop("layout", "single")
    summary = summarize(
        records,
        variant=variant,
        grid=Grid(lengths=tuple(lengths), depths=DEPTHS, trials=10),
        layout=layout,
    )
    told: dict[str, Any] = {
        "suite": "nightly",
        "word": "PASS",
        "reason": "all hold",
        "missing": None,
        "rope_status": "proved",
        "version": "0.32.0",
        "settings": {},
        "recipe": {},
        "is_drawn": False,
    }
    held = tuple(records)
    return HistoryEntry(variant=variant, summary=summary, records=held, **{**told, **values})


def run_of(number: int, *entries: HistoryEntry, path: str | None = None) -> HistoryRun:
    """The run of a night, from 0."""
    return HistoryRun(
        path=path or f"results/night-{number}",
        created=FIRST + timedelta(days=number),
        entries=entries,
    )


def listed_nights(*entries: HistoryEntry) -> list[ListedEntry]:
    """A run a night, oldest first."""
    return [
        ListedEntry(
            run=run_of(number, entry),
            name=f"night-{number}",
            link=f"night-{number}/report.html",
            entry=entry,
        )
        for number, entry in enumerate(entries)
    ]
