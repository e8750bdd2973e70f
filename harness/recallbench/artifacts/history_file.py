"""The page of a deployment's history as a file: where it stands, and its links to the runs' pages.

Guarantees that no file of a run and no page of somebody else is overwritten by default.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

from recallbench.errors import SuiteError
from recallbench.journal import RunFolder
from recallbench.reports.page.history_page import HistoryPage, history_page, history_page_html
from recallbench.reports.page.history_run import HistoryRun

INDEX = "index.html"
"""Name of the page where none is given."""
_MARK = b'<meta name="generator" content="recallbench">'
_HEAD_BYTES = 4096


def is_own_page(path: Path) -> bool:
    """Whether a file is an index page that recallbench has written."""
    try:
        with path.open("rb") as stream:
            return path.name == INDEX and _MARK in stream.read(_HEAD_BYTES)
    except OSError:
        return False


def index_path(folders: Sequence[RunFolder]) -> Path:
    """``index.html`` in the nearest folder that holds all of some runs.

    Raises:
        SuiteError: only the root holds them all, or a page of somebody else stands there.
    """
    parents = [folder.path.resolve().parent for folder in folders]
    common = Path(os.path.commonpath(parents))
    if common == Path(common.anchor):
        raise SuiteError(
            f"these runs share no folder but {common}: say where the page is to stand (--out FILE)"
        )
    path = common / INDEX
    if path.exists() and not is_own_page(path):
        raise SuiteError(
            f"{path}: was not made by recallbench and is left as it is; say where the page is to "
            "stand (--out FILE)"
        )
    return path


def check_out(path: Path, folders: Sequence[RunFolder]) -> None:
    """Refuse to write a history over what a run is made of.

    Raises:
        SuiteError: it is no HTML file, or the page of one of the runs.
    """
    if path.suffix.lower() not in {".html", ".htm"}:
        raise SuiteError(f"--out {path}: is an HTML page; give it a name that ends with .html")
    if path.resolve() in {folder.page_path.resolve() for folder in folders}:
        raise SuiteError(f"--out {path}: is the page of one of these runs; give another name")


def write_history(path: Path, runs: Sequence[tuple[RunFolder, HistoryRun]]) -> HistoryPage:
    """Write the page, and its folder where there is none.

    Args:
        path: of the page.
        runs: each folder with what is kept of its run.

    Returns:
        What stands on it.

    Raises:
        SuiteError: it cannot be written.
    """
    page = history_page([(run, relative_link(folder.page_path, path)) for folder, run in runs])
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(history_page_html(page), encoding="utf-8")
    except OSError as error:
        raise SuiteError(f"{path}: cannot be written: {error.strerror}") from error
    return page


def relative_link(to: Path, page: Path) -> str:
    """The address of a file as a page beside or above it names it."""
    way = os.path.relpath(to.resolve(), page.resolve().parent)
    return quote(os.fsencode(way))
