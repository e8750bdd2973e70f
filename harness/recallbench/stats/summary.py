"""Records of one variant, counted into the cells of the grid, its lengths and one overall line.

Guarantees that every cell of the grid has its line, asked or not; that only answered trials count
in recall; and that a trial counts once, by its latest record. Knows nothing about prompts, engines
or how a summary is shown.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from statistics import fmean, median
from typing import Literal

from recallbench.domain import Grid, Outcome, TrialRecord
from recallbench.errors import RunFolderError
from recallbench.stats.proportion import Proportion

Scope = Literal["cell", "length", "overall"]
_Place = tuple[int | None, float | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class CellSummary:
    """The trials of one variant in one cell, at one length over all depths, or overall."""

    variant: str
    """Name of the variant."""
    length_tokens: int | None
    """Asked prompt length; None in the overall line."""
    depth: float | None
    """Asked needle depth in [0, 1]; None in a length's and in the overall line."""
    recalled: int
    """Trials whose answer holds the key."""
    missed: int
    """Trials answered without the key."""
    truncated: int
    """Trials whose answer budget ended before there was an answer."""
    overflow: int
    """Trials whose length the server refused."""
    errored: int
    """Trials whose request failed."""
    owed: int
    """Planned trials without any record yet; an errored trial has one and is not owed."""
    budget_misses: int
    """Missed trials with finish reason ``length``: the answer used its whole budget."""
    mean_achieved_depth: float | None
    """Where the needles really started, over all records that know; None without any."""
    median_latency_s: float | None
    """Over recalled and missed trials; None without any."""

    @property
    def scope(self) -> Scope:
        """Which part of the grid the counts are over."""
        if self.length_tokens is None:
            return "overall"
        return "length" if self.depth is None else "cell"

    @property
    def recall(self) -> Proportion:
        """Recalled among the trials that were answered; the other outcomes are left out."""
        return Proportion(k=self.recalled, n=self.recalled + self.missed)

    @property
    def unmeasured(self) -> int:
        """Trials that were asked and count in recall neither as a hit nor as a miss."""
        return self.truncated + self.overflow + self.errored

    @property
    def asked(self) -> int:
        """Trials with a record, whatever became of them."""
        return self.recall.n + self.unmeasured

    @property
    def is_planned(self) -> bool:
        """Whether this variant is or was to be asked anything here."""
        return bool(self.asked or self.owed)


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantSummary:
    """All counts of one variant."""

    variant: str
    """Name of the variant."""
    grid: Grid
    """The grid the trials were planned on."""
    cells: tuple[CellSummary, ...]
    """Shape (n_lengths * n_depths,): all depths of the first length, then of the next."""
    lengths: tuple[CellSummary, ...]
    """Shape (n_lengths,), in the order of ``grid.lengths``."""
    overall: CellSummary
    """All cells together."""


def latest(records: Iterable[TrialRecord]) -> tuple[TrialRecord, ...]:
    """One record for each (variant, trial): its last, in the place of its first.

    A resumed run asks errored trials again and appends what became of them.
    """
    return tuple({(record.variant, record.trial_id): record for record in records}.values())


def summarize(
    records: Iterable[TrialRecord],
    *,
    variant: str,
    grid: Grid,
    asked_lengths: Collection[int] | None = None,
    is_settled: bool = False,
) -> VariantSummary:
    """Count the records of one variant.

    Args:
        records: a journal in its order; superseded records and other variants' are left out.
        variant: name of the variant to count.
        grid: the grid of the run.
        asked_lengths: the part of ``grid.lengths`` planned for this variant; None is all of them.
        is_settled: whether its verdict ended it, so that no further trial is owed.

    Raises:
        RunFolderError: a record stands in a cell that the grid does not have.
    """
    groups: defaultdict[_Place, list[TrialRecord]] = defaultdict(list)
    for record in latest(records):
        if record.variant == variant:
            _check_place(record, grid)
            for place in _places(record.length_tokens, record.depth):
                groups[place].append(record)
    planned = frozenset(grid.lengths if asked_lengths is None else asked_lengths)
    owed = _owed(groups, grid, frozenset() if is_settled else planned)

    def line(length: int | None, depth: float | None) -> CellSummary:
        place = (length, depth)
        return _line(groups[place], variant=variant, place=place, owed=owed[place])

    return VariantSummary(
        variant=variant,
        grid=grid,
        cells=tuple(line(length, depth) for length, depth in product(grid.lengths, grid.depths)),
        lengths=tuple(line(length, None) for length in grid.lengths),
        overall=line(None, None),
    )


def _owed(
    groups: defaultdict[_Place, list[TrialRecord]], grid: Grid, asked_lengths: frozenset[int]
) -> Counter[_Place]:
    owed = Counter[_Place]()
    for length, depth in product(grid.lengths, grid.depths):
        if length in asked_lengths:
            for place in _places(length, depth):
                owed[place] += max(0, grid.planned(length, depth) - len(groups[length, depth]))
    return owed


def _places(length: int, depth: float) -> tuple[_Place, ...]:
    # A trial counts in its cell, in its length and overall.
    return (length, depth), (length, None), (None, None)


def _check_place(record: TrialRecord, grid: Grid) -> None:
    if record.length_tokens not in grid.lengths or record.depth not in grid.depths:
        raise RunFolderError(
            f"trial {record.trial_id!r} of variant {record.variant!r} stands at length "
            f"{record.length_tokens}, depth {record.depth:g}, and the run's grid has lengths "
            f"{list(grid.lengths)} and depths {list(grid.depths)}: the journal is of another "
            "suite; restore the trials.jsonl that belongs to this run.json, or run again"
        )


def _line(records: Sequence[TrialRecord], *, variant: str, place: _Place, owed: int) -> CellSummary:
    outcomes = Counter(record.outcome for record in records)
    missed = [record for record in records if record.outcome is Outcome.MISSED]
    depths = [r.achieved_depth for r in records if r.achieved_depth is not None]
    latencies = [r.latency_s for r in records if r.outcome.is_measured and r.latency_s is not None]
    length, depth = place
    return CellSummary(
        variant=variant,
        length_tokens=length,
        depth=depth,
        recalled=outcomes[Outcome.RECALLED],
        missed=len(missed),
        truncated=outcomes[Outcome.TRUNCATED],
        overflow=outcomes[Outcome.OVERFLOW],
        errored=outcomes[Outcome.ERRORED],
        owed=owed,
        budget_misses=sum(record.finish_reason == "length" for record in missed),
        mean_achieved_depth=fmean(depths) if depths else None,
        median_latency_s=median(latencies) if latencies else None,
    )
