"""Shows a run's results on stdout, as text or as JSON, and adds them to a CI job's summary."""

from __future__ import annotations

import json
from typing import Literal

import click

from recallbench.cli.artifacts import Artifacts
from recallbench.cli.consoles import results_console
from recallbench.cli.job_summary import append_job_summary
from recallbench.reports.console_text import print_wrapped
from recallbench.reports.diagnosis_text import print_diagnoses
from recallbench.reports.profile_text import DRAWN_REMARK, profile_sentences
from recallbench.reports.run_json import run_value
from recallbench.reports.terminal import print_summary
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


def show_run(artifacts: Artifacts, form: Form = "text") -> None:
    """Print recall, what it points to, the verdict, and the files that tell more."""
    append_job_summary(artifacts.markdown)
    if form == "json":
        told = run_value(
            artifacts.run,
            artifacts.summaries,
            artifacts.profiles,
            drawn=artifacts.is_drawn,
            caches=artifacts.caches,
        )
        gate = _verdict_value(artifacts) if artifacts.verdicts else None
        return click.echo(_json({**told, "gate": gate}))
    console = results_console()
    sentences = {
        profile.variant: (
            *profile_sentences(profile, drawn=artifacts.is_drawn),
            *artifacts.cache_lines.get(profile.variant, ()),
        )
        for profile in artifacts.profiles
    }
    print_summary(artifacts.summaries, console, artifacts.notes, sentences)
    for variant, diagnoses in artifacts.diagnoses.items():
        print_diagnoses(variant, diagnoses, console)
    for line in artifacts.times:
        print_wrapped(line, console)
    if artifacts.times:
        console.print()
    if artifacts.is_drawn:
        print_wrapped(DRAWN_REMARK, console)
        console.print()
    print_verdicts(artifacts.verdicts, console, artifacts.run)
    for path in artifacts.paths:
        console.print(str(path), soft_wrap=True, markup=False)
    return None


def show_verdicts(artifacts: Artifacts, form: Form) -> None:
    """Print the verdict alone."""
    append_job_summary(artifacts.markdown)
    if form == "json":
        return click.echo(_json(_verdict_value(artifacts)))
    return print_verdicts(artifacts.verdicts, results_console(), artifacts.run)


def _verdict_value(artifacts: Artifacts) -> dict[str, object]:
    return verdict_value(artifacts.verdicts, run=artifacts.run, drawn=artifacts.is_drawn)


def _json(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False)
