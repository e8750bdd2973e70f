"""A run as a row of its variant's history: one cell for each length.

Guarantees that no share stands without its trials and interval, and that trials without recall are
told in words. Knows no HTML and no other run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from recallbench.reports.cell_words import words_told
from recallbench.reports.page.colours import recall_class
from recallbench.reports.page.heat_table import cell_link
from recallbench.reports.page.history_chart import length_line
from recallbench.reports.page.history_run import HistoryEntry, HistoryRun
from recallbench.reports.recall_text import written_recall
from recallbench.stats import CellSummary


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedEntry:
    """A variant's entry with its run."""

    run: HistoryRun
    """The run."""
    name: str
    """What the run is called on the page."""
    link: str
    """Address of the run's page."""
    entry: HistoryEntry
    """What the run has of the variant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryCell:
    """Recall of a run at one length."""

    colour: str
    """Its class in the stylesheet."""
    hits: str
    """Such as ``45/50``; empty without recall."""
    share: str
    """Such as ``90.0%``; empty without recall."""
    interval: str
    """Such as ``78.6-95.7%``; empty without recall."""
    words: str
    """Why trials have no recall, such as ``2 err``; empty where all have one."""
    link: str
    """Address of its trials."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryRow:
    """A run in the table."""

    name: str
    """Of the run."""
    link: str
    """Address of its page."""
    time: str
    """When it was begun, in UTC."""
    entry: HistoryEntry
    """Its verdict, version and RoPE."""
    is_other: bool
    """Whether other questions are asked from it on."""
    cells: tuple[HistoryCell, ...]
    """By length."""


def history_row(
    listed: ListedEntry, time: str, lengths: Sequence[int], *, is_other: bool
) -> HistoryRow:
    """A run's row.

    Args:
        listed: the run's entry.
        time: when it was begun, as it is shown.
        lengths: of the columns, in tokens.
        is_other: whether other questions are asked from it on.
    """
    return HistoryRow(
        name=listed.name,
        link=listed.link,
        time=time,
        entry=listed.entry,
        is_other=is_other,
        cells=tuple(_cell(listed, length) for length in lengths),
    )


def _cell(listed: ListedEntry, length: int) -> HistoryCell:
    entry = listed.entry
    line = length_line(entry, length) or _unasked(entry, length)
    told = written_recall(line)
    return HistoryCell(
        colour=recall_class(line.recall.value),
        hits=told.hits if told else "",
        share=told.share if told else "",
        interval=told.interval if told else "",
        words=words_told(line),
        link=listed.link + cell_link(entry.variant, length),
    )


def _unasked(entry: HistoryEntry, length: int) -> CellSummary:
    return replace(
        entry.summary.overall,
        length_tokens=length,
        recalled=0, missed=0, truncated=0, overflow=0, errored=0, owed=0, by_haystack=(),
    )  # fmt: skip
