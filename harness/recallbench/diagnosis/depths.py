"""Misses that stand at some depths only: the first, the last or the middle of the haystack.

Lengths that are recalled whole or not at all tell nothing about depth and are left out; the rest
are strata, so that a fall with length is never taken for one with depth.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby, pairwise
from typing import NamedTuple

from recallbench.diagnosis.case import Case, length_of, pooled, value_of
from recallbench.diagnosis.commands import run_command
from recallbench.diagnosis.exact import Stratum, fewer_hits, lack_of_hits
from recallbench.diagnosis.pattern import Diagnosis, Pattern
from recallbench.diagnosis.suspicion import Suspicion
from recallbench.diagnosis.wording import depths_told, lengths_told, tokens, told
from recallbench.stats import Proportion

_INSIDE, _OUTSIDE = 0.6, 0.85
"""Recall inside and outside at most and at least: ``only`` is said where the rest is fine."""
_HALF, _MOST, _ALL_LOST = 0.5, 0.75, 0.1
"""A zone takes half of the depths at most, or more where a cut leaves next to nothing of it: where
only the last depth is left, recall is lost and not misplaced."""
_WIDE = 4


class Row(NamedTuple):
    """One length."""

    length_tokens: int
    """The length."""
    recalls: tuple[Proportion, ...]
    """Its recall by depth, shallowest first. Shape (n_depths,)."""


class Zone(NamedTuple):
    """Neighbouring depths, from some length on."""

    pattern: Pattern
    """What misses there are called."""
    first: int
    """Number of its first depth."""
    end: int
    """Number of the first depth after it."""
    rows: tuple[Row, ...]
    """The lengths."""

    def strata(self) -> list[Stratum]:
        """Inside against outside, a stratum for each length."""
        return [Stratum(self.inside(row), self.outside(row)) for row in self.rows]

    def inside(self, *rows: Row) -> Proportion:
        """Recall in the zone."""
        return _together(recall for row in rows for recall in row.recalls[self.first : self.end])

    def outside(self, *rows: Row) -> Proportion:
        """Recall at the other depths."""
        sides = ((*row.recalls[: self.first], *row.recalls[self.end :]) for row in rows)
        return _together(recall for side in sides for recall in side)

    @property
    def is_only(self) -> bool:
        """Whether misses stand here only: the rest is fine, on both sides of a middle."""
        inside, number = value_of(self.inside(*self.rows)), len(self.rows[0].recalls)
        width = (self.end - self.first) / number
        narrow = width <= _HALF or (width <= _MOST and inside <= _ALL_LOST)
        ends = (
            [recall for row in self.rows for recall in row.recalls[: self.first]],
            [recall for row in self.rows for recall in row.recalls[self.end :]],
        )
        fine = all(value_of(_together(iter(end))) >= _OUTSIDE for end in ends if end)
        return narrow and inside <= _INSIDE and fine


def suspect_depths(case: Case) -> tuple[Suspicion, ...]:
    """The zone that stands out most, corrected for all that were looked at; () with one depth."""
    zones = [zone for rows in _suffixes(_rows(case)) for zone in _zones(rows)]
    if not zones:
        return ()
    fitting = [zone for zone in zones if zone.is_only] or zones
    found = max(fitting, key=lambda zone: lack_of_hits(zone.strata()))
    p_value = min(1.0, len(zones) * fewer_hits(found.strata()))
    if not found.is_only:
        return (Suspicion(p_value=p_value),)
    inside, outside = found.inside(*found.rows), found.outside(*found.rows)
    return (
        Suspicion(
            p_value=p_value,
            strength=value_of(outside) - value_of(inside),
            diagnosis=_diagnosis(case, found),
            silences=_silenced(case, found),
        ),
    )


def _silenced(case: Case, found: Zone) -> frozenset[Pattern]:
    """Recall is not low everywhere where all lengths, not only these, are fine outside the zone."""
    inside = case.summary.grid.depths[found.first : found.end]
    rest = pooled(cell for cell in case.summary.cells if cell.depth not in inside)
    fine = value_of(rest) >= _OUTSIDE
    return frozenset({Pattern.LOW_EVERYWHERE}) if fine else frozenset()


def _rows(case: Case) -> tuple[Row, ...]:
    """Lengths with hits and misses, every depth measured."""
    rows = (
        Row(length, tuple(cell.recall for cell in cells))
        for length, cells in groupby(case.summary.cells, key=length_of)
    )
    telling = (row for row in rows if 0 < _together(iter(row.recalls)).k < _trials(row))
    return tuple(row for row in telling if all(recall.n for recall in row.recalls))


def _suffixes(rows: tuple[Row, ...]) -> Iterator[tuple[Row, ...]]:
    # What goes wrong with depth mostly goes wrong from some length on.
    return (rows[index:] for index in range(len(rows)))


def _zones(rows: tuple[Row, ...]) -> Iterator[Zone]:
    number = len(rows[0].recalls)
    for cut in range(1, number):
        yield Zone(Pattern.MISSES_SHALLOW, 0, cut, rows)
        yield Zone(Pattern.MISSES_DEEP, cut, number, rows)
    for first in range(1, number - 1):
        for end in range(first + 1, number):
            yield Zone(Pattern.MISSES_MIDDLE, first, end, rows)


def _diagnosis(case: Case, found: Zone) -> Diagnosis:
    depths = case.summary.grid.depths[found.first : found.end]
    lengths = [row.length_tokens for row in found.rows]
    where = lengths_told(lengths)
    return Diagnosis(
        pattern=found.pattern,
        what=(
            f"At {where} recall is {told(found.inside(*found.rows))} at {depths_told(depths)} and "
            f"{told(found.outside(*found.rows))} at the other depths."
        ),
        why=f"{_CAUSES[found.pattern]}. {_truncation(case)}",
        next_command=run_command(
            case.facts, case.variant, f"--length={lengths[0]}", f"--depths={_finer(case, found)}"
        ),
        evidence=_rows_told(found) if len(found.rows) > 1 else (),
    )


def _rows_told(found: Zone) -> tuple[str, ...]:
    return tuple(
        f"{tokens(row.length_tokens)}: {told(found.inside(row))} there, "
        f"{told(found.outside(row))} elsewhere"
        for row in found.rows
    )


_CAUSES = {
    Pattern.MISSES_SHALLOW: (
        "the beginning is out of reach: a prompt cut on its left, an attention window shorter than "
        "the prompt, or a distance that the model was not trained on"
    ),
    Pattern.MISSES_DEEP: (
        "the end is lost: a prompt cut on its right, or a fault in the last chunk of the prefill"
    ),
    Pattern.MISSES_MIDDLE: (
        "lost in the middle: attention favours the beginning and the end, the more so under "
        "scaling at a high factor or in few bits"
    ),
}


def _truncation(case: Case) -> str:
    lengths_met = all(miss.prompt_tokens == miss.length_tokens for miss in case.misses)
    return (
        "The server counted every missed prompt at its full length, so a cut would be after that."
        if lengths_met
        else "The server's count of the prompts is not known, so a cut is not ruled out."
    )


def _finer(case: Case, found: Zone) -> str:
    """The zone's depths and its neighbours, with more between them where it is small."""
    depths = case.summary.grid.depths
    edges = depths[max(0, found.first - 1) : found.end + 1]
    small = found.end - found.first <= _WIDE
    between = [(low + high) / 2 for low, high in pairwise(edges)] if small else []
    return ",".join(f"{depth:g}" for depth in sorted({*edges, *between}))


def _trials(row: Row) -> int:
    return sum(recall.n for recall in row.recalls)


def _together(recalls: Iterator[Proportion]) -> Proportion:
    hits = trials = 0
    for recall in recalls:
        hits, trials = hits + recall.k, trials + recall.n
    return Proportion(k=hits, n=trials)
