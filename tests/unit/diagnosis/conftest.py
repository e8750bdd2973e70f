"""Cases written as letters, and cases drawn by chance from a recall that is known."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from recallbench.diagnosis import ServingFacts
from recallbench.diagnosis.case import Case, case_of
from recallbench.domain import Grid, Outcome, TrialRecord
from recallbench.stats import summarize

LENGTHS = (8000, 16000, 32000, 64000, 128000)
FACTS = ServingFacts(
    model="org/model",
    suite="long",
    native_length_tokens=32768,
    cos_sin_rows=131072,
    max_model_len=131072,
    rope_is_scaled=True,
    rope_type="yarn",
    hf_overrides='{"rope_parameters": {"rope_type": "yarn"}}',
    concurrency=8,
    answer_budget_tokens=64,
)
START = datetime(2026, 1, 1, tzinfo=UTC)
TALKS = "I cannot find it: the text is about a lighthouse, its keeper and the boats that pass by"
LETTERS: Mapping[str, Mapping[str, Any]] = {
    "r": {"outcome": Outcome.RECALLED, "answer": " 47114711."},
    "m": {"outcome": Outcome.MISSED, "answer": " It is not in the text."},
    "b": {"outcome": Outcome.MISSED, "answer": TALKS, "finish_reason": "length"},
    "z": {"outcome": Outcome.MISSED, "answer": "!" * 64, "finish_reason": "length"},
    "g": {"outcome": Outcome.MISSED, "answer": " aut" * 16, "finish_reason": "length"},
    "t": {"outcome": Outcome.TRUNCATED, "answer": "", "finish_reason": "length"},
    "o": {"outcome": Outcome.OVERFLOW, "error": "maximum context length", "latency_s": None},
    "e": {"outcome": Outcome.ERRORED, "error": "connection reset", "latency_s": None},
}
"""A letter for each kind of trial; ``b`` fills its budget with words, ``z`` with token 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One trial to draw an outcome for."""

    length: int
    depth: float
    is_warm: bool
    is_alone: bool


Recall = Callable[[Asked], float]


def trial(length: int, depth: float, repeat: int, letter: str, **known: Any) -> TrialRecord:
    kind = LETTERS[letter]
    finished_at = START + timedelta(seconds=known.pop("end_s", 100.0 * repeat))
    entries: dict[str, Any] = {
        "variant": "base",
        "trial_id": f"{length}-{depth}-{repeat}",
        "length_tokens": length,
        "depth": depth,
        "repeat": repeat,
        "key": "47114711",
        "finish_reason": "stop",
        "prompt_tokens": length,
        "completion_tokens": 64 if kind.get("finish_reason") else 11,
        "latency_s": 1.0,
        "finished_at": finished_at.isoformat(timespec="milliseconds"),
    }
    return TrialRecord(**{**entries, **kind, **known})


def case_with(records: Iterable[TrialRecord], **facts: Any) -> Case:
    """A case of these records; the grid is made of them."""
    records = tuple(records)
    grid = Grid(
        lengths=tuple(sorted({record.length_tokens for record in records})),
        depths=tuple(sorted({record.depth for record in records})),
        trials=1 + max(record.repeat for record in records),
    )
    summary = summarize(records, variant="base", grid=grid)
    return case_of(summary, records, replace(FACTS, **facts))


def case_written(cells: Mapping[tuple[int, float], str], **facts: Any) -> Case:
    """Trials given as letters for each (length, depth)."""
    return case_with(
        (
            trial(length, depth, repeat, letter)
            for (length, depth), letters in cells.items()
            for repeat, letter in enumerate(letters)
        ),
        **facts,
    )


def case_drawn(
    seed: str,
    recall: Recall,
    *,
    n_depths: int = 5,
    trials: int = 5,
    missed: str = "mb",
    **facts: Any,
) -> Case:
    """Outcomes drawn from a known recall; a third of the requests was alone, half had warm tokens.

    Those in company overlap by half with their neighbours, as they come in pairs.
    """
    draws, now_s = random.Random(seed), 0.0
    depths = [index / (n_depths - 1) for index in range(n_depths)]
    grid = [(length, depth, n) for n in range(trials) for length in LENGTHS for depth in depths]
    records = []
    draws.shuffle(grid)
    while grid:
        is_alone = draws.random() < 0.2 or len(grid) == 1
        for number in range(1 if is_alone else 2):
            length, depth, repeat = grid.pop()
            asked = Asked(
                length=length, depth=depth, is_warm=draws.random() < 0.5, is_alone=is_alone
            )
            letter = "r" if draws.random() < recall(asked) else draws.choice(missed)
            end_s, cached = now_s + 1.0 + 0.5 * number, 16 * asked.is_warm
            records.append(trial(length, depth, repeat, letter, end_s=end_s, cached_tokens=cached))
        now_s += 2.0
    return case_with(records, **facts)


@pytest.fixture(scope="session")
def written() -> Callable[..., Case]:
    """Fixtures of functions need no package of tests."""
    return case_written


@pytest.fixture(scope="session")
def drawn() -> Callable[..., Case]:
    return case_drawn


@pytest.fixture(scope="session")
def told_by() -> Callable[..., Case]:
    return case_with


@pytest.fixture(scope="session")
def a_trial() -> Callable[..., TrialRecord]:
    return partial(trial, 8000, 0.5)


@pytest.fixture
def facts() -> ServingFacts:
    return FACTS
