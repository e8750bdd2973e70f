"""``recallbench report``: a run's reports again, from its journal."""

from __future__ import annotations

from pathlib import Path

import click

from recallbench.cli.artifacts import write_artifacts
from recallbench.cli.results import Form, format_option, show_run
from recallbench.journal import RunFolder


@click.command("report")
@click.argument("run", type=click.Path(path_type=Path))
@format_option
def command(run: Path, form: Form) -> int:
    """Make a run's reports again from run.json and trials.jsonl; no engine is needed."""
    show_run(write_artifacts(RunFolder(run)), form)
    return 0
