"""``recallbench compare``: two variants on the same trials, pair by pair."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import click

from recallbench.cli.consoles import results_console
from recallbench.cli.exit_codes import of_likeness
from recallbench.cli.gate_options import run_and_variant
from recallbench.cli.job_summary import append_job_summary
from recallbench.cli.results import Form, format_option
from recallbench.domain.layout import Haystacks
from recallbench.errors import ComparisonError, SuiteError
from recallbench.gate.comparison import Comparison, compare
from recallbench.journal import RunFolder
from recallbench.journal.run_folder import file_name
from recallbench.reports.arms import Arm, arm_of
from recallbench.reports.comparison_csv import write_comparison
from recallbench.reports.comparison_json import comparison_value
from recallbench.reports.comparison_markdown import comparison_markdown
from recallbench.reports.comparison_text import print_comparison
from recallbench.reports.difference_heatmap import draw_difference
from recallbench.runner.baseline import StoredVariant, stored_variant
from recallbench.runner.verdicts import layout_of, shared_by, was_drawn
from recallbench.stats.cost import cost_of

_DRAWN = (
    "its trials were drawn until its verdict was settled: intervals and p-values are those of a "
    "fixed number of trials, and prove a little too easily"
)
_SHARE = click.FloatRange(min=0, max=1, min_open=True, max_open=True)


@click.command("compare")
@click.argument("a", metavar="A")
@click.argument("b", metavar="B")
@click.option("--margin", type=_SHARE, default=0.05, show_default=True,
              help="Difference of recall that matters.")  # fmt: skip
@click.option("--confidence", type=_SHARE, default=0.95, show_default=True,
              help="Of every one-sided statement.")  # fmt: skip
@click.option("--out", type=click.Path(path_type=Path, file_okay=False),
              help="Folder for the table and the pictures  [default: B's]")  # fmt: skip
@format_option
def command(  # noqa: PLR0917 - click hands them over by name
    a: str, b: str, margin: float, confidence: float, out: Path | None, form: Form
) -> int:
    """Tell whether B recalls like A, the baseline, on the trials that both were asked.

    A and B are RUN, RUN:VARIANT, or for B :VARIANT of A's run. Exits with 0 where B is equivalent
    or not worse by the margin, 1 where it is worse, 4 where neither is proven, and 2 where the
    two were not asked the same prompts.
    """
    first, second = _variants(a, b)
    names = _names(first, second)
    comparison = compare(
        first.records,
        second.records,
        names,
        margin=margin,
        confidence=confidence,
        shared_by=_shared_by(first, second),
        layout=layout_of(first.run_facts),
    )
    arms = _arm(first, names[0]), _arm(second, names[1])
    run = str(second.folder.path)
    paths = _write(comparison, arms, out or second.folder.path, (first, second))
    append_job_summary(comparison_markdown(comparison, arms, run=run, variant=second.name))
    if form == "json":
        value = comparison_value(comparison, arms)
        click.echo(json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False))
    else:
        console = results_console()
        print_comparison(comparison, arms, console, run=run, variant=second.name)
        for path in paths:
            console.print(str(path), soft_wrap=True, markup=False)
    return of_likeness(comparison.likeness)


def _variants(a: str, b: str) -> tuple[StoredVariant, StoredVariant]:
    run_a, variant_a = run_and_variant(a)
    run_b, variant_b = run_and_variant(b)
    if run_a is None:
        raise SuiteError(f"compare {a}: which run? write RUN{a}; B alone may be :VARIANT")
    first = stored_variant(RunFolder(Path(run_a)), variant_a, variant_b)
    folder = first.folder if run_b is None else RunFolder(Path(run_b))
    return first, stored_variant(folder, variant_b, first.name)


def _names(first: StoredVariant, second: StoredVariant) -> tuple[str, str]:
    """Short where that tells them apart."""
    if first.name != second.name:
        return first.name, second.name
    if first.title != second.title:
        return first.title, second.title
    return str(first.folder.path), str(second.folder.path)


def _shared_by(first: StoredVariant, second: StoredVariant) -> Haystacks:
    layouts = [layout_of(stored.run_facts) for stored in (first, second)]
    if layouts[0] != layouts[1]:
        raise ComparisonError(
            f"{first.title} has layout {layouts[0]} and {second.title} layout {layouts[1]}: recall "
            "of a single needle and multi-key recall are two things; ask both in one layout"
        )
    haystacks = [shared_by(stored.run_facts) for stored in (first, second)]
    if haystacks[0] != haystacks[1]:
        raise ComparisonError(
            f"{first.title} has haystacks {haystacks[0]} and {second.title} haystacks "
            f"{haystacks[1]}: their prompts are not the same; ask both with one prompt.haystacks"
        )
    return haystacks[0]


def _arm(stored: StoredVariant, title: str) -> Arm:
    cost = cost_of(stored.facts.get("cost"), stored.records, variant=stored.name)
    arm = arm_of(stored.facts, title, cost)
    return replace(arm, notes=(*arm.notes, _DRAWN)) if was_drawn(stored.run_facts) else arm


def _write(
    comparison: Comparison,
    arms: tuple[Arm, Arm],
    folder: Path,
    variants: tuple[StoredVariant, StoredVariant],
) -> tuple[Path, ...]:
    folder.mkdir(parents=True, exist_ok=True)
    stem = "difference-" + "-from-".join(file_name(each.name) for each in reversed(variants))
    table, *pictures = (folder / f"{stem}.{form}" for form in ("csv", "png", "svg"))
    with table.open("w", newline="", encoding="utf-8") as stream:
        write_comparison(comparison, stream)
    draw_difference(comparison, arms, *pictures)
    return table, *pictures
