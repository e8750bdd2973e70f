"""The append-only journal of trials: the only source of every number.

Each record is one write of one line, so a killed run loses at most the trials in flight. A torn
last line is a trial that is owed again, never an error. One process at a time may write.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from types import TracebackType
from typing import Self

from recallbench.domain import TrialRecord
from recallbench.errors import RunFolderError
from recallbench.journal.record_json import from_line, to_line


class Journal:
    """An open journal, held by a lock until it is closed."""

    def __init__(self, path: Path) -> None:
        """Open or create the file, take the lock and cut off a torn last line.

        Raises:
            RunFolderError: another process is writing it, or nobody can.
        """
        self._path = path
        try:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
        except OSError as error:
            raise RunFolderError(f"{path}: cannot be written: {error.strerror}") from error
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self._file)
            raise RunFolderError(
                f"{path.parent}: another recallbench is writing this run; wait for it or stop it"
            ) from error
        content = path.read_bytes()
        os.ftruncate(self._file, content.rfind(b"\n") + 1)

    def append(self, record: TrialRecord) -> None:
        """Write one record; it survives the end of this process once the call returns.

        Raises:
            RunFolderError: the disk does not take it.
        """
        line = to_line(record).encode()
        try:
            written = os.write(self._file, line)
        except OSError as error:
            raise RunFolderError(f"{self._path}: cannot be written: {error.strerror}") from error
        if written != len(line):
            raise RunFolderError(
                f"{self._path}: only {written} of {len(line)} bytes written; disk full?"
            )

    def close(self) -> None:
        """Put the journal on disk and give up the lock."""
        os.fsync(self._file)
        os.close(self._file)

    def __enter__(self) -> Self:
        """The journal itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close it."""
        self.close()


def read_journal(path: Path) -> tuple[TrialRecord, ...]:
    """All whole records of a journal, oldest first; a torn last line is left out.

    Raises:
        RunFolderError: there is no journal, or a line inside it is damaged.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise RunFolderError(f"{path}: cannot be read: {error.strerror}") from error
    lines = content.split(b"\n")[:-1]
    return tuple(
        from_line(line.decode("utf-8", "replace"), f"{path}:{number}")
        for number, line in enumerate(lines, start=1)
    )
