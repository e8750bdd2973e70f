"""``recallbench report``: a run's reports again, from its journal."""

from __future__ import annotations

from pathlib import Path

import click

from recallbench.cli.artifacts import show, write_artifacts
from recallbench.cli.consoles import results_console
from recallbench.journal import RunFolder


@click.command("report")
@click.argument("run", type=click.Path(path_type=Path))
def command(run: Path) -> int:
    """Make a run's reports again from run.json and trials.jsonl; no engine is needed."""
    show(write_artifacts(RunFolder(run)), results_console())
    return 0
