"""Prompts built in a second on one core, against a builder that tokenizes each prompt as a whole.

    .venv/bin/python scripts/bench_prompts.py [--tokenizer DIR] [--million] [--prove] [--json F]

Every prompt is another one: its own key and label, at one of eleven depths. ``unlike`` ones have a
haystack of their own too; ``shared`` ones (one needle each) and those of a ladder have one a
repeat. Times are CPU milliseconds of this process, so a busy machine does little harm: the mean,
the median over the ``first`` prompts of a repeat (a ladder is planted for them) and over those
``then``, and what it takes to copy a prompt's ids out of the parts that it is built of. One prompt
before them is not counted. ``naive`` is how much longer a naive builder takes. With --prove the ids
of every prompt are held against the tokenizer's reading of its whole text, which takes minutes.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from array import array
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import Protocol

from rich import box
from rich.console import Console
from rich.table import Table

from recallbench.domain import Grid, Prompt, Trial
from recallbench.domain.draws import Draws
from recallbench.domain.layout import Haystacks
from recallbench.engines.embedded_model import default_cache, ensure_embedded_model
from recallbench.engines.host import host_facts
from recallbench.prompts.builder import SPARE_TOKENS, PromptBuilder
from recallbench.prompts.corpus import Corpus
from recallbench.prompts.corpus_cache import cached_corpus
from recallbench.prompts.haystack import prose_haystack
from recallbench.prompts.hf_tokenizer import HfTokenizer, load_tokenizer
from recallbench.prompts.ladder_builder import LadderBuilder
from recallbench.prompts.needle import Recipe
from recallbench.suite.schema import INSTRUCTION, NEEDLE, QUESTION

SEED = 1
DEPTHS = tuple(tenth / 10 for tenth in range(11))
LENGTHS = (8_000, 32_000, 128_000)
MILLION = 1_000_000
REPEATS = 20
REPEATS_PROVED = 5
REPEATS_OF_A_MILLION = 3
NAIVE_PROMPTS = 3
NAIVE_JUMPS = 4
NAIVE_TRIES = 200
RECIPE = Recipe(instruction=INSTRUCTION, needle=NEEDLE, question=QUESTION, answer_prefix="")


class Builder(Protocol):
    """What all builders have in common."""

    def build(self, trial: Trial) -> Prompt:
        """The prompt of a trial."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Prompts of one length, built one way."""

    builder: str
    length_tokens: int
    prompts: int
    mean_ms: float
    first_ms: float
    """Median over the first prompts of a repeat."""
    median_ms: float
    """Median over all others."""
    copy_ms: float
    """Median for copying the ids of a prompt out of its parts."""
    proved: int
    """Prompts whose ids were held against the tokenizer's reading of the whole text."""

    @property
    def per_second(self) -> float:
        """Prompts on one core."""
        return 1000 / self.mean_ms


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """What it takes before the first prompt, in seconds of wall time."""

    length_tokens: int
    """The longest prompt's."""
    tokenizer_s: float
    """Importing transformers and loading the tokenizer."""
    cold_corpus_s: float
    """Tokenizing the corpus and putting it into the cache."""
    warm_corpus_s: float
    """Taking it from the cache."""
    warm_first_prompt_s: float
    """From a loaded tokenizer to the first prompt of this length, corpus in the cache."""


class NaiveBuilder:
    """Cuts the text by proportion and tokenizes the whole prompt until it has the asked length."""

    def __init__(self, tokenizer: HfTokenizer, corpus: Corpus) -> None:
        """Knows the corpus's text and how many characters a token has in it; nothing else."""
        self._tokenizer = tokenizer
        self._text = corpus.text
        self._pace = len(corpus.text) / len(corpus.encoding.ids)
        self._starts = corpus.sentence_starts
        self._frame = tokenizer.frame(thinking=False)

    def ids(self, trial: Trial) -> array[int]:
        """The prompt's token ids."""
        draws = Draws(SEED, trial.identity, "naive")
        start = self._starts[draws.below(500)]
        key = RECIPE.key.draw(draws)
        needle = NEEDLE.replace("{label}", "Falcon").replace("{key}", key)
        question = QUESTION.replace("{label}", "Falcon")
        end = start + round(trial.length_tokens * self._pace)
        for attempt in range(NAIVE_TRIES):
            at = self._text.rfind(". ", start, start + round(trial.depth * (end - start))) + 1
            before, behind = self._text[start : max(at, start)], self._text[max(at, start) : end]
            message = f"{INSTRUCTION}\n\n{before} {needle}{behind}.\n\n{question}"
            text = self._frame.head + message + self._frame.tail
            ids = self._tokenizer.encode(text, at_start=True).ids
            missing = trial.length_tokens - len(ids)
            if not missing:
                return ids
            step = round(missing * self._pace)
            end += step if attempt < NAIVE_JUMPS else (1 if missing > 0 else -1)
        raise RuntimeError(f"no prompt of {trial.length_tokens} tokens in {NAIVE_TRIES} tries")


def trials_of(length: int, repeats: int, depths: Sequence[float] = DEPTHS) -> list[Trial]:
    """Repeat after repeat, so that prompts which share a haystack follow each other."""
    return [
        Trial(trial_id=f"{repeat}-{depth}", length_tokens=length, depth=depth, repeat=repeat)
        for repeat in range(repeats)
        for depth in depths
    ]


def measure(
    name: str, builder: Builder, trials: Sequence[Trial], prover: HfTokenizer | None
) -> Row:
    """Build all prompts once; with a prover, hold them against it."""
    firsts: list[float] = []
    others: list[float] = []
    copies: list[float] = []
    prompts: list[Prompt] = []
    builder.build(replace(trials[-1], repeat=trials[-1].repeat + 1))
    for _, together in groupby(trials, key=lambda trial: trial.repeat):
        for place, trial in enumerate(together):
            began = time.process_time()
            prompt = builder.build(trial)
            built = time.process_time()
            _ = prompt.token_ids
            copies.append(1000 * (time.process_time() - built))
            (others if place else firsts).append(1000 * (built - began))
            prompts.append(prompt)
    proved = [is_proved(*pair, prover) for pair in zip(prompts, trials, strict=True) if prover]
    return Row(
        builder=name,
        length_tokens=trials[0].length_tokens,
        prompts=len(trials),
        mean_ms=statistics.mean(firsts + others),
        first_ms=statistics.median(firsts),
        median_ms=statistics.median(others),
        copy_ms=statistics.median(copies),
        proved=sum(proved),
    )


def is_proved(prompt: Prompt, trial: Trial, prover: HfTokenizer) -> bool:
    """True, or an error: the ids are those of the whole text, and as many as asked."""
    ids = prompt.token_ids
    if len(ids) != trial.length_tokens or ids != prover.encode(prompt.text, at_start=True).ids:
        raise RuntimeError(f"not what the tokenizer makes of it: {trial}")
    return True


def measure_naive(builder: NaiveBuilder, length: int) -> Row:
    """Few prompts: each takes a second and more."""
    times = []
    for trial in trials_of(length, NAIVE_PROMPTS, [0.5]):
        began = time.process_time()
        builder.ids(trial)
        times.append(1000 * (time.process_time() - began))
    return Row(
        builder="naive",
        length_tokens=length,
        prompts=len(times),
        mean_ms=statistics.mean(times),
        first_ms=times[0],
        median_ms=statistics.median(times),
        copy_ms=0.0,
        proved=0,
    )


def single(tokenizer: HfTokenizer, corpus: Corpus, haystacks: Haystacks) -> PromptBuilder:
    """The builder of one needle a prompt."""
    return PromptBuilder(
        tokenizer=tokenizer,
        frame=tokenizer.frame(thinking=False),
        corpus=corpus,
        recipe=RECIPE,
        seed=SEED,
        haystacks=haystacks,
    )


def bench_length(
    tokenizer: HfTokenizer, corpus: Corpus, length: int, *, prove: bool, naive: bool
) -> list[Row]:
    """All builders at one length."""
    repeats = REPEATS_PROVED if prove else REPEATS
    if length >= MILLION:
        repeats = REPEATS_OF_A_MILLION
    trials = trials_of(length, repeats)
    builders: dict[str, Builder] = {
        "unlike": single(tokenizer, corpus, "trial"),
        "shared": single(tokenizer, corpus, "repeat"),
        "ladder": LadderBuilder(
            tokenizer=tokenizer,
            frame=tokenizer.frame(thinking=False),
            corpus=corpus,
            recipe=RECIPE,
            seed=SEED,
            grid=Grid(lengths=(length,), depths=DEPTHS, trials=repeats),
        ),
    }
    prover = tokenizer if prove else None
    rows = [measure(name, builder, trials, prover) for name, builder in builders.items()]
    return [*rows, measure_naive(NaiveBuilder(tokenizer, corpus), length)] if naive else rows


def start(source: str, longest: int, cache: Path) -> tuple[Start, HfTokenizer, Corpus]:
    """Load the tokenizer, make the corpus, and build one prompt as a second run would."""

    def corpus_of() -> Corpus:
        return cached_corpus(
            prose_haystack(SEED),
            tokenizer,
            longest + SPARE_TOKENS,
            fingerprint=tokenizer.fingerprint,
            cache=cache,
            say=print,
        )

    began = time.perf_counter()
    tokenizer = load_tokenizer(source)
    loaded = time.perf_counter()
    corpus_of()
    made = time.perf_counter()
    del tokenizer.fingerprint  # a second run has to work it out again
    corpus = corpus_of()
    read = time.perf_counter()
    single(tokenizer, corpus, "trial").build(trials_of(longest, 1, [0.5])[0])
    facts = Start(
        length_tokens=longest,
        tokenizer_s=loaded - began,
        cold_corpus_s=made - loaded,
        warm_corpus_s=read - made,
        warm_first_prompt_s=time.perf_counter() - made,
    )
    return facts, tokenizer, corpus


def show(facts: Start, rows: Sequence[Row]) -> None:
    """Print what was measured."""
    naive_ms = {row.length_tokens: row.mean_ms for row in rows if row.builder == "naive"}
    heads = ("builder", "tokens", "a second", "ms", "first", "then", "copy", "naive", "proved")
    table = Table(*heads, box=box.SIMPLE, padding=(0, 1, 0, 0), pad_edge=False)
    for row in rows:
        numbers = (row.mean_ms, row.first_ms, row.median_ms, row.copy_ms)
        ratio = naive_ms.get(row.length_tokens, 0.0) / row.mean_ms
        table.add_row(
            row.builder,
            f"{row.length_tokens:,}",
            f"{row.per_second:,.1f}" if row.builder == "naive" else f"{row.per_second:,.0f}",
            *(f"{number:.2f}" for number in numbers),
            f"{ratio:,.0f}x" if ratio else "",
            f"{row.proved}" if row.proved else "",
        )
    console = Console()
    console.print(table)
    console.print(
        f"tokenizer loaded in {facts.tokenizer_s:.2f} s; "
        f"corpus for {facts.length_tokens:,} tokens: {facts.cold_corpus_s:.2f} s tokenized, "
        f"{facts.warm_corpus_s:.2f} s from the cache; "
        f"first prompt {facts.warm_first_prompt_s:.2f} s behind the tokenizer, corpus in the cache"
    )


def main() -> None:
    """Parse, measure, show."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tokenizer", help="folder or hub id  [default: the embedded model's]")
    parser.add_argument("--million", action="store_true", help=f"also prompts of {MILLION:,}")
    parser.add_argument("--prove", action="store_true", help="tokenize every prompt as a whole too")
    parser.add_argument("--json", type=Path, help="also write the numbers here")
    options = parser.parse_args()
    lengths = (*LENGTHS, *((MILLION,) if options.million else ()))
    source = options.tokenizer or str(ensure_embedded_model(default_cache(), print))
    with tempfile.TemporaryDirectory() as cache:
        facts, tokenizer, corpus = start(source, max(lengths), Path(cache))
    rows = [
        row
        for length in lengths
        for row in bench_length(
            tokenizer, corpus, length, prove=options.prove, naive=length < MILLION
        )
    ]
    show(facts, rows)
    if options.json:
        content = {
            "host": host_facts(),
            "tokenizer": source,
            "start": asdict(facts),
            "rows": [{**asdict(row), "per_second": row.per_second} for row in rows],
        }
        options.json.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
