"""A variant's history: which run came when, what it came to, and what changed before it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from recallbench.reports.page.history_chart import MOST_RUNS
from recallbench.reports.page.history_series import OTHER_QUESTIONS, history_series
from recallbench.reports.profile_text import DRAWN_REMARK
from support.histories import entry_of, listed_nights
from support.records import HIT, MISS, always, record, records

GOOD = entry_of(records(always(HIT)))
BAD = entry_of(records(always(MISS)), word="FAIL")
OTHER = entry_of([record(seed="other", repeat=n) for n in range(10)], recipe={"seed": "2"})


def test_runs_stand_newest_first_in_the_table_and_oldest_first_in_the_chart() -> None:
    series = history_series(listed_nights(GOOD, BAD))

    assert [row.name for row in series.rows] == ["night-1", "night-0"]
    assert series.latest.name == "night-1"
    assert series.chart
    assert [label for label, _ in series.chart.rows] == ["2026-11-20", "2026-11-21"]


def test_the_latest_run_is_held_against_the_one_before() -> None:
    series = history_series(listed_nights(BAD, GOOD, BAD))

    assert series.change
    assert series.change.is_lower
    assert "than in night-1" in series.change.told


def test_a_run_that_was_asked_nothing_is_passed_over() -> None:
    series = history_series(listed_nights(GOOD, entry_of([]), BAD))

    assert series.change
    assert "than in night-0" in series.change.told


def test_a_single_run_is_held_against_nothing() -> None:
    series = history_series(listed_nights(GOOD))

    assert series.change is None
    assert series.chart is None
    assert series.changes == ()


def test_other_questions_are_told_where_they_begin_with_what_differs() -> None:
    first = replace(GOOD, recipe={"seed": "1"})
    series = history_series(listed_nights(first, OTHER, OTHER))

    assert [row.is_other for row in series.rows] == [False, True, False]
    assert series.changes[0].phrases == (f"{OTHER_QUESTIONS}: seed 1 -> 2",)
    assert series.changes[0].time == "2026-11-21"
    assert series.change
    assert "than in night-1" in series.change.told


def test_other_questions_are_told_behind_a_run_that_was_asked_nothing() -> None:
    series = history_series(listed_nights(GOOD, entry_of([]), OTHER))

    assert [row.is_other for row in series.rows] == [True, False, False]


def test_where_the_latest_questions_are_others_nothing_is_said_of_a_loss() -> None:
    assert history_series(listed_nights(GOOD, OTHER)).change is None


def test_what_changed_stands_newest_first() -> None:
    series = history_series(
        listed_nights(
            *(replace(GOOD, settings={"vLLM": version}) for version in ("0.26", "0.30", "0.32"))
        )
    )

    assert [(change.name, change.phrases) for change in series.changes] == [
        ("night-2", ("vLLM 0.30 -> 0.32",)),
        ("night-1", ("vLLM 0.26 -> 0.30",)),
    ]


def test_columns_are_the_lengths_that_any_run_was_asked_at() -> None:
    longer = entry_of(records(always(HIT), lengths=(1000, 4000)), lengths=(1000, 4000))
    series = history_series(listed_nights(GOOD, longer))

    assert series.lengths == ("1,000", "4,000")
    assert series.rows[1].cells[1].words == "not asked"


def test_drawn_runs_have_their_remark_with_their_number() -> None:
    drawn = replace(GOOD, is_drawn=True)

    assert DRAWN_REMARK in history_series(listed_nights(drawn)).remarks
    assert f"in 1 of 2 runs {DRAWN_REMARK}" in history_series(listed_nights(GOOD, drawn)).remarks
    assert not any(DRAWN_REMARK in told for told in history_series(listed_nights(GOOD)).remarks)


def test_a_long_history_says_how_much_of_it_is_drawn() -> None:
    series = history_series(listed_nights(*[GOOD] * (MOST_RUNS + 1)))

    assert f"the chart has the newest {MOST_RUNS} of {MOST_RUNS + 1} runs" in series.remarks
    assert len(series.rows) == MOST_RUNS + 1


def test_no_run_is_an_error() -> None:
    with pytest.raises(ValueError, match="no run"):
        history_series([])
