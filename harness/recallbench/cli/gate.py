"""``recallbench gate``: the verdict on a finished run, by its own rules or others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from recallbench.artifacts.run_files import write_files
from recallbench.artifacts.run_results import read_results
from recallbench.cli.exit_codes import of_verdicts
from recallbench.cli.gate_options import gate_options, rules_of
from recallbench.cli.results import Form, format_option, show_verdicts
from recallbench.journal import RunFolder


@click.command("gate")
@click.argument("run", type=click.Path(path_type=Path))
@gate_options
@format_option
def command(run: Path, form: Form, **options: Any) -> int:  # noqa: ANN401 - the gate's options
    """Hold a run against its suite's gate, or the rules given here, and tell the verdict.

    Exits with 0 for pass, 1 for fail, 3 where trials are missing and 4 for inconclusive. Writes
    junit.xml and summary.md; no engine is needed.
    """
    folder = RunFolder(run)
    rules = rules_of(folder.read_facts()["suite"], options, str(run))
    results = read_results(folder, rules)
    write_files(folder, results)
    show_verdicts(results, form)
    return of_verdicts(results.verdicts, rules.on_inconclusive)
