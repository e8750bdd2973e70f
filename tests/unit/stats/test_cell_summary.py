"""A line's interval counts what is independent: trials, or the haystacks they share."""

from __future__ import annotations

import pytest
from scipy.stats import binomtest

from recallbench.domain import Grid
from recallbench.domain.layout import Haystacks
from recallbench.stats.cell_summary import CellSummary
from recallbench.stats.clusters import Clusters
from recallbench.stats.summary import VariantSummary, summarize
from support.records import HIT, MISS, records

DEPTHS = (0.0, 0.5, 1.0)
GRID = Grid(lengths=(1000, 2000), depths=DEPTHS, trials=4)


def counted(shared_by: Haystacks) -> VariantSummary:
    """Repeat 3 misses everything, the others recall everything."""
    held = records(
        lambda _length, _depth, repeat: MISS if repeat == 3 else HIT,
        lengths=GRID.lengths,
        depths=DEPTHS,
        repeats=range(4),
    )
    return summarize(held, variant="v", grid=GRID, shared_by=shared_by)


def lines(shared_by: Haystacks) -> tuple[CellSummary, CellSummary, CellSummary]:
    summary = counted(shared_by)
    return summary.cells[0], summary.lengths[0], summary.overall


def test_where_each_trial_has_its_haystack_every_interval_is_wilsons() -> None:
    for line in lines("trial"):
        wilson = binomtest(line.recall.k, line.recall.n).proportion_ci(method="wilson")
        assert line.interval() == pytest.approx((wilson.low, wilson.high))
        assert (line.haystacks, line.shared, line.by_haystack) == (None, None, ())


def test_repeats_are_the_units_of_lengths_and_of_the_whole_and_not_of_cells() -> None:
    cell, length, overall = lines("repeat")

    assert [line.haystacks for line in (cell, length, overall)] == [None, 4, 4]
    assert cell.interval() == cell.recall.interval()
    exact = binomtest(3, 4).proportion_ci(method="exact")
    assert length.interval() == pytest.approx((exact.low, exact.high)), "3 of 4 haystacks"
    assert overall.interval() == length.interval(), "a second length brings no new haystack"


def test_fewer_haystacks_than_repeats_are_the_units_of_cells_too() -> None:
    cell, length, overall = lines(2)

    assert [line.haystacks for line in (cell, length, overall)] == [2, 2, 2]
    assert cell.shared == Clusters(hits=(2, 1), trials=(2, 2)), "repeats 0 and 2, and 1 and 3"
    assert length.interval() == Clusters(hits=(6, 3), trials=(6, 6)).interval()


def test_one_haystack_counts_as_one() -> None:
    _, _, overall = lines(1)

    found = overall.interval()
    assert found is not None
    assert overall.haystacks == 1
    assert found.low < 0.1
    assert found.high > 0.9


@pytest.mark.parametrize("shared_by", ["trial", "repeat", 2])
def test_a_line_without_answers_has_no_interval(shared_by: Haystacks) -> None:
    empty = summarize([], variant="v", grid=GRID, shared_by=shared_by).overall

    assert (empty.interval(), empty.haystacks, empty.recall.value) == (None, None, None)


def test_sharing_moves_no_recall() -> None:
    assert lines("repeat")[2].recall == lines("trial")[2].recall == lines(2)[2].recall


def test_the_confidence_is_the_asked_one() -> None:
    _, length, _ = lines("repeat")
    exact = binomtest(3, 4).proportion_ci(0.8, method="exact")

    assert length.interval(0.8) == pytest.approx((exact.low, exact.high))
    with pytest.raises(ValueError, match="confidence"):
        length.interval(1.0)
