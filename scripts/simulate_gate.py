"""How often the sequential tests are wrong, and how many trials they ask, by simulation.

    .venv/bin/python scripts/simulate_gate.py CSV [--replicates N]

Seeded. Prints a Markdown table and writes the same rows to CSV. ``fixed`` is the smallest number
of trials with which a test of fixed size, deciding by an exact binomial bound, has both errors at
most as large.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.stats import binom

from recallbench.stats.evidence import Boundaries
from recallbench.stats.floor_test import FloorTest
from recallbench.stats.mean_test import FAIL_BETS, PASS_BETS, DropTest, LevelTest

SEED = 20_240_607
MOST_TRIALS = 300
DEPTHS = 5
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One test under one truth; shares of the replicates and mean trials asked."""

    test: str
    truth: str
    replicates: int
    passed: float
    failed: float
    undecided: float
    mean_trials: float
    fixed: int | None = None
    ratio: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ends:
    """How the replicates ended; arrays of shape (replicates,)."""

    verdicts: npt.NDArray[np.int64]
    """1 passed, -1 failed, 0 undecided."""
    rounds: npt.NDArray[np.int64]
    """Rounds asked."""


def ends(for_pass: Floats, for_fail: Floats, at: Boundaries) -> Ends:
    """First crossings of evidence of shape (replicates, rounds)."""
    marks = np.where(for_fail >= at.fail_at, -1, np.where(for_pass >= at.pass_at, 1, 0))
    decided = (marks != 0).any(axis=1)
    first = (marks != 0).argmax(axis=1)
    verdicts = np.where(decided, marks[np.arange(len(marks)), first], 0)
    return Ends(verdicts=verdicts, rounds=np.where(decided, first + 1, marks.shape[1]))


def row(test: str, truth: str, found: Ends, *, size: int = DEPTHS, fixed: int | None = None) -> Row:
    """Count how replicates ended."""
    mean = float(found.rounds.mean()) * size
    return Row(
        test=test,
        truth=truth,
        replicates=len(found.rounds),
        passed=float((found.verdicts == 1).mean()),
        failed=float((found.verdicts == -1).mean()),
        undecided=float((found.verdicts == 0).mean()),
        mean_trials=round(mean, 2),
        fixed=fixed,
        ratio=round(mean / fixed, 3) if fixed else None,
    )


@lru_cache
def fixed_trials(test: FloorTest) -> int:
    """Trials of the smallest test of fixed size with errors at most as large."""
    for n in range(1, 100_000):
        allowed = int(binom.isf(test.false_alarm, n, 1 - test.floor))
        if binom.cdf(allowed, n, 1 - test.broken) <= test.miss:
            return n
    raise ValueError(f"no fixed test within 100000 trials for {test}")


def floor_ends(
    rng: np.random.Generator, test: FloorTest, recalls: Sequence[float], replicates: int
) -> Ends:
    """A floor test on rounds of len(recalls) independent trials, of which each has its recall."""
    size = len(recalls)
    shape = (replicates, MOST_TRIALS // size)
    misses = sum(((rng.random(shape) >= p).astype(np.int64) for p in recalls), np.zeros(shape))
    lost = misses.cumsum(axis=1)
    asked = size * np.arange(1, shape[1] + 1)
    hit = np.log(test.floor / test.broken)
    miss = np.log((1 - test.broken) / (1 - test.floor))
    weight = (asked - lost) * hit - lost * miss
    return ends(weight, -weight, test.boundaries(size))


def log_wealth(counts: Floats, gains: Sequence[float], bets: Sequence[float]) -> Floats:
    """Log mean wealth after each round.

    Args:
        counts: of each value in each round, shape (replicates, rounds, n_values).
        gains: what each value is above the null, shape (n_values,).
        bets: shape (n_bets,).
    """
    with np.errstate(divide="ignore"):
        factors = np.log(np.maximum(1 + np.outer(gains, bets), 1e-15))
    paths = (counts @ factors).cumsum(axis=1)
    return np.asarray(np.logaddexp.reduce(paths, axis=2) - np.log(len(bets)))


def mean_ends(
    counts: Floats, values: Sequence[float], null: float, span: Sequence[float], at: Boundaries
) -> Ends:
    """A betting test; span is the largest distance of a value below and above the null."""
    gains = [value - null for value in values]
    up = [share / span[0] for share in PASS_BETS]
    down = [-share / span[1] for share in FAIL_BETS]
    return ends(log_wealth(counts, gains, up), log_wealth(counts, gains, down), at)


def floor_rows(rng: np.random.Generator, replicates: int) -> Iterator[Row]:
    """Floor tests: round sizes, uneven depths, other floors."""
    for size in (DEPTHS, 1):
        test = FloorTest(floor=0.98, tolerance=0.08)
        name = f"floor .98, tolerance .08, {size} a round"
        for p in (1.0, 0.98, 0.94, 0.90, 0.5):
            found = floor_ends(rng, test, [p] * size, replicates)
            yield row(name, f"recall {p:g}", found, size=size, fixed=fixed_trials(test))
    for recalls in (
        (1, 1, 1, 1, 0.9),
        (1, 1, 1, 0.95, 0.95),
        (1, 1, 1, 1, 0.5),
        (1, 1, 1, 0.75, 0.75),
    ):
        found = floor_ends(rng, test, recalls, replicates)
        truth = f"recalls {', '.join(f'{p:g}' for p in recalls)}"
        yield row("floor .98, tolerance .08, 5 a round", truth, found, fixed=fixed_trials(test))
    for floor in (0.95, 0.93, 0.85):
        test = FloorTest(floor=floor, tolerance=0.08)
        for p in (1.0, floor, floor - 0.08, 0.5):
            found = floor_ends(rng, test, [p] * DEPTHS, replicates)
            name = f"floor {floor:g}, tolerance .08, 5 a round"
            yield row(name, f"recall {p:g}", found, fixed=fixed_trials(test))


def family_row(rng: np.random.Generator, replicates: int) -> Row:
    """Four lengths, all at the floor, each with a quarter of the false alarm."""
    test = FloorTest(floor=0.98, tolerance=0.08, false_alarm=0.05 / 4)
    four = [floor_ends(rng, test, [0.98] * DEPTHS, replicates) for _ in range(4)]
    verdicts = np.stack([each.verdicts for each in four])
    found = Ends(
        verdicts=np.where((verdicts == -1).any(axis=0), -1, verdicts.min(axis=0)),
        rounds=np.sum([each.rounds for each in four], axis=0),
    )
    return row("4 lengths, floor .98, false alarm .05 / 4", "recall 0.98", found)


def drop_rows(rng: np.random.Generator, replicates: int) -> Iterator[Row]:
    """Paired tests, by lost and gained shares."""
    test = DropTest(max_drop=0.05)
    pairs = ((0, 0), (0.01, 0.01), (0.03, 0.03), (0.05, 0), (0.06, 0.01), (0.10, 0.05))
    for lost, gained in (*pairs, (0.10, 0), (0.15, 0.05), (0.30, 0), (0.35, 0.05)):
        shares = [lost, 1 - lost - gained, gained]
        counts = rng.multinomial(DEPTHS, shares, (replicates, MOST_TRIALS // DEPTHS))
        found = mean_ends(
            counts.astype(float), (-1, 0, 1), -0.05, (1 - 0.05, 1 + 0.05), test.boundaries
        )
        yield row("drop at most .05", f"lost {lost:g}, gained {gained:g}", found)


def level_rows(rng: np.random.Generator, replicates: int) -> Iterator[Row]:
    """Level tests at, above and below their level."""
    for level, recalls in ((0.9, (1.0, 0.98, 0.9, 0.8, 0.5)), (0.8, (1.0, 0.9, 0.8, 0.6, 0.0))):
        at = LevelTest(level=level).boundaries
        for p in recalls:
            hits = rng.binomial(DEPTHS, p, (replicates, MOST_TRIALS // DEPTHS)).astype(float)
            counts = np.stack([DEPTHS - hits, hits], axis=2)
            found = mean_ends(counts, (0, 1), level, (level, 1 - level), at)
            yield row(f"level {level:g}", f"recall {p:g}", found)


def show(rows: Sequence[Row]) -> None:
    """Print the Markdown table."""
    names = [field.name for field in fields(Row)]
    print(f"| {' | '.join(names)} |\n|{' --- |' * len(names)}")
    for each in rows:
        print(f"| {' | '.join(told(cell) for cell in astuple(each))} |")


def told(cell: Any) -> str:  # noqa: ANN401 - a cell of any column
    """One cell."""
    if cell is None:
        return "-"
    return f"{cell:.4g}" if isinstance(cell, float) else str(cell)


def main() -> None:
    """Simulate, show, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("csv", type=Path, help="where to write the rows")
    parser.add_argument("--replicates", type=int, default=50_000)
    options = parser.parse_args()
    rng, replicates = np.random.default_rng(SEED), options.replicates
    rows = [
        *floor_rows(rng, replicates),
        family_row(rng, replicates),
        *drop_rows(rng, replicates),
        *level_rows(rng, replicates),
    ]
    show(rows)
    with options.csv.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(field.name for field in fields(Row))
        writer.writerows(astuple(each) for each in rows)


if __name__ == "__main__":
    main()
