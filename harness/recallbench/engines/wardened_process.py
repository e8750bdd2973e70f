"""A process under a warden, writing to a log file that is read along.

The process and all that comes of it end with ``stop``, with recallbench, however that ends, and
with the process itself: see ``warden``, which runs between recallbench and the command. The log is
written by the processes themselves, so nothing of it is lost and no pipe can fill up.
"""

from __future__ import annotations

import asyncio
import re
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

from recallbench.engines import warden

_MARGIN_S = 5.0
"""For the warden itself, on top of the grace it gives the command."""
_LINE_ENDS = re.compile(r"\r\n|\n|\r")  # progress bars end their lines with \r


class LogTail:
    """Reads what was appended to a file since the last look."""

    def __init__(self, path: Path, offset: int) -> None:
        """Start at byte ``offset``."""
        self._path = path
        self._offset = offset
        self._rest = b""
        self.lines: list[str] = []
        """All whole lines so far."""

    def read_new(self, *, at_end: bool = False) -> list[str]:
        """The lines that came since; ``at_end`` also takes a last one that does not end."""
        with self._path.open("rb") as file:
            file.seek(self._offset)
            appended = file.read()
        self._offset += len(appended)
        whole, cut, self._rest = (self._rest + appended).rpartition(b"\n")
        if at_end:
            whole, self._rest = whole + cut + self._rest, b""
        text = whole.decode("utf-8", errors="replace")
        new = [line for line in _LINE_ENDS.split(text) if line]
        self.lines += new
        return new


class WardenedProcess:
    """A running command; made by ``start``."""

    def __init__(
        self, process: asyncio.subprocess.Process, log: LogTail, *, grace_s: float
    ) -> None:
        """Take over a started warden and the log it writes to."""
        self._process = process
        self._grace_s = grace_s
        self._ended = asyncio.ensure_future(process.wait())
        self.log = log
        """What the command and all that came of it have written."""

    @classmethod
    async def start(
        cls,
        argv: Sequence[str],
        environment: Mapping[str, str],
        log_path: Path,
        *,
        grace_s: float = warden.GRACE_S,
    ) -> Self:
        """Start ``argv`` under a warden, its stdout and stderr appended to ``log_path``.

        The warden has a session of its own: Ctrl-C in the terminal is recallbench's to act upon.
        ``grace_s`` is the time from asking the command to end to killing it, in seconds.
        """
        # By its path and without site: neither the working folder nor PYTHONPATH can break it.
        guard = [sys.executable, "-I", "-S", warden.__file__, "--grace", str(grace_s)]
        with log_path.open("ab") as log:
            offset = log.tell()
            process = await asyncio.create_subprocess_exec(
                *guard,
                "--",
                *argv,
                stdin=asyncio.subprocess.PIPE,
                stdout=log,
                stderr=log,
                env=dict(environment),
                start_new_session=True,
            )
        return cls(process, LogTail(log_path, offset), grace_s=grace_s)

    @property
    def exit_code(self) -> int | None:
        """The command's, or 128 plus its signal; None while anything of it runs."""
        return self._process.returncode

    async def wait(self, timeout_s: float) -> bool:
        """Wait up to ``timeout_s`` for its end; whether it ended."""
        done, _ = await asyncio.wait({self._ended}, timeout=timeout_s)
        return bool(done)

    async def stop(self) -> None:
        """End it, gently first; safe to call twice.

        Once this is called the end is sure: should the wait for it be cancelled, the warden goes
        on by itself.
        """
        if self._process.stdin is not None:
            self._process.stdin.close()
        if await self.wait(self._grace_s + _MARGIN_S):
            return
        for number in (signal.SIGTERM, signal.SIGKILL):
            self._process.send_signal(number)
            if await self.wait(_MARGIN_S):
                return
