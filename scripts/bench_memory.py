"""How much memory the client takes: long prompts, many in flight, all answers at once.

    .venv/bin/python scripts/bench_memory.py [--tokens 1000000] [--in-flight 64] [--limit-mb 1500]

A server process of its own holds its answers back until all requests are in, then echoes each
prompt's ids as vLLM does. What is printed is the highest resident size of the client's process up
to then (VmHWM), in MB of 1,000,000 bytes.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import multiprocessing
import re
import sys
import time
from dataclasses import asdict, dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from rich.console import Console
from rich.table import Table

from recallbench.domain import AnswerBudget, Completion, Trial
from recallbench.engines.completions_engine import CompletionsEngine
from recallbench.engines.embedded_model import default_cache, ensure_embedded_model
from recallbench.engines.host import host_facts
from recallbench.engines.openai_client import OpenAIClient
from recallbench.prompts.builder import SPARE_TOKENS, PromptBuilder
from recallbench.prompts.corpus import tokenize_haystack
from recallbench.prompts.haystack import prose_haystack
from recallbench.prompts.hf_tokenizer import load_tokenizer
from recallbench.prompts.needle import Recipe
from recallbench.suite.schema import INSTRUCTION, NEEDLE, QUESTION

BUDGET = AnswerBudget(answer_tokens=16)
TIMEOUT_S = 600
_PEAK = re.compile(r"VmHWM:\s+(\d+) kB")
_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Peak:
    """Highest resident size until the end of a step."""

    step: str
    peak_mb: float
    took_s: float


class Steps:
    """Peaks, step by step."""

    def __init__(self) -> None:
        """Begin with the first step."""
        self.peaks: list[Peak] = []
        self._began = time.perf_counter()

    def end(self, step: str) -> None:
        """A step is over."""
        told = _PEAK.search(Path("/proc/self/status").read_text(encoding="ascii"))
        if not told:
            raise SystemExit("no VmHWM in /proc/self/status: this needs Linux")
        now = time.perf_counter()
        self.peaks.append(
            Peak(step=step, peak_mb=int(told[1]) * 1024 / 1e6, took_s=now - self._began)
        )
        self._began = now


def serve(told: Connection, in_flight: int) -> None:
    """Answer when ``in_flight`` requests are in, each with its own prompt's ids."""
    came: list[None] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError):  # the client closed
            while head := await reader.readuntil(b"\r\n\r\n"):
                told_length = _LENGTH.search(head)
                body = await reader.readexactly(int(told_length[1]) if told_length else 0)
                came.append(None)
                if len(came) == in_flight:
                    all_in.set()
                await all_in.wait()
                await answer(writer, body)

    async def answer(writer: asyncio.StreamWriter, body: bytes) -> None:
        ids = memoryview(body)[body.index(b"[") : body.index(b"]") + 1]
        head = b'{"choices":[{"finish_reason":"stop","token_ids":[1],"prompt_token_ids":'
        tail = b'}],"usage":{"completion_tokens":1}}'
        length = len(head) + len(ids) + len(tail)
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % length)
        writer.writelines([head, ids, tail])
        await writer.drain()

    async def main() -> None:
        server = await asyncio.start_server(handle, "127.0.0.1", 0, limit=1 << 26)
        told.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    all_in = asyncio.Event()
    asyncio.run(main())


async def ask_all(
    builder: PromptBuilder, engine: CompletionsEngine, tokens: int, in_flight: int, steps: Steps
) -> None:
    """Build all prompts, then have them all in flight."""
    prompts = [
        builder.build(Trial(trial_id=str(n), length_tokens=tokens, depth=n / in_flight, repeat=n))
        for n in range(in_flight)
    ]
    steps.end(f"{in_flight} prompts")
    answers: list[Completion] = await asyncio.gather(
        *(engine.complete(prompt, BUDGET) for prompt in prompts)
    )
    await engine.aclose()
    steps.end(f"{len(answers)} answers")


def measure(source: str, tokens: int, in_flight: int, port: int) -> list[Peak]:
    """All steps in this process."""
    steps = Steps()
    tokenizer = load_tokenizer(source)
    steps.end("idle")
    corpus = tokenize_haystack(prose_haystack(1), tokenizer, tokens + SPARE_TOKENS)
    steps.end("corpus")
    builder = PromptBuilder(
        tokenizer=tokenizer,
        frame=tokenizer.frame(thinking=False),
        corpus=corpus,
        recipe=Recipe(instruction=INSTRUCTION, needle=NEEDLE, question=QUESTION, answer_prefix=""),
        seed=1,
    )
    client = OpenAIClient(f"http://127.0.0.1:{port}/v1", api_key=None, timeout_s=TIMEOUT_S)
    engine = CompletionsEngine(client, tokenizer, model="m")
    asyncio.run(ask_all(builder, engine, tokens, in_flight, steps))
    return steps.peaks


def show(peaks: list[Peak]) -> None:
    """Print the table."""
    table = Table("after", "peak MB", "took s")
    for peak in peaks:
        table.add_row(peak.step, f"{peak.peak_mb:,.0f}", f"{peak.took_s:.1f}")
    Console().print(table)


def main() -> None:
    """Parse, measure, show; exit code 1 above the limit."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tokenizer", help="folder or hub id  [default: the embedded model's]")
    parser.add_argument("--tokens", type=int, default=1_000_000, help="length of each prompt")
    parser.add_argument("--in-flight", type=int, default=64, help="requests at once")
    parser.add_argument("--limit-mb", type=float, help="exit with 1 above it")
    parser.add_argument("--json", type=Path, help="also write the numbers here")
    options = parser.parse_args()
    source = options.tokenizer or str(ensure_embedded_model(default_cache(), print))
    ours, theirs = multiprocessing.Pipe()
    server = multiprocessing.Process(target=serve, args=(theirs, options.in_flight), daemon=True)
    server.start()
    peaks = measure(source, options.tokens, options.in_flight, ours.recv())
    server.terminate()
    show(peaks)
    if options.json:
        content = {"host": host_facts(), "steps": [asdict(peak) for peak in peaks]}
        options.json.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    sys.exit(options.limit_mb is not None and peaks[-1].peak_mb > options.limit_mb)


if __name__ == "__main__":
    main()
