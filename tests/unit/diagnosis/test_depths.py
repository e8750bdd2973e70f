"""Misses at the first, the last or the middle depths only are told apart, and from a decline."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from recallbench.diagnosis.case import Case
from recallbench.diagnosis.depths import suspect_depths
from recallbench.diagnosis.pattern import Diagnosis, Pattern
from recallbench.diagnosis.suspicion import FALSE_ALARMS

Written = Callable[..., Case]
FULL, LOST = "rrrrr", "mmmmm"
DEPTHS = (0.0, 0.25, 0.5, 0.75, 1.0)


def grid(*rows: tuple[int, str]) -> dict[tuple[int, float], str]:
    """A length and a letter for each depth: ``.`` is full, ``x`` lost, ``/`` nearly half."""
    letters = {".": FULL, "x": LOST, "/": "rrmmm"}
    return {
        (length, depth): letters[letter]
        for length, marks in rows
        for depth, letter in zip(DEPTHS, marks, strict=True)
    }


def told(case: Case) -> Diagnosis | None:
    holding = [
        suspicion.diagnosis
        for suspicion in suspect_depths(case)
        if suspicion.p_value <= FALSE_ALARMS
    ]
    return holding[0] if holding else None


@pytest.mark.parametrize(
    ("marks", "pattern", "where"),
    [
        ("x....", Pattern.MISSES_SHALLOW, "depth 0%"),
        ("xx...", Pattern.MISSES_SHALLOW, "depths 0% to 25%"),
        ("xxx..", Pattern.MISSES_SHALLOW, "depths 0% to 50%"),
        ("....x", Pattern.MISSES_DEEP, "depth 100%"),
        ("...xx", Pattern.MISSES_DEEP, "depths 75% to 100%"),
        ("..x..", Pattern.MISSES_MIDDLE, "depth 50%"),
        (".xx..", Pattern.MISSES_MIDDLE, "depths 25% to 50%"),
        (".///.", None, ""),
        ("./x..", Pattern.MISSES_MIDDLE, "depths 25% to 50%"),
    ],
)
def test_misses_are_told_by_where_they_stand(
    written: Written, marks: str, pattern: Pattern | None, where: str
) -> None:
    diagnosis = told(written(grid((8000, "....."), (32000, marks), (64000, marks))))

    assert (diagnosis.pattern if diagnosis else None) is pattern
    assert where in (diagnosis.what if diagnosis else "")


def test_numbers_inside_and_outside_are_told(written: Written) -> None:
    diagnosis = told(written(grid((32000, ".xx.."), (64000, ".xx.."))))

    assert diagnosis is not None
    assert diagnosis.what == (
        "At 32,000 to 64,000 tokens recall is 0/20 (0%, 95% interval 0-16.1%) at depths 25% to 50% "
        "and 30/30 (100%, 95% interval 88.6-100%) at the other depths."
    )
    assert diagnosis.why.startswith("lost in the middle")
    assert diagnosis.next_command == (
        "recallbench run long --variant base --length=32000 "
        "--depths=0,0.125,0.25,0.375,0.5,0.625,0.75"
    )
    assert len(diagnosis.evidence) == 2


def test_a_pattern_that_begins_at_some_length_is_found_there(written: Written) -> None:
    """Stray misses at shorter lengths do not thin it out."""
    cells = grid((8000, "....."), (16000, "....."), (32000, "x...."), (64000, "x...."))
    cells[8000, 0.75] = cells[16000, 0.5] = "rrrrm"

    diagnosis = told(written(cells))

    assert diagnosis is not None
    assert diagnosis.what.startswith("At 32,000 to 64,000 tokens recall is 0/10")


def test_a_fall_with_length_alone_is_none_with_depth(written: Written) -> None:
    assert told(written(grid((8000, "....."), (16000, "/////"), (32000, "xxxxx")))) is None


def test_where_only_the_last_depth_is_left_recall_is_lost_and_not_misplaced(
    written: Written,
) -> None:
    assert told(written(grid((32000, "xxxx."), (64000, "xxxx.")))) is None


def test_the_rest_must_be_fine_before_only_is_said(written: Written) -> None:
    assert told(written(grid((32000, "xx///"), (64000, "xx///")))) is None
    assert told(written(grid((32000, "/x..."), (64000, "/x...")))) is not None
    assert told(written(grid((32000, "x.x.x"), (64000, "x.x.x")))) is None


def test_low_recall_is_explained_where_the_rest_of_all_lengths_is_fine(written: Written) -> None:
    fine = suspect_depths(written(grid((32000, "xx..."), (64000, "xx..."))))
    lost = suspect_depths(written(grid((32000, "xx..."), (64000, "xx..."), (128000, "xxxxx"))))

    assert [one.silences for one in fine] == [{Pattern.LOW_EVERYWHERE}]
    assert [one.silences for one in lost] == [frozenset()]


def test_a_cut_is_ruled_out_only_by_the_servers_count(
    written: Written, told_by: Callable[..., Case]
) -> None:
    counted = written(grid((32000, "xx..."), (64000, "xx...")))
    silent = told_by(replace(record, prompt_tokens=None) for record in counted.records)

    for case, words in ((counted, "at its full length"), (silent, "a cut is not ruled out")):
        diagnosis = told(case)
        assert diagnosis is not None
        assert words in diagnosis.why


def test_every_zone_that_was_looked_at_counts(written: Written) -> None:
    """3 misses of 15 at one depth: 1 in 455 by chance, and there are 14 zones to find it in."""
    cells = {(32000, depth): "rrr" if depth else "mmm" for depth in DEPTHS}

    (suspicion,) = suspect_depths(written(cells))

    assert suspicion.p_value == pytest.approx(14 / 455)


def test_one_depth_and_whole_lengths_tell_nothing(written: Written) -> None:
    assert suspect_depths(written({(8000, 0.5): "rrmm"})) == ()
    assert suspect_depths(written(grid((8000, "....."), (16000, "xxxxx")))) == ()


def test_a_cell_without_an_answer_leaves_its_length_out(written: Written) -> None:
    cells = grid((32000, "xx..."))
    cells[32000, 0.0] = "eeeee"

    assert suspect_depths(written(cells)) == ()
