"""Recall over runs as a chart: a line for each length, a column for each run.

Guarantees that columns are told apart by as much of their time as that takes, and that a run
without data leaves a gap. Knows no HTML.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from recallbench.reports.measure_words import interval_head, recall_name
from recallbench.reports.notation import (
    written_hits,
    written_interval,
    written_length,
    written_share,
)
from recallbench.reports.page.history_run import HistoryEntry
from recallbench.reports.page.line_chart import LineChart, Point, Series, line_chart
from recallbench.stats import CellSummary

MOST_RUNS = 24
"""Columns of a chart that is 360 units wide; older runs stand in the table alone."""
_FORMS = ("%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S")


def recall_chart(
    entries: Sequence[HistoryEntry], labels: Sequence[str], lengths: Sequence[int]
) -> LineChart | None:
    """Draw a variant's history; None where fewer than two runs have a recall.

    Args:
        entries: its runs, oldest first.
        labels: what to call each.
        lengths: of the lines, in tokens, ascending.
    """
    newest = entries[-MOST_RUNS:]
    series = [
        Series(
            name=f"{written_length(length)} tokens",
            points=tuple(_point(length_line(entry, length)) for entry in newest),
        )
        for length in lengths
    ]
    with_data = [
        column for column in range(len(newest)) if any(line.points[column] for line in series)
    ]
    if len(with_data) < 2:  # noqa: PLR2004 - one run is no history
        return None
    name = recall_name(newest[-1].summary.layout)
    return line_chart(
        f"{name.capitalize()} over runs",
        labels[-MOST_RUNS:],
        series,
        axis=f"{name}; bars: {interval_head(entry.summary for entry in newest)}",
        across="run, oldest first (UTC)",
        written=lambda share: written_share(share, decimals=0),
        limits=(0.0, 1.0),
    )


def length_line(entry: HistoryEntry, length: int) -> CellSummary | None:
    """The counts of a run at one length; None where its grid does not have it."""
    found = (line for line in entry.summary.lengths if line.length_tokens == length)
    return next(found, None)


def time_labels(times: Sequence[datetime | None], names: Sequence[str]) -> tuple[str, ...]:
    """Labels of runs: their dates, with hours or seconds where dates alone are not unlike.

    Args:
        times: of the runs; None is not known.
        names: of the runs, for those without a time.
    """
    known = {time for time in times if time}
    form = next((f for f in _FORMS if len({f"{t:{f}}" for t in known}) == len(known)), _FORMS[-1])
    return tuple(
        f"{time:{form}}" if time else name for time, name in zip(times, names, strict=True)
    )


def _point(line: CellSummary | None) -> Point | None:
    if line is None:
        return None
    value, interval = line.recall.value, line.interval()
    if value is None or interval is None:
        return None
    told = f"{written_hits(line.recall)}, {written_share(value)} ({written_interval(interval)})"
    return Point(value=value, low=interval.low, high=interval.high, n=line.recall.n, told=told)
