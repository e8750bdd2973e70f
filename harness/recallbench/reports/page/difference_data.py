"""The recall that a variant has lost or gained against another, as plain values for the page.

One entry for each two variants, ``a`` before ``b`` in the page's order, by place: ``all`` is ::

    n, lost, gained, low, high

over the pairs that both have answered: recalled by a and missed by b, the other way round, and the
two-sided 95% interval of b's recall less a's (null without pairs). A row of ``lengths`` is the
same behind the place of its length, one of ``cells`` behind those of its length and depth; there is
none where the two share no trial. ``why_not`` says why they cannot be compared at all, else null.

Guarantees the numbers of `gate.comparison.compare`, without the tests that it makes of them. Knows
no margin and no HTML.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import combinations
from typing import Any

from recallbench.domain import TrialRecord
from recallbench.domain.layout import Haystacks
from recallbench.errors import ComparisonError
from recallbench.gate.compared import weighed
from recallbench.gate.pairs import Pair, counts, paired
from recallbench.reports.page.grid_places import GridPlaces
from recallbench.stats.paired import PairedCounts
from recallbench.stats.paired_clusters import ClusteredPairs
from recallbench.stats.proportion import Interval


def difference_data(
    records: Mapping[str, Sequence[TrialRecord]],
    names: Sequence[str],
    *,
    lengths: Sequence[int],
    depths: Sequence[float],
    shared_by: Haystacks = "trial",
) -> list[dict[str, Any]]:
    """Every two variants.

    Args:
        records: by variant, the latest of each trial.
        names: of the variants, in the page's order.
        lengths: of the grid, in tokens.
        depths: of the grid.
        shared_by: what shares one haystack.

    Raises:
        ValueError: a record stands in a cell that the grid does not have.
    """
    places = GridPlaces(lengths, depths)
    data = []
    for a, b in combinations(range(len(names)), 2):
        pairs: tuple[Pair, ...] = ()
        why_not = None
        ours, theirs = (records.get(names[place], ()) for place in (a, b))
        try:
            pairs = paired(ours, theirs, (names[a], names[b]))
        except ComparisonError as error:
            why_not = str(error)
        data.append({"a": a, "b": b, "why_not": why_not, **_parts(pairs, places, shared_by)})
    return data


def _parts(pairs: Sequence[Pair], places: GridPlaces, shared_by: Haystacks) -> dict[str, Any]:
    cells: dict[tuple[int, ...], list[Pair]] = {}
    lengths: dict[tuple[int, ...], list[Pair]] = {}
    for pair in pairs:
        place = places.of(pair.b)
        cells.setdefault(place, []).append(pair)
        lengths.setdefault(place[:1], []).append(pair)
    # Counting is what takes time: each pair is counted once, in its cell.
    held = {place: counts(group) for place, group in cells.items()}

    def row(place: tuple[int, ...], group: Sequence[Pair]) -> list[int | float | None]:
        inside = (each for key, each in held.items() if key[: len(place)] == place)
        return [*place, *_numbers(_sum(inside), group, shared_by)]

    return {
        "cells": [row(place, group) for place, group in sorted(cells.items())],
        "lengths": [row(place, group) for place, group in sorted(lengths.items())],
        "all": row((), pairs),
    }


def _numbers(
    held: PairedCounts, pairs: Sequence[Pair], shared_by: Haystacks
) -> list[int | float | None]:
    low, high = _interval(_in_order(weighed(held, pairs, shared_by))) or (None, None)
    return [held.n, held.lost, held.gained, low, high]


def _sum(parts: Iterable[PairedCounts]) -> PairedCounts:
    held = list(parts)
    return PairedCounts(
        both=sum(each.both for each in held),
        lost=sum(each.lost for each in held),
        gained=sum(each.gained for each in held),
        neither=sum(each.neither for each in held),
    )


def _in_order(pairs: PairedCounts | ClusteredPairs) -> PairedCounts | ClusteredPairs:
    """The same with its haystacks by their counts: which is which changes no interval."""
    if isinstance(pairs, PairedCounts):
        return pairs
    held = sorted(zip(pairs.lost, pairs.gained, pairs.trials, strict=True))
    lost, gained, trials = zip(*held, strict=True) if held else ((), (), ())
    return ClusteredPairs(lost=lost, gained=gained, trials=trials)


@lru_cache(maxsize=4096)
def _interval(pairs: PairedCounts | ClusteredPairs) -> Interval | None:
    # Cells often come to the same few counts, and an interval takes longer than all else.
    return pairs.interval()
