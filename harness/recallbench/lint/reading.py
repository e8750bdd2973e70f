"""Files and folders, read for the engines they start. The one module of lint that touches files.

Guarantees: nothing that is read is run; a file that cannot be read or understood is named with the
reason; folders are walked in the order of names, links to folders are not followed.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from recallbench.lint.invocation import Invocation, Scan, Skipped, Unparsed
from recallbench.lint.text import read_text
from recallbench.lint.text_kind import kind_of

_LEFT_OUT = frozenset({
    ".git", ".hg", ".svn", ".venv", "venv", ".tox", ".nox", "node_modules", "__pycache__",
    ".mypy_cache", ".pytest_cache", ".ruff_cache", "site-packages", ".terraform",
})  # fmt: skip
_LARGEST = 2_000_000


def find_invocations(paths: Sequence[Path | str]) -> Scan:
    """Every vLLM that the files under ``paths`` start, by file and line.

    A file that is named itself is read whatever its name; in a folder only files of known kinds
    are. A path that is not there is among the unparsed.
    """
    invocations: list[Invocation] = []
    files: list[str] = []
    skipped: list[Skipped] = []
    unparsed: list[Unparsed] = []
    for item in _listed(paths):
        if not isinstance(item, Path):
            (skipped if isinstance(item, Skipped) else unparsed).append(item)  # type: ignore[arg-type]
            continue
        text = _text_of(item)
        if isinstance(text, Skipped):
            skipped.append(text)
            continue
        files.append(str(item))
        found = read_text(text, str(item))
        invocations.extend(found.invocations)
        unparsed.extend(found.unparsed)
    return Scan(
        invocations=tuple(invocations),
        files=tuple(files),
        skipped=tuple(skipped),
        unparsed=tuple(unparsed),
    )


def _listed(paths: Sequence[Path | str]) -> Iterator[Path | Skipped | Unparsed]:
    """Files to be read, and what is left out."""
    seen: set[Path] = set()
    for path in map(Path, paths):
        if path.is_dir():
            found: Iterator[Path | Skipped] = _walked(path)
        elif path.exists():
            found = iter([path])
        else:
            yield Unparsed(path=str(path), line=1, why="there is no such file or folder")
            continue
        for item in found:
            if isinstance(item, Path) and item in seen:
                continue
            seen.update([item] if isinstance(item, Path) else [])
            yield item


def _walked(folder: Path) -> Iterator[Path | Skipped]:
    failed: list[OSError] = []
    for root, folders, names in os.walk(folder, onerror=failed.append):
        here = Path(root)
        for name in sorted(set(folders) & _LEFT_OUT):
            yield Skipped(path=str(here / name), reason="such folders hold no deployment")
        folders[:] = sorted(set(folders) - _LEFT_OUT)
        for name in sorted(names):
            path = here / name
            known = kind_of(name) is not None
            yield (
                path if known else Skipped(path=str(path), reason="files of its kind are not read")
            )
    for error in failed:
        yield Skipped(path=str(error.filename), reason=error.strerror or "it cannot be opened")


def _text_of(path: Path) -> str | Skipped:
    try:
        # A pipe or a device would keep us waiting.
        if not path.is_file():
            return Skipped(path=str(path), reason="it is no regular file")
        if path.stat().st_size > _LARGEST:
            return Skipped(path=str(path), reason=f"it is larger than {_LARGEST} bytes")
        data = path.read_bytes()
    except OSError as error:
        return Skipped(path=str(path), reason=error.strerror or "it cannot be opened")
    if b"\0" in data:
        return Skipped(path=str(path), reason="it is binary")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return Skipped(path=str(path), reason="it is no UTF-8 text")
