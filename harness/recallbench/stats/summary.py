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

from recallbench.domain import Grid, Outcome, TrialRecord
from recallbench.domain.layout import Haystacks, Layout, haystack_number
from recallbench.errors import RunFolderError
from recallbench.stats.cell_summary import CellSummary
from recallbench.stats.haystack_recall import HaystackRecall, by_haystack

_Place = tuple[int | None, float | None]


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
    shared_by: Haystacks = "trial"
    """What shares one haystack."""
    layout: Layout = "single"
    """How needles lie in haystacks: what a ladder recalls is one key among many."""
    distractors: tuple[int, int] | None = None
    """Fewest and most other needles in a prompt; None where no prompt was asked."""


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
    shared_by: Haystacks = "trial",
    layout: Layout = "single",
) -> VariantSummary:
    """Count the records of one variant.

    Args:
        records: a journal in its order; superseded records and other variants' are left out.
        variant: name of the variant to count.
        grid: the grid of the run.
        asked_lengths: the part of ``grid.lengths`` planned for this variant; None is all of them.
        is_settled: whether its verdict ended it, so that no further trial is owed.
        shared_by: what shares one haystack.
        layout: how needles lie in haystacks.

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
        held = _held(groups[place], shared_by)
        return _line(groups[place], variant=variant, place=place, owed=owed[place], held=held)

    return VariantSummary(
        variant=variant,
        grid=grid,
        cells=tuple(line(length, depth) for length, depth in product(grid.lengths, grid.depths)),
        lengths=tuple(line(length, None) for length in grid.lengths),
        overall=line(None, None),
        shared_by=shared_by,
        layout=layout,
        distractors=_distractors(groups[None, None]),
    )


def _held(records: Iterable[TrialRecord], shared_by: Haystacks) -> tuple[HaystackRecall, ...]:
    numbered = (
        (haystack_number(shared_by, record.repeat), record.outcome)
        for record in records
        if record.outcome.is_measured
    )
    return by_haystack(
        (number, outcome is Outcome.RECALLED) for number, outcome in numbered if number is not None
    )


def _distractors(records: Iterable[TrialRecord]) -> tuple[int, int] | None:
    # A trial whose prompt was never built has no needles to count.
    counts = [record.distractors for record in records if record.prompt_sha256 is not None]
    return (min(counts), max(counts)) if counts else None


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


def _line(
    records: Sequence[TrialRecord],
    *,
    variant: str,
    place: _Place,
    owed: int,
    held: tuple[HaystackRecall, ...],
) -> CellSummary:
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
        by_haystack=held,
    )
