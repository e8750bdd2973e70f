"""recallbench as a process: started, watched line by line, killed, and looked after for orphans."""

from __future__ import annotations

import os
import re
import select
import signal
import subprocess
import sys
import uuid
from dataclasses import dataclass
from pathlib import Path

LIMIT_S = 600
_MARK = "RECALLBENCH_TEST_MARK"
_KEPT_ENVIRONMENT = {"SPT_NOENV": "1"}
"""vLLM names its processes with setproctitle, which else writes over what /proc tells of their
environment, up to the first variable that was set again meanwhile: with it the mark goes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """What a finished process left."""

    code: int
    out: str
    err: str


class Program:
    """A running ``python -m recallbench``; all that comes of it carries a mark."""

    def __init__(self, *arguments: str | Path, **environment: str) -> None:
        self._mark = uuid.uuid4().hex
        self._process = subprocess.Popen(
            [sys.executable, "-m", "recallbench", *map(str, arguments)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **_KEPT_ENVIRONMENT, **environment, _MARK: self._mark},
        )
        self._seen: list[str] = []

    def wait_for(self, pattern: str) -> str:
        """Read stderr until a line matches."""
        assert self._process.stderr
        for line in self._process.stderr:
            self._seen.append(line)
            if re.search(pattern, line):
                return line
        raise AssertionError(f"no line matches {pattern!r} in:\n{''.join(self._seen)}")

    def send(self, number: signal.Signals) -> None:
        """Send a signal to recallbench itself."""
        self._process.send_signal(number)

    def end(self) -> Ended:
        """Wait for the end."""
        out, err = self._process.communicate(timeout=LIMIT_S)
        return Ended(code=self._process.returncode, out=out, err="".join(self._seen) + err)

    def descendants(self) -> list[int]:
        """Processes that carry the mark, recallbench itself left out."""
        found = [pid for pid in _processes() if self._mark in _environment(pid)]
        return [pid for pid in found if pid != self._process.pid]

    def kill(self, name: str) -> None:
        """Kill -9 the one marked process whose name holds ``name``."""
        commands = {pid: _command(pid) for pid in self.descendants()}
        found = [pid for pid, command in commands.items() if name in command]
        assert len(found) == 1, f"{name}: {len(found)} of {sorted(commands.values())}"
        os.kill(found[0], signal.SIGKILL)

    def survivors(self, within_s: float = 60) -> list[int]:
        """Marked processes that are still there after their end was waited for."""
        for pid in self.descendants():
            try:
                watched = os.pidfd_open(pid)
            except ProcessLookupError:
                continue
            select.select([watched], [], [], within_s)
            os.close(watched)
        return self.descendants()


def recallbench(*arguments: str | Path, **environment: str) -> Ended:
    """Run the program to its end."""
    return Program(*arguments, **environment).end()


def _processes() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _environment(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/environ").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
