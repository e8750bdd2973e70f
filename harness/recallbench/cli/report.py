"""``recallbench report``: reports again, from journals, and the history that several runs make."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import click

from recallbench.artifacts.history import counted_run, history_run
from recallbench.artifacts.history_file import check_out, index_path, is_own_page, write_history
from recallbench.artifacts.run_files import write_files
from recallbench.artifacts.run_results import read_results
from recallbench.cli.consoles import results_console
from recallbench.cli.results import Form, format_option, results_value, show_run, written_json
from recallbench.errors import RunFolderError
from recallbench.journal import RunFolder
from recallbench.reports.console_text import print_wrapped
from recallbench.reports.page.history_page import HistoryPage
from recallbench.reports.page.history_run import HistoryRun


@click.command("report")
@click.argument("runs", metavar="RUN...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
              help="Page of the runs' history  [default with several runs: index.html in the "
              "folder that holds them all]")  # fmt: skip
@format_option
def command(runs: tuple[Path, ...], out: Path | None, form: Form) -> int:
    """Make runs' reports again from run.json and trials.jsonl; no engine is needed.

    Several runs, or --out, give the history of a deployment beside: a page of recall over runs by
    length, with links to the page of each. Nothing is written where one of them cannot be read.
    """
    folders = _folders(runs)
    if out is not None:
        check_out(out, folders)
    if len(folders) == 1:
        return _report(folders[0], out, form)
    history = _read(folders)
    page_path = out or index_path(folders)
    values = [_made_again(folder, form) for folder in folders]
    page = write_history(page_path, list(zip(folders, history, strict=True)))
    if form == "json":
        click.echo(written_json(values))
    else:
        _show(page, page_path)
    return 0


def _report(folder: RunFolder, out: Path | None, form: Form) -> int:
    results = read_results(folder)
    paths = write_files(folder, results)
    if out is not None:
        write_history(out, [(folder, counted_run(results))])
        paths = (*paths, out)
    show_run(results, paths, form)
    return 0


def _folders(paths: Iterable[Path]) -> list[RunFolder]:
    """Each run once, in the order it is first named."""
    found: dict[Path, RunFolder] = {}
    for path in paths:
        if is_own_page(path):
            click.echo(f"{path}: is the page of an earlier history, no run: left out", err=True)
            continue
        found.setdefault(path.resolve(), RunFolder(path))
    if not found:
        raise RunFolderError("no run is named; name folders that `recallbench run` made")
    return list(found.values())


def _read(folders: Sequence[RunFolder]) -> list[HistoryRun]:
    """What the history keeps of each: the runs themselves may not fit into memory together."""
    history = [history_run(folder) for folder in folders]
    errors = [run.error for run in history if run.error]
    if errors:
        raise RunFolderError("\n".join([*errors, "nothing was written"]))
    return history


def _made_again(folder: RunFolder, form: Form) -> dict[str, object]:
    """Write a run's reports; its results as a value."""
    results = read_results(folder)
    write_files(folder, results)
    if form == "text":
        results_console().print(str(folder.page_path), soft_wrap=True, markup=False)
        return {}
    return results_value(results)


def _show(page: HistoryPage, path: Path) -> None:
    console = results_console()
    for series in page.series:
        entry = series.latest.entry
        line = f"{series.title}: {entry.word} in {series.latest.name}: {entry.reason}"
        print_wrapped(line, console)
        if series.change:
            print_wrapped(series.change.told, console, indent=2)
        for part in series.change.parts if series.change else ():
            print_wrapped(part, console, indent=4)
    console.print(str(path), soft_wrap=True, markup=False)
