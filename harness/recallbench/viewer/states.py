"""In which state a run is, as a text that changes whenever its files do.

Looks at sizes and times only, so that asking costs nothing. Does not see that the run of a stored
baseline has changed, which a verdict may be held against.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

from recallbench.journal import RunFolder

_LETTERS = 32


def state_of(folder: RunFolder) -> str:
    """The state of one run."""
    return "-".join(map(_file_state, (folder.facts_path, folder.journal_path)))


def state_of_all(folders: Iterable[RunFolder]) -> str:
    """The state of several runs, in their order."""
    text = "\n".join(f"{folder.path!r} {state_of(folder)}" for folder in folders)
    return sha256(text.encode()).hexdigest()[:_LETTERS]


def is_known(state: str, header: str | None) -> bool:
    """Whether a request has a state already.

    Args:
        state: the present one.
        header: ``If-None-Match`` as it was sent; None where there was none.
    """
    known = [tag.strip().removeprefix("W/") for tag in (header or "").split(",")]
    return tag_of(state) in known


def tag_of(state: str) -> str:
    """A state as an ``ETag``."""
    return f'"{state}"'


def _file_state(path: Path) -> str:
    try:
        found = path.lstat()
    except OSError:
        return "none"
    return f"{found.st_size:x}.{found.st_mtime_ns:x}"
