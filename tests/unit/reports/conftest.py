"""Summaries and comparisons written as letters: enough to see what a report must show."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from recallbench.domain import Grid, Outcome, TrialRecord
from recallbench.domain.layout import Haystacks, Layout
from recallbench.gate.comparison import Comparison, compare
from recallbench.stats import VariantSummary, summarize

OUTCOMES = {
    "r": Outcome.RECALLED,
    "m": Outcome.MISSED,
    "b": Outcome.MISSED,
    "t": Outcome.TRUNCATED,
    "o": Outcome.OVERFLOW,
    "e": Outcome.ERRORED,
}
"""A letter for each outcome; ``b`` is a miss that used its whole budget."""


def summary_of(
    cells: Mapping[tuple[int, float], str],
    *,
    trials: int = 5,
    variant: str = "base",
    asked_lengths: tuple[int, ...] | None = None,
    shared_by: Haystacks = "trial",
    layout: Layout = "single",
) -> VariantSummary:
    """Count trials given as letters for each (length, depth); the grid is made of these.

    A ladder's prompts have as many other needles as there are cells of their length and shorter.
    """
    lengths, depths = ({place[axis] for place in cells} for axis in (0, 1))
    records = [
        TrialRecord(
            variant=variant,
            trial_id=f"{length}-{depth}-{repeat}",
            length_tokens=int(length),
            depth=depth,
            repeat=repeat,
            outcome=OUTCOMES[letter],
            key="4711",
            finish_reason="length" if letter == "b" else "stop",
            prompt_sha256="a" * 64,
            distractors=sum(other <= length for other, _ in cells) - 1 if layout == "ladder" else 0,
        )
        for (length, depth), letters in cells.items()
        for repeat, letter in enumerate(letters)
    ]
    grid = Grid(
        lengths=tuple(sorted(map(int, lengths))), depths=tuple(sorted(depths)), trials=trials
    )
    return summarize(
        records,
        variant=variant,
        grid=grid,
        asked_lengths=asked_lengths,
        shared_by=shared_by,
        layout=layout,
    )


@pytest.fixture(scope="session")
def make_summary() -> Callable[..., VariantSummary]:
    """The function above; fixtures of functions need no package of tests."""
    return summary_of


def comparison_of(
    cells: Mapping[tuple[int, float], tuple[str, str]],
    *,
    names: tuple[str, str] = ("base", "fp8"),
    **terms: Any,
) -> Comparison:
    """Compare trials given as letters of A and of B for each (length, depth)."""
    records: tuple[list[TrialRecord], list[TrialRecord]] = ([], [])
    for (length, depth), both in cells.items():
        for held, name, letters in zip(records, ("base", "fp8"), both, strict=True):
            held.extend(
                TrialRecord(
                    variant=name,
                    trial_id=f"{length}-{depth:g}-{repeat}",
                    length_tokens=int(length),
                    depth=depth,
                    repeat=repeat,
                    outcome=OUTCOMES[letter],
                    key="4711",
                    distractors=2 if terms.get("layout") == "ladder" else 0,
                )
                for repeat, letter in enumerate(letters)
            )
    return compare(*records, names, **terms)


@pytest.fixture(scope="session")
def make_comparison() -> Callable[..., Comparison]:
    """The function above, which compares the same letters once."""
    made: dict[str, Comparison] = {}

    def make(cells: Mapping[tuple[int, float], tuple[str, str]], **terms: Any) -> Comparison:
        key = repr((cells, terms))
        if key not in made:
            made[key] = comparison_of(cells, **terms)
        return made[key]

    return make


@pytest.fixture
def run_entry() -> dict[str, Any]:
    """A variant's entry in ``run.json``, as a run without ``cost`` has it."""
    return {
        "name": "fp8",
        "model": "Qwen/Qwen3-8B",
        "rope_label": "yarn x4",
        "rope_effective": {"status": "proved", "reasons": []},
        "max_model_len": 131_072,
        "quantization": "fp8",
        "kv_cache_dtype": "auto",
        "dtype": None,
        "engine": {
            "version": "0.12.0",
            "max_model_len": 131_072,
            "kv_cache_tokens": 400_000,
            "kv_max_concurrency": 3.05,
            "startup_s": 61.7,
            "dtype": "bfloat16",
            "quantization": "fp8",
            "kv_cache_dtype": "bfloat16",
            "attention_backend": None,
        },
    }
