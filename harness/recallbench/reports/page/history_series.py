"""One variant of one suite over its runs: a table, a chart, and what changed in between.

Guarantees that no share stands without its trials and interval, that single-needle and multi-key
recall are never one series, and that a reader is told from which run on other questions were asked.
Knows no HTML.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from recallbench.reports.cell_words import words_legend
from recallbench.reports.measure_words import interval_head, interval_told, needles_told
from recallbench.reports.notation import counted, written_length
from recallbench.reports.page.history_chart import MOST_RUNS, recall_chart, time_labels
from recallbench.reports.page.history_row import HistoryRow, ListedEntry, history_row
from recallbench.reports.page.history_run import HistoryEntry
from recallbench.reports.page.line_chart import LineChart
from recallbench.reports.page.recall_change import RecallChange, are_other_questions, recall_change
from recallbench.reports.page.setting_changes import changes
from recallbench.reports.profile_text import DRAWN_REMARK

OTHER_QUESTIONS = "other questions from here on"
"""Stands where a run cannot be paired with the one before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What is another in a run than before it."""

    time: str
    """When the run was begun, in UTC."""
    name: str
    """Of the run."""
    phrases: tuple[str, ...]
    """At least one, such as ``vLLM 0.26.0 -> 0.32.0``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HistorySeries:
    """All runs of one variant of one suite, in one layout."""

    title: str
    """Suite and variant."""
    latest: HistoryRow
    """The newest run."""
    change: RecallChange | None
    """How its recall compares with the run before; None where that cannot be told."""
    lengths: tuple[str, ...]
    """Heads of the columns, in tokens."""
    rows: tuple[HistoryRow, ...]
    """Newest first."""
    chart: LineChart | None
    """Recall over runs; None with fewer than two that have any."""
    changes: tuple[Change, ...]
    """What changed, newest first."""
    remarks: tuple[str, ...]
    """What holds for the numbers, without full stops."""
    interval_head: str
    """What its intervals are."""


def history_series(listed: Sequence[ListedEntry]) -> HistorySeries:
    """The history of one variant.

    Args:
        listed: its runs, oldest first.

    Raises:
        ValueError: there is none.
    """
    if not listed:
        raise ValueError("a series has no run; allowed is at least one")
    entries = [each.entry for each in listed]
    lengths = _lengths(entries)
    times = time_labels([each.run.created for each in listed], ["no date"] * len(listed))
    others = _others(entries)
    rows = [
        history_row(each, time, lengths, is_other=is_other)
        for each, time, is_other in zip(listed, times, others, strict=True)
    ]
    labels = time_labels([each.run.created for each in listed], [each.name for each in listed])
    last = entries[-1]
    multi_key = "" if last.summary.layout == "single" else f" ({last.summary.layout})"
    return HistorySeries(
        title=f"{last.suite}: {last.variant}{multi_key}",
        latest=rows[-1],
        change=_change(listed),
        lengths=tuple(map(written_length, lengths)),
        rows=tuple(reversed(rows)),
        chart=recall_chart(entries, labels, lengths),
        changes=tuple(reversed(list(_changes(rows)))),
        remarks=tuple(_remarks(entries)),
        interval_head=interval_head(entry.summary for entry in entries),
    )


def _lengths(entries: Sequence[HistoryEntry]) -> list[int]:
    """Those at which any run has asked or owes a trial, ascending."""
    lines = (line for entry in entries for line in entry.summary.lengths)
    return sorted({line.length_tokens or 0 for line in lines if line.is_planned})


def _others(entries: Sequence[HistoryEntry]) -> Iterator[bool]:
    """For each run, whether its questions are others than those of the last that was asked any."""
    before: HistoryEntry | None = None
    for entry in entries:
        yield before is not None and are_other_questions(before, entry)
        before = entry if entry.records else before


def _change(listed: Sequence[ListedEntry]) -> RecallChange | None:
    """Against the last run before the newest that was asked anything."""
    *earlier, now = listed
    before = next((each for each in reversed(earlier) if each.entry.records), None)
    return recall_change(before.entry, now.entry, before.name) if before else None


def _changes(rows: Sequence[HistoryRow]) -> Iterator[Change]:
    settings = changes([row.entry.settings for row in rows])
    recipes = changes([row.entry.recipe for row in rows])
    for row, serving, recipe in zip(rows, settings, recipes, strict=True):
        asked = f"{OTHER_QUESTIONS}" + (f": {', '.join(recipe)}" if recipe else "")
        phrases = (*serving, asked) if row.is_other else serving
        if phrases:
            yield Change(time=row.time, name=row.name, phrases=phrases)


def _remarks(entries: Sequence[HistoryEntry]) -> Iterator[str]:
    summaries = [entry.summary for entry in entries]
    if told := needles_told(summaries[-1].layout, summaries[-1].distractors):
        yield told
    if told := interval_told(summaries):
        yield told
    if drawn := sum(entry.is_drawn for entry in entries):
        where = "" if drawn == len(entries) else f"in {drawn:,} of {counted(len(entries), 'run')} "
        yield where + DRAWN_REMARK
    if len(entries) > MOST_RUNS:
        yield f"the chart has the newest {MOST_RUNS} of {counted(len(entries), 'run')}"
    yield from dict.fromkeys(word for summary in summaries for word in words_legend(summary))
