"""What recallbench adds to a request: building the prompt, encoding, sending, reading.

    .venv/bin/python scripts/bench_client.py [--tokenizer DIR] [--length 8000,131072] [--json F]

A server process of its own answers at once, and echoes the prompt's ids as vLLM does when it is
asked for token ids; so all the time is the client's, but for the few milliseconds in which the
server reads and writes. Beside it, in the same process and on the same prompts: the openai
package's own typed call. ``at once`` is with IN_FLIGHT requests open; from the CPU time of each
follows how many requests a second fill half a core.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import multiprocessing
import statistics
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from openai import AsyncOpenAI
from rich.console import Console
from rich.table import Table

from recallbench.domain import AnswerBudget, Prompt, Trial
from recallbench.engines.completions_engine import CompletionsEngine
from recallbench.engines.embedded_model import default_cache, ensure_embedded_model
from recallbench.engines.host import host_facts
from recallbench.engines.openai_client import OpenAIClient
from recallbench.prompts.builder import SPARE_TOKENS, PromptBuilder
from recallbench.prompts.corpus import tokenize_haystack
from recallbench.prompts.haystack import prose_haystack
from recallbench.prompts.hf_tokenizer import HfTokenizer, load_tokenizer
from recallbench.prompts.needle import Recipe
from recallbench.suite.schema import INSTRUCTION, NEEDLE, QUESTION

ROUNDS = 7
IN_FLIGHT = 16
BUDGET = AnswerBudget(answer_tokens=16)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Medians over ROUNDS requests of one length, in milliseconds."""

    length_tokens: int
    build_ms: float
    request_ms: float
    cpu_ms: float
    at_once_cpu_ms: float
    typed_call_ms: float

    @property
    def added_ms(self) -> float:
        """What a trial costs beside the engine's own work."""
        return self.build_ms + self.request_ms

    @property
    def half_core_per_s(self) -> float:
        """Requests a second at which the client takes half a core."""
        return 500 / self.at_once_cpu_ms

    @property
    def ratio(self) -> float:
        """The typed call's time over ours."""
        return self.typed_call_ms / self.request_ms


def serve(told: Connection) -> None:
    """Answer every completion at once with its own prompt's ids."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError):  # the client closed
            await converse(reader, writer)

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await reader.readuntil(b"\r\n\r\n"):
            fields = dict(line.split(b": ", 1) for line in head.split(b"\r\n")[1:] if b": " in line)
            lower = {name.lower(): value for name, value in fields.items()}
            body = await reader.readexactly(int(lower.get(b"content-length", b"0")))
            ids = body[body.index(b"[") + 1 : body.index(b"]")]
            count = ids.count(b",") + 1
            answer = (
                b'{"choices":[{"text":"x","finish_reason":"stop","token_ids":[1],"prompt_token_ids":['
                + ids
                + b']}],"usage":{"prompt_tokens":%d,"completion_tokens":1,"total_tokens":1},'
                b'"id":"x","created":0,"model":"m","object":"text_completion"}' % count
            )
            writer.write(
                b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: "
                b"%d\r\n\r\n" % len(answer)
            )
            writer.write(answer)
            await writer.drain()

    async def main() -> None:
        server = await asyncio.start_server(handle, "127.0.0.1", 0, limit=1 << 26)
        told.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(main())


async def median_ms(act: Callable[[], Awaitable[object]]) -> float:
    """Median wall time, after one round that is not counted."""
    times = []
    for _ in range(ROUNDS + 1):
        began = time.perf_counter()
        await act()
        times.append(time.perf_counter() - began)
    return 1000 * statistics.median(times[1:])


async def measure(
    builder: PromptBuilder, engine: CompletionsEngine, sdk: AsyncOpenAI, length: int
) -> Row:
    """One row."""
    trials = [
        Trial(trial_id=str(n), length_tokens=length, depth=0.5, repeat=n) for n in range(ROUNDS + 1)
    ]
    prompts: list[Prompt] = []

    async def build() -> None:
        prompts.append(builder.build(trials[len(prompts)]))

    async def ask() -> None:
        await engine.complete(prompts[0], BUDGET)

    async def typed() -> None:
        await sdk.completions.create(model="m", prompt=prompts[0].token_ids.tolist(), max_tokens=16)

    async def ask_at_once() -> None:
        await asyncio.gather(*(engine.complete(prompts[0], BUDGET) for _ in range(IN_FLIGHT)))

    build_ms = await median_ms(build)
    await ask()
    cpu = time.process_time()
    request_ms = await median_ms(ask)
    cpu_ms = 1000 * (time.process_time() - cpu) / (ROUNDS + 1)
    await ask_at_once()
    cpu = time.process_time()
    await median_ms(ask_at_once)
    at_once_cpu_ms = 1000 * (time.process_time() - cpu) / ((ROUNDS + 1) * IN_FLIGHT)
    return Row(
        length_tokens=length,
        build_ms=build_ms,
        request_ms=request_ms,
        cpu_ms=cpu_ms,
        at_once_cpu_ms=at_once_cpu_ms,
        typed_call_ms=await median_ms(typed),
    )


async def bench(tokenizer: HfTokenizer, lengths: list[int], port: int) -> list[Row]:
    """All rows."""
    corpus = tokenize_haystack(prose_haystack(1), tokenizer, max(lengths) + SPARE_TOKENS)
    recipe = Recipe(instruction=INSTRUCTION, needle=NEEDLE, question=QUESTION, answer_prefix="")
    builder = PromptBuilder(
        tokenizer=tokenizer,
        frame=tokenizer.frame(thinking=False),
        corpus=corpus,
        recipe=recipe,
        seed=1,
    )
    url = f"http://127.0.0.1:{port}/v1"
    engine = CompletionsEngine(OpenAIClient(url, api_key=None, timeout_s=60), tokenizer, model="m")
    async with AsyncOpenAI(base_url=url, api_key="none", max_retries=0) as sdk:
        rows = [await measure(builder, engine, sdk, length) for length in lengths]
    await engine.aclose()
    return rows


def show(rows: list[Row]) -> None:
    """Print the table."""
    table = Table(
        "tokens",
        "build ms",
        "request ms",
        "added ms",
        "CPU ms",
        f"{IN_FLIGHT} at once, CPU ms",
        "1/2 core at /s",
        "typed ms",
        "ratio",
    )
    for row in rows:
        numbers = (row.build_ms, row.request_ms, row.added_ms, row.cpu_ms, row.at_once_cpu_ms)
        table.add_row(
            f"{row.length_tokens:,}",
            *(f"{number:.1f}" for number in numbers),
            f"{row.half_core_per_s:.0f}",
            f"{row.typed_call_ms:.1f}",
            f"{row.ratio:.0f}x",
        )
    Console().print(table)


def main() -> None:
    """Parse, measure, show."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tokenizer", help="folder or hub id  [default: the embedded model's]")
    parser.add_argument("--length", default="8000,32000,131072")
    parser.add_argument("--json", type=Path, help="also write the numbers here")
    options = parser.parse_args()
    source = options.tokenizer or str(ensure_embedded_model(default_cache(), print))
    ours, theirs = multiprocessing.Pipe()
    server = multiprocessing.Process(target=serve, args=(theirs,), daemon=True)
    server.start()
    lengths = [int(length) for length in options.length.split(",")]
    rows = asyncio.run(bench(load_tokenizer(source), lengths, ours.recv()))
    server.terminate()
    show(rows)
    if options.json:
        content = {"host": host_facts(), "rounds": ROUNDS, "rows": [asdict(row) for row in rows]}
        options.json.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
