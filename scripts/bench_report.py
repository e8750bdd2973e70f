"""What a run's report takes: seconds of wall time and bytes, at 5,000 trials and more.

    .venv/bin/python scripts/bench_report.py [--keep DIR] [--json F]

Each run is made up: 6 lengths, 5 depths, recall that falls with length, answers, misses, failures
and the text around each needle as long as real ones. ``6 variants`` and ``shared`` ask the same
questions of six variants, in ``shared`` in haystacks that the trials of a repeat share; ``1
variant`` has a question for each trial, which takes most bytes; in ``thinking`` each answer has a
thought of 3,000 characters before it. Each is measured in a process of its own: ``read`` counts
``run.json`` and the journal, ``page`` renders ``report.html`` (of it ``rows`` are the trials and
``pairs`` the differences as plain values), ``all`` is the whole ``recallbench report``, imports and
pictures included. ``cut`` is what texts are cut to. A busy machine makes all of it longer.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from recallbench.artifacts.report_page import report_html
from recallbench.artifacts.run_results import RunResults, read_results
from recallbench.domain import Outcome, TrialRecord
from recallbench.engines.host import host_facts
from recallbench.journal import RunFolder
from recallbench.journal.record_json import to_line
from recallbench.reports.page.difference_data import difference_data
from recallbench.reports.page.trial_data import trial_commands, trial_data
from recallbench.rope.proof import unverified
from recallbench.runner.run_facts import proof_facts
from recallbench.runner.verdicts import shared_by
from recallbench.suite import parse_suite

SEED = 1
LENGTHS = (8_000, 16_000, 32_000, 64_000, 96_000, 128_000)
DEPTHS = (0.0, 0.25, 0.5, 0.75, 1.0)
CONTEXT_CHARS = 160
THOUGHT_CHARS = 3_000
TRUNCATED, ERRORED = 0.02, 0.03
WORDS = ("the", "sea", "was", "calm", "and", "old", "captain", "looked", "at", "his", "chart")


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A run to be made up."""

    name: str
    variants: int
    repeats: int
    haystacks: str = "trial"
    thought_chars: int = 0


FORMS = (
    Form(name="6 variants", variants=6, repeats=28),
    Form(name="shared", variants=6, repeats=28, haystacks="repeat"),
    Form(name="1 variant", variants=1, repeats=167),
    Form(name="thinking", variants=6, repeats=28, thought_chars=THOUGHT_CHARS),
    Form(name="4 times", variants=6, repeats=112),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One run."""

    run: str
    trials: int
    read_s: float
    page_s: float
    rows_s: float
    """Of the page: the trials as plain values."""
    pairs_s: float
    """Of the page: the differences of all variants."""
    all_s: float
    """The whole command."""
    page_bytes: int
    cut: int | None
    """Characters that texts are cut to; None is whole."""


def make_run(form: Form, folder: Path) -> None:
    """Write ``run.json`` and the journal."""
    names = [f"variant-{number}" for number in range(form.variants)]
    grid = {"lengths": list(LENGTHS), "depths": list(DEPTHS), "trials": form.repeats}
    suite = {
        "suite": "bench",
        "model": "m",
        "grid": grid,
        "variants": [{"name": name} for name in names],
    }
    folder.mkdir()
    run = RunFolder(folder)
    run.write_facts(
        {
            "suite": parse_suite(suite, "bench").model_dump(mode="json"),
            "grid": grid,
            "prompts": {"layout": "single", "haystacks": form.haystacks},
            "variants": [entry(name) for name in names],
        }
    )
    with run.journal_path.open("w", encoding="utf-8") as stream:
        stream.writelines(map(to_line, records(form, names)))


def entry(name: str) -> dict[str, Any]:
    """A variant that was asked, as ``run.json`` has it."""
    unset = ("rope_parameters", "hf_overrides", "trained_length", "quantization", "dtype")
    return {
        **dict.fromkeys((*unset, "kv_cache_dtype", "cost", "error")),
        "name": name,
        "model": "m",
        "rope_label": "native",
        "rope_effective": proof_facts(unverified("made up")),
        "max_model_len": 131_072,
        "native_length": 131_072,
        "allow": [],
        "lengths": list(LENGTHS),
        "left_out": [],
        "engine_args": [],
        "reasons": [],
        "preflight": [],
        "state": "asked",
        "engine": {"kind": "vllm", "version": "0.26.0", "startup_s": 61.7},
    }


def records(form: Form, names: Sequence[str]) -> Iterator[TrialRecord]:
    """Variant after variant; the same questions for each."""
    for number, name in enumerate(names):
        for repeat in range(form.repeats):
            for length in LENGTHS:
                for depth in DEPTHS:
                    recall = 1 - 0.06 * number * length / LENGTHS[-1]
                    yield record(form, name, (length, depth, repeat), recall)


def record(form: Form, name: str, place: tuple[int, float, int], recall: float) -> TrialRecord:
    """One trial with its answer."""
    length, depth, repeat = place
    digest = hashlib.sha256(repr(place).encode()).hexdigest()
    question = random.Random(digest)  # noqa: S311 - made up, and the same each time
    answer = random.Random(f"{SEED}/{name}/{digest}")  # noqa: S311
    key = str(question.randrange(10**7, 10**8))
    outcome = drawn(answer.random(), recall)
    is_measured = outcome.is_measured
    return TrialRecord(
        variant=name,
        trial_id=f"L{length}-D{depth:g}-R{repeat}-{digest[:10]}",
        length_tokens=length,
        depth=depth,
        repeat=repeat,
        outcome=outcome,
        key=key,
        achieved_depth=round(min(1.0, depth + 0.0001 * question.random()), 6),
        prompt_sha256=digest,
        needle_context=(
            text(question, CONTEXT_CHARS),
            f"The pass key for Falcon is {key}. Remember it. {key} is the pass key for Falcon.",
            text(question, CONTEXT_CHARS),
        ),
        answer=answered(outcome, key, answer),
        thought=text(answer, form.thought_chars) if form.thought_chars else None,
        finish_reason=None if outcome is Outcome.ERRORED else "stop" if is_measured else "length",
        prompt_tokens=length,
        cached_tokens=question.randrange(length),
        expected_cached_tokens=16 * question.randrange(9),
        completion_tokens=answer.randrange(8, 20),
        latency_s=round(0.1 + 20 * answer.random(), 6),
        attempts=1,
        error="the engine closed the connection" if outcome is Outcome.ERRORED else None,
        finished_at=f"2026-11-20T23:{repeat % 60:02d}:{answer.randrange(60):02d}.085+00:00",
    )


def drawn(at: float, recall: float) -> Outcome:
    """What a draw in [0, 1) comes to: a few fail, the others are recalled at the given rate."""
    if at < ERRORED:
        return Outcome.TRUNCATED if at < TRUNCATED else Outcome.ERRORED
    return Outcome.RECALLED if (at - ERRORED) / (1 - ERRORED) < recall else Outcome.MISSED


def answered(outcome: Outcome, key: str, rng: random.Random) -> str | None:
    """The model's text: a key, or a few words around none."""
    if outcome is Outcome.RECALLED:
        return f" {key}."
    if outcome is Outcome.ERRORED:
        return None
    return f"I could not find it in the text; {text(rng, rng.randrange(20, 60))}"


def text(rng: random.Random, chars: int) -> str:
    """Words, cut to so many characters."""
    return " ".join(rng.choices(WORDS, k=chars // 2))[:chars]


def measure(form: Form, folder: Path) -> Row:
    """In a process that has made no report yet."""
    began = time.perf_counter()
    results = read_results(RunFolder(folder))
    read = time.perf_counter()
    page = report_html(results)
    shown = time.perf_counter()
    rows = measured_rows(results)
    listed = time.perf_counter()
    pairs_s = seconds_of_pairs(results)
    command = [sys.executable, "-m", "recallbench", "report", str(folder)]
    called = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return Row(
        run=form.name,
        trials=len(results.records),
        read_s=read - began,
        page_s=shown - read,
        rows_s=listed - shown,
        pairs_s=pairs_s,
        all_s=time.perf_counter() - called,
        page_bytes=len(page.encode()),
        cut=rows["cut"],
    )


def measured_rows(results: RunResults) -> dict[str, Any]:
    """The trials as the page holds them."""
    names = tuple(results.entries)
    return trial_data(
        results.records,
        variants=names,
        lengths=LENGTHS,
        depths=DEPTHS,
        commands=trial_commands(results.run, names),
    )


def seconds_of_pairs(results: RunResults) -> float:
    """The first time that differences are worked out; a second one finds intervals kept."""
    code = (
        "import sys, scipy.stats; sys.path.insert(0, sys.argv[1]);"
        "import bench_report; print(bench_report.pairs_of(sys.argv[2]))"
    )
    told = subprocess.run(
        [sys.executable, "-c", code, str(Path(__file__).parent), results.run],
        check=True,
        capture_output=True,
        text=True,
    )
    return float(told.stdout)


def pairs_of(run: str) -> float:
    """Seconds for the differences of a run."""
    results = read_results(RunFolder(Path(run)))
    held: dict[str, list[TrialRecord]] = {}
    for each in results.records:
        held.setdefault(each.variant, []).append(each)
    began = time.perf_counter()
    difference_data(
        held,
        tuple(results.entries),
        lengths=LENGTHS,
        depths=DEPTHS,
        shared_by=shared_by(results.facts),
    )
    return time.perf_counter() - began


def show(rows: Iterable[Row]) -> None:
    """Print what was measured."""
    heads = ("run", "trials", "read", "page", "rows", "pairs", "all", "MB", "cut")
    table = Table(*heads, box=box.SIMPLE, padding=(0, 1, 0, 0), pad_edge=False)
    for row in rows:
        seconds = (row.read_s, row.page_s, row.rows_s, row.pairs_s, row.all_s)
        table.add_row(
            row.run,
            f"{row.trials:,}",
            *(f"{each:.2f} s" for each in seconds),
            f"{row.page_bytes / 1e6:.2f}",
            f"{row.cut:,}" if row.cut else "whole",
        )
    Console().print(table)


def main() -> None:
    """Parse, make, measure, show."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--keep", type=Path, help="a new folder for the runs, which then stay")
    parser.add_argument("--json", type=Path, help="also write the numbers here")
    options = parser.parse_args()
    rows = []
    with contextlib.ExitStack() as stack:
        if options.keep:
            options.keep.mkdir(parents=True)
        home = options.keep or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        for form in FORMS:
            folder = home / form.name.replace(" ", "-")
            make_run(form, folder)
            with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as alone:
                rows.append(alone.submit(measure, form, folder).result())
    show(rows)
    if options.json:
        content = {"host": host_facts(), "rows": [asdict(row) for row in rows]}
        options.json.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
