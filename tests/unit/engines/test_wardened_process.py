"""A process under a warden, seen from recallbench: its log, its end, and being told to end."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from recallbench.engines.wardened_process import LogTail, WardenedProcess

LIMIT_S = 60
STUBBORN = """
import signal
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("up", flush=True)
while True:
    signal.pause()
"""


async def start(code: str, log_path: Path, *, grace_s: float = LIMIT_S) -> WardenedProcess:
    return await WardenedProcess.start(
        [sys.executable, "-c", code], os.environ, log_path, grace_s=grace_s
    )


async def until_up(process: WardenedProcess) -> None:
    async with asyncio.timeout(LIMIT_S):
        while "up" not in process.log.lines:
            await process.wait(0.01)
            process.log.read_new()


def test_both_streams_are_appended_to_the_log_and_the_exit_code_is_kept(tmp_path: Path) -> None:
    log_path = tmp_path / "a.log"
    log_path.write_text("before\n")

    async def scenario() -> WardenedProcess:
        process = await start(
            "import sys; print('out', flush=True); print('err', file=sys.stderr); sys.exit(5)",
            log_path,
        )
        assert process.exit_code is None
        assert await process.wait(LIMIT_S)
        return process

    process = asyncio.run(scenario())

    assert process.exit_code == 5
    assert process.log.read_new() == ["out", "err"]
    assert log_path.read_text() == "before\nout\nerr\n"


def test_waiting_ends_without_the_process(tmp_path: Path) -> None:
    async def scenario() -> None:
        process = await start(STUBBORN, tmp_path / "a.log", grace_s=0)
        assert not await process.wait(0)
        await process.stop()

    asyncio.run(scenario())


def test_stopping_is_gentle_first(tmp_path: Path) -> None:
    code = """
import signal, sys
signal.signal(signal.SIGTERM, lambda *_: sys.exit(3))
print("up", flush=True)
signal.pause()
"""

    async def scenario() -> int | None:
        process = await start(code, tmp_path / "a.log")
        await until_up(process)
        await process.stop()
        return process.exit_code

    assert asyncio.run(scenario()) == 3


def test_stopping_ends_the_stubborn_too_and_can_be_asked_for_again(tmp_path: Path) -> None:
    async def scenario() -> int | None:
        process = await start(STUBBORN, tmp_path / "a.log", grace_s=0.1)
        await until_up(process)
        await asyncio.gather(process.stop(), process.stop())
        await process.stop()
        return process.exit_code

    assert asyncio.run(scenario()) == 128 + signal.SIGKILL


def test_a_cancelled_stop_still_ends_the_process(tmp_path: Path) -> None:
    """As by a second Ctrl-C: the warden goes on by itself."""

    async def scenario() -> int | None:
        process = await start(STUBBORN, tmp_path / "a.log", grace_s=0.1)
        await until_up(process)
        stop = asyncio.ensure_future(process.stop())
        await asyncio.sleep(0)
        stop.cancel()
        with pytest.raises(asyncio.CancelledError):
            await stop
        assert await process.wait(LIMIT_S)
        return process.exit_code

    assert asyncio.run(scenario()) == 128 + signal.SIGKILL


def test_the_terminal_of_recallbench_is_not_the_wardens(tmp_path: Path) -> None:
    async def scenario() -> list[str]:
        code = "import os; print(os.getsid(0), os.getsid(os.getppid()))"
        process = await start(code, tmp_path / "a.log")
        await process.wait(LIMIT_S)
        return process.log.read_new()

    (line,) = asyncio.run(scenario())

    assert len({*line.split(), str(os.getsid(0))}) == 3


def test_the_tail_gives_whole_lines_once_and_the_rest_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(b"old\n")
    tail = LogTail(path, 4)

    with path.open("ab", buffering=0) as file:
        assert tail.read_new() == []
        file.write(b"one\n\ntw")
        assert tail.read_new() == ["one"]
        file.write("o \N{BLACK SQUARE}".encode()[:-1])
        assert tail.read_new() == []
        file.write("\N{BLACK SQUARE}".encode()[-1:] + b" 10%\r 20%\r\n\xff?")
        assert tail.read_new() == ["two \N{BLACK SQUARE} 10%", " 20%"]

    assert tail.read_new(at_end=True) == ["\N{REPLACEMENT CHARACTER}?"]
    assert tail.read_new(at_end=True) == []
    assert tail.lines == ["one", "two \N{BLACK SQUARE} 10%", " 20%", "\N{REPLACEMENT CHARACTER}?"]
