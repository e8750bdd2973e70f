"""``recallbench report``: a run's reports again, from its journal."""

from __future__ import annotations

from pathlib import Path

import click

from recallbench.cli.artifacts import write_artifacts
from recallbench.cli.consoles import results_console
from recallbench.journal import RunFolder
from recallbench.reports.terminal import print_summary


@click.command("report")
@click.argument("run", type=click.Path(path_type=Path))
def command(run: Path) -> int:
    """Make a run's reports again from run.json and trials.jsonl; no engine is needed."""
    artifacts = write_artifacts(RunFolder(run))
    console = results_console()
    print_summary(artifacts.summaries, console)
    for path in artifacts.paths:
        console.print(str(path), soft_wrap=True, markup=False)
    return 0
