"""Shows a run's results on stdout, as text or as JSON, and adds them to a CI job's summary."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

import click
from rich.console import Console

from recallbench.artifacts.run_files import results_markdown
from recallbench.artifacts.run_results import RunResults, cache_sentences
from recallbench.cli.consoles import results_console
from recallbench.cli.job_summary import append_job_summary
from recallbench.reports.console_text import print_wrapped
from recallbench.reports.diagnosis_text import print_diagnoses
from recallbench.reports.profile_text import DRAWN_REMARK, profile_sentences
from recallbench.reports.rope_text import rope_sentence
from recallbench.reports.run_json import run_value
from recallbench.reports.terminal import print_summary
from recallbench.reports.time_text import time_lines
from recallbench.reports.verdict_json import verdict_value
from recallbench.reports.verdict_text import print_verdicts

Form = Literal["text", "json"]
format_option = click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How to print the results.",
)


def show_run(results: RunResults, paths: Iterable[Path], form: Form = "text") -> None:
    """Print recall, what it points to, the verdict, and the files that tell more."""
    append_job_summary(results_markdown(results))
    if form == "json":
        return click.echo(written_json(results_value(results)))
    console = results_console()
    _print_recall(results, console)
    for variant, diagnoses in results.diagnoses.items():
        print_diagnoses(variant, diagnoses, console)
    times = time_lines(results.facts)
    for line in times:
        print_wrapped(line, console)
    if times:
        console.print()
    if results.is_drawn:
        print_wrapped(DRAWN_REMARK, console)
        console.print()
    print_verdicts(results.verdicts, console, results.run)
    for path in paths:
        console.print(str(path), soft_wrap=True, markup=False)
    return None


def results_value(results: RunResults) -> dict[str, object]:
    """A run with its verdict, as JSON has it."""
    told = run_value(
        results.run,
        results.summaries,
        results.profiles,
        drawn=results.is_drawn,
        caches=results.caches,
    )
    return {**told, "gate": _verdict_value(results) if results.verdicts else None}


def written_json(value: object) -> str:
    """A value for scripts: strictly JSON."""
    return json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False)


def show_verdicts(results: RunResults, form: Form) -> None:
    """Print the verdict alone."""
    append_job_summary(results_markdown(results))
    if form == "json":
        return click.echo(written_json(_verdict_value(results)))
    return print_verdicts(results.verdicts, results_console(), results.run)


def _print_recall(results: RunResults, console: Console) -> None:
    caches = cache_sentences(results)
    sentences = {
        profile.variant: (
            *profile_sentences(profile, drawn=results.is_drawn),
            *caches.get(profile.variant, ()),
        )
        for profile in results.profiles
    }
    notes = {name: rope_sentence(entry) for name, entry in results.entries.items()}
    print_summary(results.summaries, console, notes, sentences)


def _verdict_value(results: RunResults) -> dict[str, object]:
    return verdict_value(results.verdicts, run=results.run, drawn=results.is_drawn)
