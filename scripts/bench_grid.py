"""What a grid costs on one engine: a plain loop, unlike haystacks, shared ones, and the ladder.

    .venv/bin/python scripts/bench_grid.py --model DIR [--factor 4] [--length 8000,...] [--json F]

One local vLLM is started, as ``recallbench run`` starts it, and all rows are asked of it in one go;
its prefix cache is emptied before each. The plain loop is what people write: prompts of one filler
sentence, the needle in the middle, the openai package's chat call, one after another. The other
rows are recallbench's own parts. ``ideal`` is what the uncached tokens of a row cost at the rate of
prompts prefilled alone: a n + b n^2 / 2 seconds for n tokens, fitted to one prompt of each length.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import random
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from openai import AsyncOpenAI
from rich.console import Console
from rich.table import Table

from recallbench.domain import AnswerBudget, Prompt, Trial, TrialRecord
from recallbench.engines.host import host_facts
from recallbench.engines.openai_client import OpenAIClient
from recallbench.engines.opened import OpenedEngine
from recallbench.journal import RunFolder
from recallbench.runner.asking import Asker
from recallbench.runner.dispatch import dispatch
from recallbench.runner.interrupt import Interrupt
from recallbench.runner.opening import EngineRoom
from recallbench.runner.owed import Owed
from recallbench.runner.preparation import find_models, plan_for
from recallbench.runner.progress import LineListener
from recallbench.runner.prompt_kit import PromptKit, prompt_kit
from recallbench.runner.sources import line_of
from recallbench.runner.timeline import TimedEngine, Timeline
from recallbench.runner.warm_up import warm_up
from recallbench.schedule.standing import Standing
from recallbench.scoring import ScoringRule
from recallbench.suite import RunPlan, SuiteFile, resolve

FILLER = "The quick brown fox jumps over the lazy dog. "
_SAMPLE_S = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One way to ask, in seconds and tokens."""

    name: str
    trials: int
    wall_s: float
    prompt_tokens: int
    computed_tokens: int
    """Prompt tokens that the server did not take from its cache, by its own report."""
    off_by_a_block: int | None
    """Trials whose cached tokens differ by more than a block from what was expected."""
    ideal_s: float | None = None
    idle_share: float | None = None
    """Part of the wall in which no request was in flight."""
    gpu_idle_share: float | None = None
    """Part of the wall in which the GPU ran nothing, sampled."""
    client_cpu_s: float | None = None
    recalled: int | None = None

    @property
    def rate(self) -> float:
        """Trials a second."""
        return self.trials / self.wall_s


class GpuWatch:
    """Samples whether the first GPU runs anything; knows nothing where there is none."""

    def __init__(self) -> None:
        """Find the GPU."""
        self._samples: list[int] = []
        self._handle: Any = None
        with contextlib.suppress(Exception):
            import pynvml  # noqa: PLC0415 - comes with vLLM for GPUs

            pynvml.nvmlInit()
            self._handle = pynvml.nvmlDeviceGetHandleByIndex(0)

    @contextlib.contextmanager
    def watching(self) -> Iterator[None]:
        """Sample while the block runs."""
        self._samples, over = [], threading.Event()
        thread = threading.Thread(target=self._watch, args=(over,), daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def _watch(self, over: threading.Event) -> None:
        if self._handle is None:
            return
        import pynvml  # noqa: PLC0415 - comes with vLLM for GPUs

        while not over.wait(_SAMPLE_S):
            self._samples.append(pynvml.nvmlDeviceGetUtilizationRates(self._handle).gpu)

    @property
    def idle_share(self) -> float | None:
        """Part of the time without a kernel running; None is not known."""
        return 1 - statistics.fmean(self._samples) / 100 if self._samples else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """All that the rows share."""

    options: argparse.Namespace
    opened: OpenedEngine
    client: OpenAIClient
    url: str
    say: Any
    models: Any
    watch: GpuWatch

    async def reset(self) -> None:
        """Empty the prefix cache."""
        await self.client.post_root("/reset_prefix_cache", {})

    def plan(self, **prompt: str) -> tuple[RunPlan, PromptKit]:
        """Plan and prompts of a layout."""
        plan = plan_for(resolve(suite(self.options, **prompt)), self.models)
        return plan, prompt_kit(plan, self.models, self.say)

    async def asked(
        self, name: str, plan: RunPlan, kit: PromptKit, trials: Sequence[Trial], *, order: bool
    ) -> Row:
        """Ask trials with recallbench's own parts."""
        await self.reset()
        facts, records = self.opened.facts, list[TrialRecord]()
        told: dict[str, Any] = {}
        timeline = Timeline(None, told.update)
        asker = Asker(
            variant=name,
            engine=TimedEngine(self.opened.engine, timeline),
            build=kit.build,
            standing=Standing(facts.block_size, in_order=self.opened.in_order),
            budget=plan.suite.budget,
            rule=ScoringRule(),
            attempts=1,
            say=self.say,
        )
        form = plan.suite.form
        if not order:
            trials = random.Random(1).sample(trials, len(trials))  # noqa: S311 - an order
        line = line_of(
            plan,
            Owed(trials, (), name),
            kv_cache_tokens=facts.kv_cache_tokens,
            in_order=self.opened.in_order,
            is_over=lambda: False,
        )
        await warm_up(self.opened.engine, kit.build(trials[0]), asker.standing, self.say)
        began = time.perf_counter()
        with self.watch.watching(), timeline.asking():
            await dispatch(
                asker,
                line,
                concurrency=min(form.concurrency, len(trials)),
                interrupt=Interrupt(self.say),
                keep=records.append,
            )
        wall_s = time.perf_counter() - began
        failed = [record.error for record in records if record.error]
        if failed:
            raise SystemExit(f"{name}: {len(failed)} trials failed, such as: {failed[0]}")
        if self.options.trials_out:
            with self.options.trials_out.open("a", encoding="utf-8") as out:
                out.writelines(json.dumps(asdict(record)) + "\n" for record in records)
        return replace(
            row_of(name, records, wall_s, facts.block_size),
            idle_share=told["idle_s"] / told["asking_s"],
            gpu_idle_share=self.watch.idle_share,
            client_cpu_s=told["client_s"],
            recalled=sum(record.outcome == "recalled" for record in records),
        )


def row_of(name: str, records: Sequence[TrialRecord], wall_s: float, block: int | None) -> Row:
    """Totals of a row."""
    pairs = [(record.cached_tokens, record.expected_cached_tokens) for record in records]
    known = [(c, e) for c, e in pairs if c is not None and e is not None]
    return Row(
        name=name,
        trials=len(records),
        wall_s=wall_s,
        prompt_tokens=sum(record.length_tokens for record in records),
        computed_tokens=sum(r.length_tokens - (r.cached_tokens or 0) for r in records),
        off_by_a_block=sum(abs(c - e) > (block or 0) for c, e in known) if known else None,
    )


def suite(options: argparse.Namespace, **prompt: str) -> SuiteFile:
    """The suite of a layout."""
    return SuiteFile.model_validate(
        {
            "suite": "bench-grid",
            "model": options.model,
            "seed": 1,
            "grid": {
                "lengths": options.length,
                "depths": [step / (options.depths - 1) for step in range(options.depths)],
                "trials": options.trials,
            },
            "prompt": {"answer_prefix": options.answer_prefix, **prompt},
            "answer": {"max_tokens": options.answer_tokens},
            "engine": {"args": options.engine_arg},
            "variants": [{"name": "engine", "rope": options.factor or "native"}],
        }
    )


async def plain_loop(bench: Bench) -> Row:
    """Prompts of one filler sentence, the needle in the middle, one after another."""
    options, records = bench.options, list[dict[str, int]]()
    tokenizer = bench.models.tokenizer
    await bench.reset()
    a_sentence = (len(tokenizer.encode(FILLER * 101).ids) - 1) / 101
    draws = random.Random(0)  # noqa: S311 - a benchmark's keys
    async with AsyncOpenAI(base_url=bench.url, api_key="none", max_retries=0) as sdk:
        began = time.perf_counter()
        with bench.watch.watching():
            for length in options.length:
                half = FILLER * int((length - 100) / a_sentence / 2)
                for _ in range(5):
                    key = "".join(draws.choices("0123456789", k=8))
                    text = (
                        f"{half}\n\n[PASSKEY: {key}]\n\n{half}\n\nWhat is the passkey buried in "
                        "the text above? Reply with the 8-digit number only."
                    )
                    reply = await sdk.chat.completions.create(
                        model=bench.opened.facts.served_model or "",
                        messages=[{"role": "user", "content": text}],
                        max_tokens=options.answer_tokens,
                        temperature=0.0,
                    )
                    assert reply.usage  # noqa: S101 - vLLM always tells
                    details = reply.usage.prompt_tokens_details
                    cached = (details.cached_tokens if details else 0) or 0
                    records.append({"tokens": reply.usage.prompt_tokens, "cached": cached})
        wall_s = time.perf_counter() - began
    tokens = sum(record["tokens"] for record in records)
    return Row(
        name="plain loop",
        trials=len(records),
        wall_s=wall_s,
        prompt_tokens=tokens,
        computed_tokens=tokens - sum(record["cached"] for record in records),
        off_by_a_block=None,
        gpu_idle_share=bench.watch.idle_share,
    )


async def alone(bench: Bench, prompts: Sequence[Prompt]) -> list[float]:
    """Seconds of each prompt's prefill, asked one after another for one token, nothing cached."""
    await bench.reset()
    budget = AnswerBudget(answer_tokens=1)
    return [(await bench.opened.engine.complete(prompt, budget)).latency_s for prompt in prompts]


def fitted(lengths: Sequence[int], seconds: Sequence[float]) -> tuple[float, float]:
    """a and b of ``a n + b n^2 / 2``, both at least 0, by least squares of relative errors."""
    from scipy.optimize import nnls  # noqa: PLC0415 - takes a second

    n, t = np.asarray(lengths, dtype=float), np.asarray(seconds)
    (a, b), _ = nnls(np.stack([n, n * n / 2], axis=1) / t[:, None], np.ones_like(t))
    return float(a), float(b)


def ideal_s(rate: tuple[float, float], spans: Sequence[tuple[int, int]]) -> float:
    """What it costs to compute the tokens from each first to each last."""
    a, b = rate
    return sum(a * (last - first) + b * (last**2 - first**2) / 2 for first, last in spans)


@contextlib.asynccontextmanager
async def engine(options: argparse.Namespace, say: LineListener) -> AsyncIterator[Bench]:
    """One vLLM for all rows."""
    form = suite(options, layout="ladder")
    resolved = resolve(form)
    models = find_models(resolved, say.say)
    plan = plan_for(resolved, models)
    with tempfile.TemporaryDirectory() as folder:
        room = EngineRoom(
            plan=plan, models=models, folder=RunFolder(Path(folder)), listener=say, served=None
        )
        async with room.open(plan.variants[0]) as opened:
            url = opened.engine.base_url  # type: ignore[attr-defined]
            client = OpenAIClient(url, api_key=None, timeout_s=1200)
            try:
                yield Bench(
                    options=options, opened=opened, client=client, url=url, say=say.say,
                    models=models, watch=GpuWatch(),
                )  # fmt: skip
            finally:
                await client.aclose()


async def rows_of(bench: Bench) -> tuple[list[Row], dict[str, Any]]:
    """All rows, and what else was measured."""
    chosen, rows, more = bench.options.rows, list[Row](), dict[str, Any]()
    plan, unlike = bench.plan(haystacks="trial")
    firsts = [trial for trial in plan.trials if trial.repeat == 0]
    await alone(bench, [unlike.build(firsts[0])])  # the first request compiles kernels

    def done(row: Row) -> None:
        rows.append(row)
        write(bench.options, rows, {"engine": asdict(bench.opened.facts), **more})
        bench.say(f"{row.name}: {row.trials} trials in {row.wall_s:.1f} s, {row.rate:.2f}/s")

    if "plain" in chosen:
        done(await plain_loop(bench))
    lasts = [trial for trial in firsts if trial.depth == plan.grid.depths[-1]]
    seconds = await alone(bench, [unlike.build(trial) for trial in lasts])
    more["prefill_alone_s"] = dict(zip(plan.grid.lengths, seconds, strict=True))
    rate = fitted(plan.grid.lengths, seconds)
    more["seconds_a_token"], more["seconds_a_token_and_position"] = rate
    if "ladder" in chosen:
        ladder_plan, ladder = bench.plan(layout="ladder")
        leaders = [
            trial
            for trial in ladder_plan.trials
            if trial.length_tokens == plan.grid.lengths[-1] and trial.depth == plan.grid.depths[-1]
        ]
        times = await alone(bench, [ladder.build(trial) for trial in leaders])
        more["ladder_leaders_alone_s"] = times
        row = await bench.asked("ladder", ladder_plan, ladder, ladder_plan.trials, order=True)
        done(replace(row, ideal_s=sum(times)))
    single_plan, single = bench.plan(haystacks="repeat")
    for name, is_ordered in (("single", True), ("single, shuffled", False)):
        if name in chosen:
            trials = [trial for trial in single_plan.trials if trial.repeat == 0]
            row = await bench.asked(name, single_plan, single, trials, order=is_ordered)
            done(replace(row, ideal_s=_ideal_of(rate, single, trials)))
    if "unlike" in chosen:
        row = await bench.asked("unlike haystacks", plan, unlike, firsts, order=True)
        spans = [(0, trial.length_tokens) for trial in firsts]
        done(replace(row, ideal_s=ideal_s(rate, spans)))
    return rows, more


def _ideal_of(rate: tuple[float, float], kit: PromptKit, trials: Sequence[Trial]) -> float:
    """Each haystack once as far as it is used, and what each prompt has of its own."""
    spans, trunks = [], dict[str, int]()
    for trial in trials:
        prompt = kit.build(trial)
        share = max(prompt.shared, key=lambda part: part.tokens)
        trunks[share.name] = max(trunks.get(share.name, 0), share.tokens)
        spans.append((share.tokens, prompt.length_tokens))
    return ideal_s(rate, [*spans, *((0, tokens) for tokens in trunks.values())])


def show(rows: Sequence[Row]) -> None:
    """Print the table."""
    table = Table(
        "row", "trials", "wall s", "trials/s", "over plain", "prompt tokens", "computed",
        "wall/ideal", "idle", "GPU idle", "client CPU s", "off by > 1 block",
    )  # fmt: skip
    plain = next((row.rate for row in rows if row.name == "plain loop"), None)
    for row in rows:
        table.add_row(
            row.name,
            str(row.trials),
            f"{row.wall_s:.1f}",
            f"{row.rate:.2f}",
            f"{row.rate / plain:.1f}x" if plain else "-",
            f"{row.prompt_tokens:,}",
            f"{row.computed_tokens:,}",
            "-" if row.ideal_s is None else f"{row.wall_s / row.ideal_s:.3f}",
            "-" if row.idle_share is None else f"{row.idle_share:.1%}",
            "-" if row.gpu_idle_share is None else f"{row.gpu_idle_share:.1%}",
            "-" if row.client_cpu_s is None else f"{row.client_cpu_s:.1f}",
            "-" if row.off_by_a_block is None else str(row.off_by_a_block),
        )
    Console(width=160).print(table)


def write(options: argparse.Namespace, rows: Sequence[Row], more: dict[str, Any]) -> None:
    """Write what is measured so far as JSON, if that is asked for."""
    if options.json is None:
        return
    content = {
        "host": host_facts(),
        "command": sys.argv,
        "lengths": options.length,
        "depths": options.depths,
        "answer_tokens": options.answer_tokens,
        **more,
        "rows": [{**asdict(row), "trials_per_s": row.rate} for row in rows],
    }
    options.json.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def parsed() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="smollm2-135m", help="folder, hub id or smollm2-135m")
    parser.add_argument("--factor", type=float, help="YaRN with this factor")
    parser.add_argument("--length", default="8000,16000,32000,64000,128000")
    parser.add_argument("--depths", type=int, default=11, help="evenly spaced depths")
    parser.add_argument("--trials", type=int, default=5, help="repeats of the ladder")
    parser.add_argument("--answer-tokens", type=int, default=9, help="an 8-digit key and its end")
    parser.add_argument("--answer-prefix", default="", help="a begun answer, for small models")
    parser.add_argument("--engine-arg", action="append", default=[], help="of vLLM's server")
    parser.add_argument("--rows", default="plain,ladder,single,unlike")
    parser.add_argument("--json", type=Path, help="also write the numbers here")
    parser.add_argument("--trials-out", type=Path, help="append every record here")
    options = parser.parse_args()
    options.length = [int(length) for length in options.length.split(",")]
    options.rows = [row.strip() for row in options.rows.split(",")]
    return options


async def measured(options: argparse.Namespace) -> tuple[list[Row], dict[str, Any]]:
    """Start the engine, measure, stop it."""
    say = LineListener(Console(stderr=True, soft_wrap=True))
    async with engine(options, say) as bench:
        facts = asdict(bench.opened.facts)
        rows, more = await rows_of(bench)
    return rows, {"engine": facts, **more}


def main() -> None:
    """Parse, measure, show."""
    options = parsed()
    rows, more = asyncio.run(measured(options))
    show(rows)
    write(options, rows, more)


if __name__ == "__main__":
    main()
