"""The warden with real processes: what it takes down, when, and with which exit code."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from recallbench.engines import warden

LIMIT_S = 60
WARDEN = [sys.executable, "-I", "-S", warden.__file__]

FAMILY = """
import os, signal, sys

def announce_and_stay():
    os.write(1, b"%d %d\\n" % (os.getpid(), os.getsid(0)))
    while True:
        signal.pause()

def stubborn_child():
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    announce_and_stay()

def daemon():
    os.setsid()
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if os.fork():
        os._exit(0)
    announce_and_stay()

for branch in (stubborn_child, daemon):
    if os.fork() == 0:
        branch()
os.wait()  # the daemon's middle parent
if "leave" in sys.argv:
    os.write(1, b"%d %d\\n" % (os.getpid(), os.getsid(0)))
    os.read(int(sys.argv[2]), 1)  # until the test says so
    os._exit(9)
announce_and_stay()
"""
"""A command, its child that ignores SIGTERM, and its daemon in a session of its own."""

STARTER = """
import os, subprocess, sys
warden = subprocess.Popen(sys.argv[2:], stdin=subprocess.PIPE)
if sys.argv[1] == "with-worker" and os.fork() == 0:
    os.close(1)
    os.read(0, 1)  # holds the warden's pipe until the test lets it go
    os._exit(0)
print(warden.pid, 0, flush=True)
os.read(0, 1)
"""
"""Stands in for recallbench: starts a warden and is killed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A process seen alive, held by a descriptor that cannot come to mean another."""

    pid: int
    """Process id."""
    session: int
    """Session id."""
    pidfd: int
    """Readable once the process has ended."""


class Stage:
    """Starts processes, collects who was seen, and takes all of them down at the end."""

    def __init__(self) -> None:
        self.seen: list[Member] = []
        self.started: list[subprocess.Popen[str]] = []

    def start(self, *command: str, pass_fds: tuple[int, ...] = ()) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            pass_fds=pass_fds,
        )
        self.started.append(process)
        return process

    def meet(self, process: subprocess.Popen[str], count: int) -> list[Member]:
        """The next ``count`` processes that announce themselves on ``process``'s stdout."""
        assert process.stdout is not None
        members = []
        for _ in range(count):
            pid, session = map(int, process.stdout.readline().split())
            members.append(Member(pid=pid, session=session, pidfd=os.pidfd_open(pid)))
        self.seen += members
        return members

    def close(self) -> None:
        for member in self.seen:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(member.pidfd, signal.SIGKILL)
            os.close(member.pidfd)
        for process in self.started:
            with process:
                process.kill()


@pytest.fixture
def stage() -> Iterator[Stage]:
    made = Stage()
    yield made
    made.close()


@pytest.fixture
def family(tmp_path: Path) -> str:
    path = tmp_path / "family.py"
    path.write_text(FAMILY)
    return str(path)


def ended(member: Member) -> bool:
    poll = select.poll()
    poll.register(member.pidfd, select.POLLIN)
    return bool(poll.poll(LIMIT_S * 1000))


def test_none_survives_the_end_of_the_pipe(stage: Stage, family: str) -> None:
    process = stage.start(*WARDEN, "--grace", "0.2", "--", sys.executable, family)
    members = stage.meet(process, 3)

    assert process.stdin is not None
    process.stdin.close()

    assert process.wait(LIMIT_S) == 128 + signal.SIGTERM
    assert all(ended(member) for member in members)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_none_survives_a_stop_signal(stage: Stage, family: str, number: signal.Signals) -> None:
    process = stage.start(*WARDEN, "--grace", "0.2", "--", sys.executable, family)
    members = stage.meet(process, 3)

    process.send_signal(number)

    assert process.wait(LIMIT_S) == 128 + signal.SIGTERM
    assert all(ended(member) for member in members)


@pytest.mark.parametrize("kind", ["alone", "with-worker"])
def test_none_survives_the_kill_of_the_starter(stage: Stage, family: str, kind: str) -> None:
    """Also when a forked worker of the starter keeps the pipe open."""
    command = [*WARDEN, "--grace", "0.2", "--", sys.executable, family]
    starter = stage.start(sys.executable, "-c", STARTER, kind, *command)
    members = stage.meet(starter, 4)

    starter.kill()

    assert all(ended(member) for member in members)


def test_none_survives_the_command_and_its_exit_code_is_kept(stage: Stage, family: str) -> None:
    read_end, write_end = os.pipe()
    command = [sys.executable, family, "leave", str(read_end)]
    process = stage.start(*WARDEN, "--grace", "0.2", "--", *command, pass_fds=(read_end,))
    members = stage.meet(process, 3)

    os.close(read_end)
    os.close(write_end)

    assert process.wait(LIMIT_S) == 9
    assert all(ended(member) for member in members)


def test_the_command_has_a_session_of_its_own(stage: Stage) -> None:
    code = "import os, signal; print(os.getpid(), os.getsid(0), flush=True); signal.pause()"
    process = stage.start(*WARDEN, "--", sys.executable, "-c", code)

    (member,) = stage.meet(process, 1)

    assert member.pid == member.session != os.getsid(process.pid)


def test_shared_memory_of_the_killed_is_removed(stage: Stage) -> None:
    code = """
import os, signal
from multiprocessing.shared_memory import SharedMemory
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print(SharedMemory(create=True, size=1024).name, flush=True)
while True:
    signal.pause()
"""
    process = stage.start(*WARDEN, "--grace", "0.2", "--", sys.executable, "-c", code)
    assert process.stdout is not None
    left = Path("/dev/shm", process.stdout.readline().strip())  # noqa: S108 - where Python puts it
    assert left.exists()

    assert process.stdin is not None
    process.stdin.close()

    assert process.wait(LIMIT_S) == 128 + signal.SIGKILL
    assert not left.exists()


def test_a_second_signal_ends_the_grace(stage: Stage) -> None:
    code = """
import os, signal
def say(*_):
    os.write(1, b"%d 0\\n" % os.getpid())
signal.signal(signal.SIGTERM, say)
say()
while True:
    signal.pause()
"""
    process = stage.start(*WARDEN, "--grace", "86400", "--", sys.executable, "-c", code)
    stage.meet(process, 1)
    process.send_signal(signal.SIGTERM)
    stage.meet(process, 1)

    process.send_signal(signal.SIGTERM)

    assert process.wait(LIMIT_S) == 128 + signal.SIGKILL


def test_the_kill_of_the_warden_takes_the_command_along(stage: Stage) -> None:
    code = "import os, signal; print(os.getpid(), 0, flush=True); signal.pause()"
    process = stage.start(*WARDEN, "--", sys.executable, "-c", code)
    (member,) = stage.meet(process, 1)

    process.kill()

    assert ended(member)


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("exit 0", 0),
        ("exit 7", 7),
        ("kill -KILL $$", 128 + signal.SIGKILL),
        # Python ignores SIGPIPE; the command must not inherit that.
        ("kill -PIPE $$", 128 + signal.SIGPIPE),
    ],
)
def test_the_exit_code_is_the_commands(stage: Stage, script: str, expected: int) -> None:
    process = stage.start(*WARDEN, "--", "sh", "-c", script)

    assert expected == process.wait(LIMIT_S)


def test_the_command_reads_nothing_and_starts_unblocked(stage: Stage) -> None:
    code = (
        "import signal, sys; "
        "print(repr(sys.stdin.read()), signal.pthread_sigmask(signal.SIG_BLOCK, []))"
    )
    process = stage.start(*WARDEN, "--", sys.executable, "-c", code)

    assert process.stdout is not None
    assert process.stdout.read() == "'' set()\n"


def test_a_command_that_does_not_exist_is_said(stage: Stage) -> None:
    process = stage.start(*WARDEN, "--", "/no/such/program")

    assert process.stderr is not None
    assert process.stderr.read() == "cannot run /no/such/program: No such file or directory\n"
    assert process.wait(LIMIT_S) == 127


@pytest.mark.parametrize("arguments", [[], ["--"], ["ls"], ["--grace", "1", "ls"]])
def test_without_a_command_it_shows_its_usage(stage: Stage, arguments: list[str]) -> None:
    process = stage.start(*WARDEN, *arguments)

    assert process.stderr is not None
    assert process.stderr.read().startswith("usage: ")
    assert process.wait(LIMIT_S) == 2
