"""What a path behind the viewer's token means, and the link that leads to a run.

Guarantees that no address leads upwards or to a hidden name, and that only files of kinds that no
browser takes for a program are named. Knows no folder: whether there is such a run is not said.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from types import MappingProxyType
from urllib.parse import quote, unquote_to_bytes

KINDS: Mapping[str, str] = MappingProxyType(
    {
        ".csv": "text/csv; charset=utf-8",
        ".json": "application/json",
        ".jsonl": "text/plain; charset=utf-8",
        ".md": "text/plain; charset=utf-8",
        ".png": "image/png",
        ".svg": "image/svg+xml",
        ".xml": "text/plain; charset=utf-8",
    }
)
"""Content types by ending. Left out: logs, which may hold secrets, and pages, which may hold
scripts (the viewer makes a run's page itself)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """The page of all runs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPage:
    """The page of one run."""

    run: tuple[str, ...]
    """Names of folders from the viewer's folder down to the run's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFile:
    """A file of one run."""

    run: tuple[str, ...]
    """Names of folders from the viewer's folder down to the run's; () is the folder itself."""
    file: str
    """Name of the file; its ending is one of ``KINDS``."""


Address = Index | RunPage | RunFile


def address_of(path: str) -> Address | None:
    """What a path means.

    Args:
        path: as it was asked for, percent-encoded, without the token and the slash behind it. A
            run's page ends with a slash.

    Returns:
        None where it means nothing.
    """
    if not path:
        return Index()
    *folders, last = path.split("/")
    run = tuple(map(_decoded, folders))
    if not all(map(_is_name, run)):
        return None
    if not last:
        return RunPage(run=run)
    file = _decoded(last)
    is_served = _is_name(file) and PurePosixPath(file).suffix in KINDS
    return RunFile(run=run, file=file) if is_served else None


def link_to(run: Sequence[str]) -> str:
    """The address of a run's page, relative to the index.

    It begins with ``./``, so that a name with a colon is not taken for a scheme.
    """
    return "./" + "".join(f"{quote(os.fsencode(name), safe='')}/" for name in run)


def link_back(run: Sequence[str]) -> str:
    """The address of the index, relative to a run's page."""
    return "../" * len(run)


def _decoded(part: str) -> str:
    """One decoding only: what is an escape after it stays one. Names need not be UTF-8."""
    return os.fsdecode(unquote_to_bytes(part))


def _is_name(part: str) -> bool:
    """Whether it is the name of one visible entry: this leaves out ``..`` and the empty name."""
    return bool(part) and not part.startswith(".") and not set(part) & {"/", "\0"}
