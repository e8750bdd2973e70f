"""How often intervals hold the truth, and how often tests err: a table, and the same as CSV.

    .venv/bin/python scripts/simulate_coverage.py results/coverage.csv

Independent trials and pairs are summed over all that can come out: those rows are exact. Clustered
ones are drawn, from one seed, DRAWS times; their standard error is in the table. A haystack's own
recall follows a beta distribution (its three kinds of pairs a Dirichlet), whose intra-cluster
correlation is the row's. Nominal are 95% for intervals and at most 5% for tests.
"""

from __future__ import annotations

import argparse
import csv
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from math import sqrt
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln, xlogy
from scipy.stats import binom

from recallbench.stats.bounds import exact_interval
from recallbench.stats.clusters import Clusters
from recallbench.stats.paired import PairedCounts
from recallbench.stats.paired_clusters import ClusteredPairs
from recallbench.stats.proportion import Interval, Proportion

NOMINAL = 0.95
LEVEL = 0.05
SIZES = (5, 10, 20, 50, 100, 200)
RECALLS = (0.5, 0.9, 0.98, 1.0)
A_HAYSTACK = 5
CORRELATIONS = (0.1, 0.3, 1.0)
DRAWS = 4_000
PAIRS = (20, 50)
CLUSTERED_PAIRS = (20, 50, 100)
MARGINS = (0.05, 0.1)
SURPLUS = (0.0, 0.05, 0.2)
"""Share of pairs that are gained, where as many and the margin are lost."""
SEED = 20_240_501

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Table = tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """How often one interval held the truth, or one test erred."""

    design: str
    method: str
    measure: str
    n: int
    truth: str
    correlation: float
    share: float
    standard_error: float


def independent() -> Iterator[Row]:
    """Coverage of independent trials: exact."""
    methods: dict[str, Callable[[Proportion], Interval | None]] = {
        "Wilson": Proportion.interval,
        "exact": exact_interval,
    }
    for (name, method), true, n in product(methods.items(), RECALLS, SIZES):
        ends = [method(Proportion(k=k, n=n)) for k in range(n + 1)]
        chances = binom.pmf(np.arange(n + 1), n, true)
        share = sum(c for c, end in zip(chances, ends, strict=True) if holds(end, true))
        yield row("independent", name, "coverage", n=n, truth=f"{true:g}", share=float(share))


OF_CLUSTERS: dict[str, Callable[[Clusters, float], bool]] = {
    "Wilson": lambda found, true: holds(found.proportion.interval(), true),
    "Clusters": lambda found, true: holds(found.interval(), true),
    "Clusters, lower bound": lambda found, true: (found.lower_bound() or 0.0) <= true,
    "Clusters, upper bound": lambda found, true: (found.upper_bound() or 0.0) >= true,
}
"""Whether each answer about clusters holds a true recall."""


def clustered(rng: np.random.Generator) -> Iterator[Row]:
    """Coverage of trials of which five share a haystack: drawn."""
    for correlation, true, n in product(CORRELATIONS, RECALLS, SIZES):
        count = n // A_HAYSTACK
        own = beta(rng, true, correlation, size=(DRAWS, count))
        drawn = Counter(map(tuple, np.sort(rng.binomial(A_HAYSTACK, own), axis=1).tolist()))
        found = {hits: Clusters(hits=hits, trials=(A_HAYSTACK,) * count) for hits in drawn}
        for name, is_held in OF_CLUSTERS.items():
            share = sum(times * is_held(found[hits], true) for hits, times in drawn.items()) / DRAWS
            yield row(
                "5 a haystack",
                name,
                "coverage",
                n=n,
                truth=f"{true:g}",
                share=share,
                correlation=correlation,
                draws=DRAWS,
            )


def paired() -> Iterator[Row]:
    """Coverage and size of independent pairs whose true difference is the margin: exact."""
    for n, margin in product(PAIRS, MARGINS):
        every = [(g, x) for g in range(n + 1) for x in range(n + 1 - g)]
        tables = [PairedCounts(both=n - g - x, lost=x, gained=g, neither=0) for g, x in every]
        held = np.array([holds(table.interval(), -margin) for table in tables])
        inferior = np.array([(table.p_inferior_by(margin) or 0.0) <= LEVEL for table in tables])
        worse = np.array([(table.p_not_inferior_by(margin) or 0.0) <= LEVEL for table in tables])
        for gained in SURPLUS:
            chances = trinomial(every, n, gained, gained + margin)
            truth = f"-{margin:g}, {gained:g} gained"
            measures = (
                ("Tango", "coverage", held),
                ("p_inferior_by", "errs", inferior),
                ("p_not_inferior_by", "errs", worse),
            )
            for name, measure, which in measures:
                share = float(chances[which].sum())
                yield row("pairs", name, measure, n=n, truth=truth, share=share)


def clustered_pairs(rng: np.random.Generator) -> Iterator[Row]:
    """Size of the tests of pairs of which five share a haystack: drawn."""
    for correlation, n, margin, gained in product(CORRELATIONS, CLUSTERED_PAIRS, MARGINS, SURPLUS):
        count = n // A_HAYSTACK
        kinds = np.array([gained, gained + margin, 1.0 - 2.0 * gained - margin])
        own = dirichlet(rng, kinds, correlation, size=(DRAWS // 2, count))
        tables = rng.multinomial(A_HAYSTACK, own)[..., :2].tolist()
        drawn = Counter(tuple(sorted(map(tuple, table))) for table in tables)
        held = inferior = worse = 0
        for table, times in drawn.items():
            found = of_haystacks(table)
            held += times * holds(found.interval(), -margin)
            inferior += times * ((found.p_inferior_by(margin) or 0.0) <= LEVEL)
            worse += times * ((found.p_not_inferior_by(margin) or 0.0) <= LEVEL)
        for name, measure, hits in (
            ("ClusteredPairs", "coverage", held),
            ("p_inferior_by", "errs", inferior),
            ("p_not_inferior_by", "errs", worse),
        ):
            yield row(
                "pairs, 5 a haystack",
                name,
                measure,
                n=n,
                truth=f"-{margin:g}, {gained:g} gained",
                share=hits / (DRAWS // 2),
                correlation=correlation,
                draws=DRAWS // 2,
            )


def of_haystacks(table: Table) -> ClusteredPairs:
    """Pairs of haystacks, from (gained, lost) of each."""
    return ClusteredPairs(
        gained=tuple(gained for gained, _ in table),
        lost=tuple(lost for _, lost in table),
        trials=(A_HAYSTACK,) * len(table),
    )


def holds(interval: Interval | None, true: float) -> bool:
    """Whether an interval holds the truth; ends count, and a rounding of them."""
    return interval is not None and interval.low - 1e-12 <= true <= interval.high + 1e-12


def beta(
    rng: np.random.Generator, mean: float, correlation: float, *, size: tuple[int, int]
) -> Floats:
    """Recalls of haystacks, of a mean and an intra-cluster correlation."""
    if mean in {0.0, 1.0}:
        return np.full(size, mean)
    if correlation == 1.0:
        return (rng.random(size) < mean).astype(np.float64)
    total = 1.0 / correlation - 1.0
    return rng.beta(mean * total, (1.0 - mean) * total, size)


def dirichlet(
    rng: np.random.Generator, means: Floats, correlation: float, *, size: tuple[int, int]
) -> Floats:
    """Shares of the kinds of pairs in haystacks, of means and an intra-cluster correlation."""
    if correlation == 1.0:
        return rng.multinomial(1, means, size=size).astype(np.float64)
    # A kind that never is has no Dirichlet parameter above 0.
    shares = np.zeros((*size, len(means)))
    some = means > 0.0
    shares[..., some] = rng.dirichlet(means[some] * (1.0 / correlation - 1.0), size=size)
    return np.asarray(shares / shares.sum(axis=-1, keepdims=True))


def trinomial(every: Sequence[tuple[int, int]], n: int, first: float, second: float) -> Floats:
    """Probabilities of (first, second) counts among ``n``; shape (n_tables,)."""
    counts = np.array([(a, b, n - a - b) for a, b in every])
    shares = np.array([first, second, 1.0 - first - second])
    logs = gammaln(n + 1) - gammaln(counts + 1).sum(axis=1) + xlogy(counts, shares).sum(axis=1)
    return np.asarray(np.exp(logs))


def row(
    design: str,
    method: str,
    measure: str,
    *,
    n: int,
    truth: str,
    share: float,
    correlation: float = 0.0,
    draws: int | None = None,
) -> Row:
    """A row; without draws its share is exact."""
    return Row(
        design=design,
        method=method,
        measure=measure,
        n=n,
        truth=truth,
        correlation=correlation,
        share=share,
        standard_error=sqrt(share * (1.0 - share) / draws) if draws else 0.0,
    )


def markdown(rows: Sequence[Row]) -> Iterator[str]:
    """Lines of tables: a row for each method and truth, a column for each number of trials."""
    for design in dict.fromkeys(r.design for r in rows):
        of_design = [r for r in rows if r.design == design]
        sizes = sorted({r.n for r in of_design})
        yield f"\n{design}\n"
        yield "| method | measure | correlation | truth | " + " | ".join(map(str, sizes)) + " |"
        yield "|---" * (4 + len(sizes)) + "|"
        shares = {(r.method, r.measure, r.correlation, r.truth, r.n): r for r in of_design}
        for head in dict.fromkeys(key[:-1] for key in shares):
            cells = [f"{shares[*head, n].share:.3f}" for n in sizes]
            yield "| " + " | ".join([*map(str, head), *cells]) + " |"


def main() -> None:
    """Simulate, write the CSV named on the command line, and print tables."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("csv", type=Path, help="file to write")
    target: Path = parser.parse_args().csv
    rng = np.random.default_rng(SEED)
    rows = [*independent(), *clustered(rng), *paired(), *clustered_pairs(rng)]
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(Row.__slots__)
        for r in rows:
            writer.writerow(
                [
                    *(r.design, r.method, r.measure, r.n, r.truth, r.correlation),
                    *(f"{r.share:.6f}", f"{r.standard_error:.6f}"),
                ]
            )
    for line in markdown(rows):
        print(line)


if __name__ == "__main__":
    main()
