"""The history of a deployment as one HTML page: recall over runs, length by length.

Guarantees that every run that was named stands on it, one that cannot be read with its reason, and
that variants of different suites or layouts are never one line. Needs no network and no other file,
but links to the runs' own pages. Knows no files: what it shows is handed over.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePath

from recallbench.reports.notation import counted
from recallbench.reports.page.colours import data_colours
from recallbench.reports.page.history_row import ListedEntry
from recallbench.reports.page.history_run import HistoryRun
from recallbench.reports.page.history_series import OTHER_QUESTIONS, HistorySeries, history_series
from recallbench.reports.page.rendering import rendered

_STYLES = ("chart.css", "history.css")
_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadRun:
    """A run that cannot be read."""

    name: str
    """What it is called on the page."""
    error: str
    """Why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryPage:
    """What stands on the page."""

    title: str
    """How many runs it is over."""
    series: tuple[HistorySeries, ...]
    """One for each variant of a suite; those of the newest run first."""
    unread: tuple[UnreadRun, ...]
    """Runs without numbers."""


def history_page(runs: Sequence[tuple[HistoryRun, str]]) -> HistoryPage:
    """Sort runs into series.

    Args:
        runs: each with the address of its page; in any order.
    """
    ordered = sorted(runs, key=lambda each: (each[0].created or _NEVER, each[0].path))
    names = run_names([run.path for run, _ in ordered])
    listed: dict[tuple[str, str, str], list[ListedEntry]] = {}
    for (run, link), name in zip(ordered, names, strict=True):
        for entry in run.entries:
            key = entry.suite, entry.variant, entry.summary.layout
            held = ListedEntry(run=run, name=name, link=link, entry=entry)
            listed.setdefault(key, []).append(held)
    unread = (
        UnreadRun(name=name, error=run.error or "it has no variant")
        for (run, _), name in zip(ordered, names, strict=True)
        if not run.entries
    )
    return HistoryPage(
        title=f"Recall over {counted(len(runs), 'run')}",
        series=tuple(map(history_series, _newest_first(listed.values()))),
        unread=tuple(unread),
    )


def history_page_html(page: HistoryPage, *, is_live: bool = False) -> str:
    """The page.

    Args:
        page: what stands on it.
        is_live: whether it asks the server it comes from for news.
    """
    return rendered(
        "history.html.j2",
        {"page": page, "other_questions": OTHER_QUESTIONS},
        styles=_STYLES,
        extra_style=data_colours(),
        is_live=is_live,
    )


def run_names(paths: Sequence[str]) -> tuple[str, ...]:
    """What runs are called: the names of their folders, or all of a path where two are alike."""
    short = [PurePath(path).name or path for path in paths]
    uses = Counter(short)
    return tuple(name if uses[name] == 1 else path for name, path in zip(short, paths, strict=True))


def _newest_first(series: Iterable[list[ListedEntry]]) -> list[list[ListedEntry]]:
    """Those of the newest run first; those of one run in its order."""
    return sorted(series, key=lambda listed: listed[-1].run.created or _NEVER, reverse=True)
