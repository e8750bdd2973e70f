"""``recallbench run``: ask, keep, report."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Any

import click

from recallbench.artifacts.run_files import write_files
from recallbench.artifacts.run_results import RunResults, read_results
from recallbench.cli.consoles import listener
from recallbench.cli.exit_codes import DONE, INCOMPLETE, INTERRUPTED, of_verdicts
from recallbench.cli.parameters import options_from, suite_options
from recallbench.cli.results import Form, format_option, show_run
from recallbench.runner.execute import RunEnd, RunRequest, execute

_PATH = click.Path(path_type=Path)


@click.command("run")
@suite_options
@click.option("--out", type=_PATH, help="Folder of the run  [default: results/SUITE-TIME]")
@click.option(
    "--allow",
    multiple=True,
    metavar="RULE",
    help="Go on although this check fails; "
    "rope-mismatch: measure although another RoPE runs than was asked for.",
)
@click.option("--resume", type=_PATH, metavar="RUN", help="Go on with an unfinished run.")
@click.option(
    "--overlap",
    is_flag=True,
    help="Start the next variant's engine while the present one works, where memory allows.",
)
@format_option
def command(out: Path | None, resume: Path | None, form: Form, **suite: Any) -> int:  # noqa: ANN401 - the shared options
    """Ask a model for its pass keys and report recall by length and depth.

    With a gate in the suite, exits with 0 for pass, 1 for fail and 4 for inconclusive.

    SUITE is a file or the name of a shipped suite (smoke). Without one, --model M asks 5 trials in
    each of 5 depths at those of 8,000 to 128,000 tokens that fit.
    """
    request = RunRequest(
        options=options_from(suite),
        out=out,
        resume=resume,
        command=shlex.join(["recallbench", *sys.argv[1:]]),
    )
    with listener() as told:
        end = execute(request, told)
    results = read_results(end.folder)
    show_run(results, write_files(end.folder, results), form)
    _tell_incomplete(end, results)
    if end.interrupted:
        return INTERRUPTED
    if results.rules:
        inconclusive = results.rules.on_inconclusive
        return of_verdicts(results.verdicts, inconclusive, is_complete=not end.failures)
    return DONE if results.is_complete and not end.failures else INCOMPLETE


def _tell_incomplete(end: RunEnd, results: RunResults) -> None:
    if end.interrupted or end.failures or not results.is_complete:
        click.echo(
            "recallbench: the run is incomplete; go on with: recallbench run --resume "
            f"{end.folder.path}",
            err=True,
        )
