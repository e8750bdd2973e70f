"""From an address to what is sent for it: the index, a run's page, or a file of a run.

A run that cannot be told gets a page that says why, with status 500; no other run is touched by it.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from dataclasses import replace
from http import HTTPStatus
from pathlib import Path

from recallbench.artifacts.history import history_run
from recallbench.artifacts.report_page import report_html
from recallbench.artifacts.run_results import read_results
from recallbench.errors import RecallbenchError
from recallbench.journal import RunFolder
from recallbench.reports.page.history_page import history_page, history_page_html
from recallbench.reports.page.history_run import HistoryRun
from recallbench.reports.page.notice_page import Notice, notice_html
from recallbench.viewer.addresses import Address, Index, RunFile, link_back, link_to
from recallbench.viewer.kept import Kept
from recallbench.viewer.replies import NOTHING, Reply, file_reply, page_reply, unchanged
from recallbench.viewer.run_list import holds_run, names_of, run_at, runs_under
from recallbench.viewer.states import is_known, state_of, state_of_all

_KEPT_PAGES = 16
"""Of up to some megabytes each."""
_KEPT_RUNS = 1000
"""Of which a history keeps what it shows: 100 bytes a trial or so."""
_INDEX = "index"


class Pages:
    """What a folder has to show."""

    def __init__(self, root: Path) -> None:
        """Read nothing yet.

        Args:
            root: a folder of runs, or a run's own.
        """
        self._root = root
        self._pages: Kept[Reply] = Kept(_KEPT_PAGES)
        self._runs: Kept[HistoryRun] = Kept(_KEPT_RUNS)

    def reply(self, address: Address, known: str | None) -> Reply:
        """What to send.

        Args:
            address: what is asked for.
            known: ``If-None-Match`` of the request.
        """
        if isinstance(address, Index):
            is_run = holds_run(self._root)
            return self._run(RunFolder(self._root), known) if is_run else self._index(known)
        folder = run_at(self._root, address.run)
        if folder is None:
            return NOTHING
        if isinstance(address, RunFile):
            return _file(folder.path / address.file)
        return self._run(folder, known)

    def _run(self, folder: RunFolder, known: str | None) -> Reply:
        state = state_of(folder)
        if is_known(state, known):
            return unchanged(state)
        return self._pages.value(folder.path, state, lambda: self._run_page(folder, state))

    def _index(self, known: str | None) -> Reply:
        folders = runs_under(self._root)
        state = state_of_all(folders)
        if is_known(state, known):
            return unchanged(state)
        return self._pages.value(_INDEX, state, lambda: self._index_page(folders, state))

    def _index_page(self, folders: tuple[RunFolder, ...], state: str) -> Reply:
        if not folders:
            notice = Notice(
                title=f"No runs under {self._root} yet",
                reason="`recallbench run` makes one; this page shows it once it has begun.",
            )
            return page_reply(notice_html(notice, is_live=True), state)
        links = tuple((str(folder.path), self._link(folder)) for folder in folders)
        title = f"The runs under {self._root} cannot be shown together"
        otherwise = Notice(title=title, links=links)
        return _told(lambda: self._history(folders), state, otherwise, None)

    def _run_page(self, folder: RunFolder, state: str) -> Reply:
        names = names_of(self._root, folder)
        return _told(
            lambda: report_html(read_results(folder), is_live=True),
            state,
            Notice(title=f"{folder.path} cannot be shown"),
            link_back(names) if names else None,
        )

    def _history(self, folders: tuple[RunFolder, ...]) -> str:
        """The index; only runs that have changed are counted again."""
        runs = [(self._counted(folder), self._link(folder)) for folder in folders]
        return history_page_html(history_page(runs), is_live=True)

    def _counted(self, folder: RunFolder) -> HistoryRun:
        return self._runs.value(folder.path, state_of(folder), lambda: history_run(folder))

    def _link(self, folder: RunFolder) -> str:
        return link_to(names_of(self._root, folder))


def _told(make: Callable[[], str], state: str, otherwise: Notice, index: str | None) -> Reply:
    """A page, or the page that says why there is none."""
    try:
        return page_reply(make(), state, index=index)
    except RecallbenchError as error:
        reason = str(error)
    except Exception as error:  # noqa: BLE001 - a run of any content must not take the others down
        reason = f"{type(error).__name__}: {error}. `recallbench report` on it tells more."
    html = notice_html(replace(otherwise, reason=reason), is_live=True)
    return page_reply(html, state, index=index, status=HTTPStatus.INTERNAL_SERVER_ERROR)


def _file(path: Path) -> Reply:
    """A regular file's content; a link is none, whatever it leads to."""
    try:
        # A pipe opened without a writer would wait for one for ever.
        with open(path, "rb", opener=_opened) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                return NOTHING
            return file_reply(file.read(), path.suffix)
    except OSError:
        return NOTHING


def _opened(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK)
