"""Records are counted once each, into every cell, length and the overall line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recallbench.domain import Grid, Outcome, TrialRecord
from recallbench.errors import RunFolderError
from recallbench.stats.cell_summary import CellSummary
from recallbench.stats.haystack_recall import HaystackRecall
from recallbench.stats.proportion import Proportion
from recallbench.stats.summary import latest, summarize

GRID = Grid(lengths=(1000, 2000), depths=(0.0, 0.5, 1.0), trials=4)


def record(
    length: int = 1000,
    depth: float = 0.0,
    repeat: int = 0,
    outcome: Outcome = Outcome.RECALLED,
    *,
    variant: str = "base",
) -> TrialRecord:
    return TrialRecord(
        variant=variant,
        trial_id=f"{length}-{depth}-{repeat}",
        length_tokens=length,
        depth=depth,
        repeat=repeat,
        outcome=outcome,
        key="4711",
    )


def outcomes(line: CellSummary) -> tuple[int, int, int, int, int]:
    return line.recalled, line.missed, line.truncated, line.overflow, line.errored


def cell_of(cells: Iterable[CellSummary], length: int, depth: float) -> CellSummary:
    (found,) = [cell for cell in cells if (cell.length_tokens, cell.depth) == (length, depth)]
    return found


def test_only_answered_trials_count_in_recall() -> None:
    records = [record(repeat=repeat, outcome=outcome) for repeat, outcome in enumerate(Outcome)]

    cell = summarize(records, variant="base", grid=GRID).cells[0]

    assert outcomes(cell) == (1, 1, 1, 1, 1)
    assert cell.recall == Proportion(k=1, n=2)
    assert cell.unmeasured == 3
    assert cell.asked == 5


def test_every_cell_of_the_grid_has_a_line_in_the_order_of_the_grid() -> None:
    summary = summarize([], variant="base", grid=GRID)

    assert [(cell.length_tokens, cell.depth) for cell in summary.cells] == [
        (1000, 0.0),
        (1000, 0.5),
        (1000, 1.0),
        (2000, 0.0),
        (2000, 0.5),
        (2000, 1.0),
    ]
    assert [(line.length_tokens, line.depth) for line in summary.lengths] == [
        (1000, None),
        (2000, None),
    ]
    assert (summary.overall.length_tokens, summary.overall.depth) == (None, None)
    assert {cell.recall.value for cell in summary.cells} == {None}
    assert summary.overall.asked == 0


def test_a_line_knows_its_scope() -> None:
    summary = summarize([], variant="base", grid=GRID)

    assert [summary.cells[0].scope, summary.lengths[0].scope, summary.overall.scope] == [
        "cell",
        "length",
        "overall",
    ]


def test_planned_trials_without_a_record_are_owed_and_errored_ones_are_not() -> None:
    records = [record(), record(repeat=1, outcome=Outcome.ERRORED)]

    summary = summarize(records, variant="base", grid=GRID)

    assert [cell.owed for cell in summary.cells] == [2, 4, 4, 4, 4, 4]
    assert [line.owed for line in summary.lengths] == [10, 12]
    assert summary.overall.owed == 22


def test_more_records_than_planned_owe_nothing() -> None:
    records = [record(repeat=repeat) for repeat in range(6)]

    assert summarize(records, variant="base", grid=GRID).cells[0].owed == 0


def test_nothing_is_owed_at_lengths_that_the_variant_is_not_asked() -> None:
    summary = summarize([record()], variant="base", grid=GRID, asked_lengths=(1000,))

    assert [line.owed for line in summary.lengths] == [11, 0]
    assert [line.is_planned for line in summary.lengths] == [True, False]
    assert cell_of(summary.cells, 2000, 0.5).recall.value is None


def test_a_cell_that_is_fully_asked_is_planned() -> None:
    records = [record(repeat=repeat) for repeat in range(4)]

    assert summarize(records, variant="base", grid=GRID).cells[0].is_planned


def test_records_of_other_variants_are_left_out() -> None:
    records = [record(), record(variant="fp8", outcome=Outcome.MISSED)]

    assert outcomes(summarize(records, variant="fp8", grid=GRID).overall) == (0, 1, 0, 0, 0)


def test_a_later_record_of_a_trial_supersedes_the_earlier() -> None:
    records = [
        record(repeat=0, outcome=Outcome.ERRORED),
        record(repeat=1, outcome=Outcome.MISSED),
        record(repeat=0, outcome=Outcome.RECALLED),
    ]

    assert latest(records) == (records[2], records[1])
    assert outcomes(summarize(records, variant="base", grid=GRID).cells[0]) == (1, 1, 0, 0, 0)


def test_the_same_trial_of_two_variants_is_two_trials() -> None:
    records = [record(variant="base"), record(variant="fp8")]

    assert latest(records) == tuple(records)


def test_a_miss_that_used_its_whole_budget_is_counted_apart() -> None:
    records = [
        replace(record(repeat=0, outcome=Outcome.MISSED), finish_reason="length"),
        replace(record(repeat=1, outcome=Outcome.MISSED), finish_reason="stop"),
        replace(record(repeat=2, outcome=Outcome.RECALLED), finish_reason="length"),
        replace(record(repeat=3, outcome=Outcome.TRUNCATED), finish_reason="length"),
    ]

    summary = summarize(records, variant="base", grid=GRID)

    assert summary.cells[0].budget_misses == 1
    assert summary.overall.budget_misses == 1


def test_the_achieved_depth_is_a_mean_over_records_that_know_it() -> None:
    records = [
        replace(record(repeat=0, depth=0.5), achieved_depth=0.5),
        replace(record(repeat=1, depth=0.5), achieved_depth=0.5),
        replace(record(repeat=2, depth=0.5), achieved_depth=0.125),
        record(repeat=3, depth=0.5),
    ]

    summary = summarize(records, variant="base", grid=GRID)

    assert cell_of(summary.cells, 1000, 0.5).mean_achieved_depth == 0.375
    assert cell_of(summary.cells, 1000, 1.0).mean_achieved_depth is None


def test_the_latency_is_a_median_over_answered_trials() -> None:
    records = [
        replace(record(repeat=0), latency_s=1.0),
        replace(record(repeat=1, outcome=Outcome.MISSED), latency_s=9.0),
        replace(record(repeat=2), latency_s=2.0),
        replace(record(repeat=3, outcome=Outcome.ERRORED), latency_s=600.0),
    ]

    summary = summarize(records, variant="base", grid=GRID)

    assert [line.median_latency_s for line in summary.lengths] == [2.0, None]


@pytest.mark.parametrize("stray", [record(length=3000), record(depth=0.25)])
def test_a_record_outside_the_grid_is_refused(stray: TrialRecord) -> None:
    with pytest.raises(RunFolderError, match=r"the journal is of another suite"):
        summarize([stray], variant="base", grid=GRID)


@given(
    st.lists(
        st.builds(
            record,
            st.sampled_from(GRID.lengths),
            st.sampled_from(GRID.depths),
            st.integers(0, GRID.trials - 1),
            st.sampled_from(Outcome),
            variant=st.sampled_from(["base", "fp8"]),
        )
    )
)
def test_cells_add_up_to_lengths_and_lengths_to_the_overall_line(
    records: Sequence[TrialRecord],
) -> None:
    summary = summarize(records, variant="base", grid=GRID)

    for line in summary.lengths:
        cells = [cell for cell in summary.cells if cell.length_tokens == line.length_tokens]
        assert outcomes(line) == tuple(map(sum, zip(*map(outcomes, cells), strict=True)))
        assert line.owed == sum(cell.owed for cell in cells)
    assert outcomes(summary.overall) == tuple(
        map(sum, zip(*map(outcomes, summary.lengths), strict=True))
    )
    assert summary.overall.asked + summary.overall.owed == 24


@given(st.lists(st.builds(record, repeat=st.integers(0, 3), outcome=st.sampled_from(Outcome))))
def test_a_trial_counts_by_its_last_record_alone(records: Sequence[TrialRecord]) -> None:
    last = {trial.repeat: trial.outcome for trial in records}

    cell = summarize(records, variant="base", grid=GRID).cells[0]

    assert outcomes(cell) == tuple(list(last.values()).count(outcome) for outcome in Outcome)


def test_answered_trials_are_counted_by_the_haystack_they_share() -> None:
    records = [
        record(depth=depth, repeat=repeat, outcome=outcome)
        for repeat in range(2)
        for depth, outcome in (
            (0.0, Outcome.RECALLED),
            (0.5, Outcome.MISSED),
            (1.0, Outcome.ERRORED),
        )
    ]

    summary = summarize(records, variant="base", grid=GRID, shared_by="repeat")

    half = Proportion(k=1, n=2)
    assert summary.lengths[0].by_haystack == (HaystackRecall(0, half), HaystackRecall(1, half))
    assert summary.lengths[1].by_haystack == ()
    assert summary.shared_by == "repeat"


def test_other_needles_are_counted_where_there_was_a_prompt() -> None:
    records = [
        replace(record(repeat=0), prompt_sha256="a", distractors=3),
        replace(record(repeat=1), prompt_sha256="b", distractors=54),
        record(repeat=2, outcome=Outcome.ERRORED),
    ]

    assert summarize(records, variant="base", grid=GRID).distractors == (3, 54)
    assert summarize(records[2:], variant="base", grid=GRID).distractors is None
