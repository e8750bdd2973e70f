"""What an order of trials costs: real prompts through a prefix cache, block for block.

    .venv/bin/python scripts/bench_order.py [--length 8192,131072] [--capacity TOKENS] [--json F]

The cache finds and gives up what vLLM's does, one request after another. With room for everything
all orders cost the same; how much room each needs is what tells them apart. By default the cache
holds two and a half of the longest prompts. ``off`` is how far the tokens that recallbench expects
of the server are from those that are found, at most, where nothing is given up.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import chain
from pathlib import Path

from rich.console import Console
from rich.table import Table

from recallbench.domain import Grid, Prompt, Trial
from recallbench.domain.layout import Haystacks, Layout
from recallbench.engines.embedded_model import default_cache, ensure_embedded_model
from recallbench.engines.host import host_facts
from recallbench.errors import PromptError
from recallbench.prompts.builder import SPARE_TOKENS, PromptBuilder
from recallbench.prompts.corpus import tokenize_haystack
from recallbench.prompts.haystack import prose_haystack
from recallbench.prompts.hf_tokenizer import HfTokenizer, load_tokenizer
from recallbench.prompts.ladder_builder import LadderBuilder
from recallbench.prompts.needle import Recipe
from recallbench.schedule.block_cache import BlockCache, Score, score
from recallbench.schedule.forecast import computed_tokens
from recallbench.schedule.order import stages
from recallbench.schedule.standing import Standing
from recallbench.suite.schema import BEGUN_ANSWER, INSTRUCTION, NEEDLE, QUESTION

ANSWER_TOKENS = 16
WIDTH = 100
"""Of the table, also where it is written to a file."""
Build = Callable[[Trial], Prompt]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One order of one layout's trials."""

    layout: Layout
    haystacks: Haystacks
    order: str
    score: Score
    """In the cache."""
    forecast_tokens: int
    """Computed tokens as a plan foretells them: no blocks, no questions, nothing given up."""
    off_tokens: int
    """The greatest difference of expected and found tokens of a prompt, with all the room."""
    ratio: float
    """Computed tokens over those of the same layout's trials in our order."""


def trials_of(grid: Grid) -> list[Trial]:
    """All trials in plain loops: repeat by repeat, the shortest and shallowest first."""
    return [
        Trial(
            trial_id=f"{length}/{depth}/{repeat}", length_tokens=length, depth=depth, repeat=repeat
        )
        for repeat in range(grid.trials)
        for length in grid.lengths
        for depth in grid.depths
    ]


def builders(tokenizer: HfTokenizer, grid: Grid) -> Mapping[tuple[Layout, Haystacks], Build]:
    """What builds the prompts of each layout."""
    corpus = tokenize_haystack(prose_haystack(1), tokenizer, max(grid.lengths) + SPARE_TOKENS)
    recipe = Recipe(
        instruction=INSTRUCTION, needle=NEEDLE, question=QUESTION, answer_prefix=BEGUN_ANSWER
    )
    frame = tokenizer.frame(thinking=False)

    def single(haystacks: Haystacks) -> Build:
        return PromptBuilder(
            tokenizer=tokenizer,
            frame=frame,
            corpus=corpus,
            recipe=recipe,
            seed=1,
            haystacks=haystacks,
        ).build

    ladder = LadderBuilder(
        tokenizer=tokenizer, frame=frame, corpus=corpus, recipe=recipe, seed=1, grid=grid
    )
    return {
        ("single", "trial"): single("trial"),
        ("single", "repeat"): single("repeat"),
        ("single", 1): single(1),
        ("ladder", "repeat"): ladder.build,
    }


def orders(
    trials: Sequence[Trial], layout: Layout, haystacks: Haystacks, capacity: int
) -> Iterator[tuple[str, Iterable[Trial]]]:
    """Ours first, and others to hold it against."""
    ours = stages(trials, layout, haystacks, capacity_tokens=capacity)
    yield "ours", chain.from_iterable(ours)
    if haystacks != "trial":
        yield "loops", trials
        yield "shuffled", random.Random(1).sample(trials, len(trials))  # noqa: S311 - no secret


def off_tokens(prompts: Iterable[Prompt], block: int) -> int:
    """How far the expected tokens of a prompt are from those found, at most."""
    standing, cache = Standing(block), BlockCache(block, None)
    worst = 0
    for prompt in prompts:
        worst = max(worst, abs((standing.expected(prompt) or 0) - cache.run(prompt.token_ids)))
        standing.add(prompt)
    return worst


def rows_of(
    key: tuple[Layout, Haystacks], build: Build, grid: Grid, block: int, capacity: int
) -> Iterator[Row]:
    """A row for each order of a layout's trials."""
    layout, haystacks = key
    trials = trials_of(grid)
    built = {trial.trial_id: build(trial) for trial in trials}
    ours = None
    for name, order in orders(trials, layout, haystacks, capacity):
        prompts = [built[trial.trial_id] for trial in order]
        cache = BlockCache(block, capacity // block)
        found = score((prompt.token_ids for prompt in prompts), cache, ANSWER_TOKENS)
        ours = ours or found
        yield Row(
            layout=layout,
            haystacks=haystacks,
            order=name,
            score=found,
            forecast_tokens=computed_tokens(trials, layout, haystacks),
            off_tokens=off_tokens(prompts, block),
            ratio=found.computed_tokens / ours.computed_tokens,
        )


def show(rows: Iterable[Row], title: str) -> None:
    """Print the table."""
    table = Table(title=title)
    for name in ("layout", "order"):
        table.add_column(name, no_wrap=True)
    for name in ("asked", "forecast", "computed", "cached", "ratio", "off"):
        table.add_column(name, justify="right", no_wrap=True)
    for row in rows:
        table.add_row(
            f"{row.layout}, {row.haystacks}",
            row.order,
            f"{row.score.prompt_tokens:,}",
            f"{row.forecast_tokens:,}",
            f"{row.score.computed_tokens:,}",
            f"{row.score.share_cached or 0:.1%}",
            f"{row.ratio:.2f}",
            f"{row.off_tokens:,}",
        )
    Console(width=WIDTH).print(table)


def main() -> None:
    """Parse, score, show."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tokenizer", help="folder or hub id  [default: the embedded model's]")
    parser.add_argument("--length", default="1024,2048,4096,8192,16384")
    parser.add_argument("--depths", type=int, default=11, help="from 0 to 1  [default: 11]")
    parser.add_argument("--trials", type=int, default=5, help="in each cell  [default: 5]")
    parser.add_argument("--block", type=int, default=16, help="tokens in a block  [default: 16]")
    parser.add_argument("--capacity", type=int, help="tokens that the cache holds")
    parser.add_argument("--json", type=Path, help="also write the numbers here")
    options = parser.parse_args()
    steps = max(options.depths - 1, 1)
    grid = Grid(
        lengths=tuple(sorted(map(int, options.length.split(",")))),
        depths=tuple(step / steps for step in range(options.depths)),
        trials=options.trials,
    )
    capacity = options.capacity or 5 * grid.lengths[-1] // 2
    tokenizer = load_tokenizer(
        options.tokenizer or str(ensure_embedded_model(default_cache(), print))
    )
    rows: list[Row] = []
    for key, build in builders(tokenizer, grid).items():
        try:
            rows += rows_of(key, build, grid, options.block, capacity)
        except PromptError as error:
            print(f"{key[0]} left out: {error}")
    show(rows, f"{capacity:,} tokens of cache in blocks of {options.block}")
    if options.json:
        content = {
            "host": host_facts(),
            "grid": asdict(grid),
            "block_tokens": options.block,
            "capacity_tokens": capacity,
            "rows": [asdict(row) for row in rows],
        }
        options.json.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
