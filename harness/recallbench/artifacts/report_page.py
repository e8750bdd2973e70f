"""A run's results as its page: which part of them stands where."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from recallbench.artifacts.run_results import RunResults, cache_sentences, rope_statuses
from recallbench.domain import TrialRecord
from recallbench.reports.arms import arm_of
from recallbench.reports.measure_words import interval_head, interval_told
from recallbench.reports.page.cards import VariantCard, variant_card
from recallbench.reports.page.difference_data import difference_data
from recallbench.reports.page.embedded_json import embedded_json
from recallbench.reports.page.headline import headline
from recallbench.reports.page.heat_table import heat_table
from recallbench.reports.page.latency_by_length import cost_charts
from recallbench.reports.page.measurement import measurement
from recallbench.reports.page.run_page import RunPage, run_html
from recallbench.reports.page.time_bars import time_bars
from recallbench.reports.page.trial_data import trial_commands, trial_data
from recallbench.reports.profile_text import DRAWN_REMARK
from recallbench.runner.verdicts import shared_by


def report_html(results: RunResults, *, is_live: bool = False) -> str:
    """``report.html``.

    Args:
        results: what is known of the run.
        is_live: whether the page asks the server it comes from for news.
    """
    costs = cost_charts(
        results.records,
        variants=tuple(results.entries),
        lengths=results.facts["grid"]["lengths"],
    )
    page = RunPage(
        title=Path(results.run).name or results.run,
        headline=headline(results.run, results.summaries, results.verdicts, rope_statuses(results)),
        remarks=tuple(_remarks(results)),
        cards=tuple(_cards(results)),
        tables=tuple(heat_table(summary) for summary in results.summaries),
        diagnoses=results.diagnoses,
        preflight={name: entry.get("preflight") for name, entry in results.entries.items()},
        costs=costs,
        times=time_bars(results.facts),
        facts=measurement(results.facts),
        notes=tuple(results.facts.get("notes", ())),
        data=embedded_json(_data(results)),
        interval_head=interval_head(results.summaries),
    )
    return run_html(page, is_live=is_live)


def _remarks(results: RunResults) -> Iterator[str]:
    if results.is_drawn:
        yield DRAWN_REMARK
    if counting := interval_told(results.summaries):
        yield counting


def _cards(results: RunResults) -> Iterator[VariantCard]:
    caches = cache_sentences(results)
    verdicts = {each.variant: each for each in results.verdicts}
    for summary, profile in zip(results.summaries, results.profiles, strict=True):
        name = summary.variant
        entry = results.entries[name]
        yield variant_card(
            entry,
            summary,
            profile,
            arm_of(entry, name, results.costs[name]),
            verdict=verdicts.get(name),
            caches=caches.get(name, ()),
            drawn=results.is_drawn,
        )


def _data(results: RunResults) -> dict[str, Any]:
    """What the page's script reads."""
    grid, names = results.facts["grid"], tuple(results.entries)
    trials = trial_data(
        results.records,
        variants=names,
        lengths=grid["lengths"],
        depths=grid["depths"],
        commands=trial_commands(results.run, names),
    )
    by_variant: dict[str, list[TrialRecord]] = {}
    for record in results.records:
        by_variant.setdefault(record.variant, []).append(record)
    differences = difference_data(
        by_variant,
        names,
        lengths=grid["lengths"],
        depths=grid["depths"],
        shared_by=shared_by(results.facts),
    )
    return {**trials, "differences": differences}
