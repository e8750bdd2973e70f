"""Run folders as what the page of a deployment's history keeps of them.

Guarantees that what is kept of a run depends on its folder alone, so that it can be kept until its
files change. Writes nothing.
"""

from __future__ import annotations

from recallbench.artifacts.run_results import RunResults, read_results
from recallbench.errors import RecallbenchError
from recallbench.gate.verdict import VariantVerdict
from recallbench.journal import RunFolder
from recallbench.reports.page.headline import headline
from recallbench.reports.page.history_run import (
    HistoryEntry,
    HistoryRun,
    utc_time,
    without_texts,
)
from recallbench.reports.page.setting_changes import recipe_of, settings_of
from recallbench.reports.rope_text import rope_status
from recallbench.stats import VariantSummary


def history_run(folder: RunFolder) -> HistoryRun:
    """What a history keeps of a run, or why it cannot be read."""
    try:
        return counted_run(read_results(folder))
    except RecallbenchError as error:
        return _unread(folder, str(error))
    except (AttributeError, IndexError, KeyError, OSError, TypeError, ValueError) as error:
        # A file that is JSON and no run's: one of a hundred must not hide the others.
        told = f"{folder.path}: not read as a run: {type(error).__name__}: {error}"
        return _unread(folder, told)


def counted_run(results: RunResults) -> HistoryRun:
    """What a history keeps of a run that is counted."""
    verdicts = {verdict.variant: verdict for verdict in results.verdicts}
    return HistoryRun(
        path=results.run,
        created=utc_time(results.facts.get("created_at")),
        entries=tuple(
            _entry(results, summary, verdicts.get(summary.variant)) for summary in results.summaries
        ),
    )


def _unread(folder: RunFolder, error: str) -> HistoryRun:
    return HistoryRun(path=str(folder.path), created=None, entries=(), error=error)


def _entry(
    results: RunResults, summary: VariantSummary, verdict: VariantVerdict | None
) -> HistoryEntry:
    name, facts = summary.variant, results.facts
    entry = results.entries[name]
    status = str(rope_status(entry))
    told = headline(results.run, (summary,), (verdict,) if verdict else (), {name: status})
    own = (record for record in results.records if record.variant == name)
    return HistoryEntry(
        suite=facts["suite"]["suite"],
        variant=name,
        word=told.word,
        reason=told.reason,
        missing=told.missing,
        rope_status=status,
        version=(entry.get("engine") or {}).get("version"),
        settings=settings_of(entry, facts),
        recipe=recipe_of(facts),
        summary=summary,
        records=without_texts(own),
        is_drawn=results.is_drawn,
    )
