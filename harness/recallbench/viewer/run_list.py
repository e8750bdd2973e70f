"""The runs under a folder.

Follows no link below that folder, so that nothing outside it is ever read. Reads no run: that one
can be told as a page is not said.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from recallbench.journal import RunFolder

_DEEPEST = 3
"""Levels below the viewer's folder on which runs are looked for."""


def runs_under(root: Path) -> tuple[RunFolder, ...]:
    """All runs, the one written last first; those of one time by name, backwards.

    Args:
        root: the viewer's folder; may be a run itself, and is then the only one.
    """
    found = sorted(_found(root, _DEEPEST), key=_written, reverse=True)
    return tuple(map(RunFolder, found))


def run_at(root: Path, names: Sequence[str]) -> RunFolder | None:
    """The run in a folder below ``root``; None where there is none.

    Args:
        root: the viewer's folder.
        names: of the folders from there down; () is the folder itself.
    """
    if len(names) > _DEEPEST:
        return None
    path = root
    for name in names:
        path /= name
        if not stat.S_ISDIR(_mode(path)):
            return None
    return RunFolder(path) if holds_run(path) else None


def names_of(root: Path, run: RunFolder) -> tuple[str, ...]:
    """Names of the folders from ``root`` down to a run's."""
    return run.path.relative_to(root).parts


def holds_run(path: Path) -> bool:
    """Whether a folder holds a run; files that are links count as none."""
    folder = RunFolder(path)
    journal = _mode(folder.journal_path)
    return stat.S_ISREG(_mode(folder.facts_path)) and (not journal or stat.S_ISREG(journal))


def _found(path: Path, levels: int) -> Iterator[Path]:
    if holds_run(path):
        yield path
    elif levels:
        for name in _folders(path):
            yield from _found(path / name, levels - 1)


def _folders(path: Path) -> list[str]:
    """Visible folders in a folder; none in one that cannot be read."""
    try:
        with os.scandir(path) as entries:
            return [
                entry.name
                for entry in entries
                if not entry.name.startswith(".") and entry.is_dir(follow_symlinks=False)
            ]
    except OSError:
        return []


def _mode(path: Path) -> int:
    """What stands there, links not followed; 0 for nothing."""
    try:
        return path.lstat().st_mode
    except OSError:
        return 0


def _written(path: Path) -> tuple[int, str]:
    folder = RunFolder(path)
    times = [
        file.lstat().st_mtime_ns for file in (folder.facts_path, folder.journal_path) if _mode(file)
    ]
    return max(times, default=0), str(path)
