"""vLLM's OpenAI server as a process of ours: started, waited for, asked what it is, stopped.

A server that is returned is up and answers; one that does not come up has no process left and is
told of with the cause, read from its log. Knows nothing of prompts: completions are asked through
``base_url`` by others.
"""

from __future__ import annotations

import asyncio
import importlib.metadata
import json
import math
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from recallbench.engines.server_arguments import (
    CPU_DISTRIBUTION,
    HOST,
    InstalledVllm,
    VllmCommand,
)
from recallbench.engines.start_causes import INSTALL_VLLM
from recallbench.engines.start_diagnosis import diagnose, port_taken
from recallbench.engines.startup_log import KvCapacity, kv_capacity, phase
from recallbench.engines.wardened_process import WardenedProcess
from recallbench.errors import EngineStartError

_LOOK_EVERY_S = 0.25
_ANSWER_WITHIN_S = 10.0
_PORT_RETRIES = 2
_HTTP_OK = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerFacts:
    """What a server that is up says of itself."""

    base_url: str
    """Of the OpenAI API, ``/v1`` included."""
    version: str
    """vLLM's version."""
    model_id: str
    """The name requests have to give as ``model``."""
    max_model_len: int
    """Context length in tokens that it really serves."""
    kv_capacity: KvCapacity | None
    """What its KV cache holds; None if its log does not say."""
    startup_s: float
    """From starting the process to the first good answer."""
    log_path: Path
    """What it and its workers write."""


def installed_vllm() -> InstalledVllm | None:
    """The vLLM of this environment, the one for GPUs first; None if there is none."""
    for distribution in ("vllm", CPU_DISTRIBUTION):
        try:
            version = importlib.metadata.version(distribution)
        except importlib.metadata.PackageNotFoundError:
            continue
        return InstalledVllm(distribution=distribution, version=version)
    return None


class VllmServer:
    """A server that is up; made by ``start``."""

    def __init__(self, process: WardenedProcess, facts: ServerFacts) -> None:
        """Take over a server that answers."""
        self._process = process
        self.facts = facts
        """What it says of itself."""

    @classmethod
    async def start(
        cls,
        command: VllmCommand,
        log_path: Path,
        *,
        on_progress: Callable[[str], None],
        timeout_s: float,
    ) -> Self:
        """Start a server and wait until it answers.

        Args:
            command: What to start.
            log_path: The file the server's output is appended to.
            on_progress: Told in a few words what the server is at, whenever that changes.
            timeout_s: For everything, further ports included.

        Raises:
            EngineStartError: It did not come up; nothing of it is left running.
        """
        if command.installed is None:
            raise EngineStartError(f"vLLM is not installed in this Python. {INSTALL_VLLM}")
        deadline_s = time.monotonic() + timeout_s
        for retries_left in reversed(range(_PORT_RETRIES + 1)):
            with _reserved_port() as port:
                launch = _Launch(command, port, log_path, on_progress)
                started = await launch.run(deadline_s - time.monotonic())
            if started is not None:
                return cls(*started)
            if retries_left == 0:
                break
            on_progress(f"port {port} was taken meanwhile, trying another one")
        raise EngineStartError(f"vLLM found {_PORT_RETRIES + 1} ports taken. Its log: {log_path}")

    @property
    def base_url(self) -> str:
        """Of the OpenAI API, ``/v1`` included."""
        return self.facts.base_url

    def alive(self) -> bool:
        """Whether its process still runs."""
        return self._process.exit_code is None

    async def stop(self) -> None:
        """End the server and all that came of it; safe to call twice."""
        await self._process.stop()


@dataclass(frozen=True, slots=True)
class _Launch:
    """One attempt to start, on one port."""

    command: VllmCommand
    """What to start."""
    port: int
    """Where it is to listen."""
    log_path: Path
    """What its output is appended to."""
    on_progress: Callable[[str], None]
    """Told what it is at."""

    async def run(self, timeout_s: float) -> tuple[WardenedProcess, ServerFacts] | None:
        """The server once it answers; None if the port was taken."""
        begun_s = time.monotonic()
        environment = {
            # vLLM's own patience with its engine must not end before ours.
            "VLLM_ENGINE_READY_TIMEOUT_S": str(max(1, math.ceil(timeout_s))),
            **dict(self.command.environment),
        }
        self.on_progress("starting vLLM")
        async with AsyncExitStack() as undo:
            argv = self.command.argv(self.port)
            process = await WardenedProcess.start(argv, environment, self.log_path)
            undo.push_async_callback(process.stop)
            try:
                async with asyncio.timeout(timeout_s):
                    answers = await self._wait_until_it_answers(process)
                    facts = await self._ask_facts(process, begun_s) if answers else None
            except TimeoutError:
                raise self._failure(process, f"not up after {timeout_s:.0f} s") from None
            if facts is None and not port_taken(process.log.lines):
                raise self._failure(process, "ended before it was up")
            if facts is None:
                return None
            undo.pop_all()
            return process, facts

    async def _wait_until_it_answers(self, process: WardenedProcess) -> bool:
        """True once it is healthy, False once it has ended."""
        shown = None
        while True:
            ended = await process.wait(_LOOK_EVERY_S)
            healthy = not ended and await _is_healthy(self.port)
            # Read after asking: what a healthy server has written so far is then all here.
            for line in process.log.read_new(at_end=ended):
                if (now := phase(line)) is not None and now != shown:
                    shown = now
                    self.on_progress(now)
            if ended or healthy:
                return healthy

    async def _ask_facts(self, process: WardenedProcess, begun_s: float) -> ServerFacts:
        startup_s = time.monotonic() - begun_s
        try:
            version = await _get_json(self.port, "/version")
            models = await _get_json(self.port, "/v1/models")
            return ServerFacts(
                base_url=f"http://{HOST}:{self.port}/v1",
                version=str(version["version"]),
                model_id=str(models["data"][0]["id"]),
                max_model_len=int(models["data"][0]["max_model_len"]),
                kv_capacity=kv_capacity(process.log.lines),
                startup_s=startup_s,
                log_path=self.log_path,
            )
        except (OSError, ValueError, LookupError, TypeError) as error:
            raise self._failure(process, f"does not answer as vLLM does ({error!r})") from error

    def _failure(self, process: WardenedProcess, what: str) -> EngineStartError:
        cause = diagnose(process.log.lines, process.exit_code)
        return EngineStartError(f"vLLM {what}. {cause}\nIts log: {self.log_path}")


@contextmanager
def _reserved_port() -> Iterator[int]:
    """A free loopback port that nobody is given by chance while the server starts.

    It stays bound, not listening: Linux lets the server bind it all the same, as both sides set
    SO_REUSEADDR (``create_server_socket`` in vLLM's launcher), and gives it to nobody who asks for
    any free port. Else a second server could get it during the imports and answer for ours.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as reserved:
        reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        reserved.bind((HOST, 0))
        yield reserved.getsockname()[1]


async def _is_healthy(port: int) -> bool:
    try:
        status, _ = await _get(port, "/health")
    except (OSError, ValueError):
        return False
    return status == _HTTP_OK


async def _get_json(port: int, path: str) -> dict[str, Any]:
    status, body = await _get(port, path)
    if status != _HTTP_OK:
        raise ValueError(f"{path} gives {status}")
    answer = json.loads(body)
    if not isinstance(answer, dict):
        raise ValueError(f"{path} gives no JSON object")  # noqa: TRY004 - it is about a value
    return answer


async def _get(port: int, path: str) -> tuple[int, bytes]:
    """Status and body of one GET. HTTP/1.0, so that the end of the stream ends the body."""
    async with asyncio.timeout(_ANSWER_WITHIN_S):
        reader, writer = await asyncio.open_connection(HOST, port)
        try:
            writer.write(f"GET {path} HTTP/1.0\r\nHost: {HOST}:{port}\r\n\r\n".encode())
            head, _, body = (await reader.read()).partition(b"\r\n\r\n")
        finally:
            writer.close()
    _, status, *_ = head.split()
    return int(status), body
