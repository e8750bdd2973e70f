"""Recall over runs is drawn with its intervals, and a run without data leaves a gap."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from recallbench.reports.page.history_chart import MOST_RUNS, recall_chart, time_labels
from support.histories import entry_of
from support.records import HIT, MISS, always, records

GOOD, BAD = entry_of(records(always(HIT))), entry_of(records(always(MISS)))
EMPTY = entry_of([])
DATES = st.datetimes(min_value=datetime(2026, 1, 1), max_value=datetime(2027, 1, 1))  # noqa: DTZ001 - hypothesis takes no zone here


def test_a_line_has_a_point_for_each_run_with_its_trials_and_interval() -> None:
    chart = recall_chart([GOOD, BAD], ["a", "b"], [1000])

    assert chart
    assert [line.name for line in chart.lines] == ["1,000 tokens"]
    assert [mark.told for mark in chart.lines[0].marks] == [
        "50/50, 100% (92.9-100%)",
        "0/50, 0% (0-7.1%)",
    ]
    assert all(mark.bar for mark in chart.lines[0].marks)
    assert chart.axis == "recall; bars: Wilson 95%"


def test_a_run_without_recall_is_a_gap() -> None:
    chart = recall_chart([GOOD, EMPTY, GOOD], ["a", "b", "c"], [1000])

    assert chart
    assert [mark.label for mark in chart.lines[0].marks] == ["a", "c"]
    assert chart.lines[0].path == ""


def test_one_run_with_recall_is_no_history() -> None:
    assert recall_chart([GOOD], ["a"], [1000]) is None
    assert recall_chart([EMPTY, GOOD], ["a", "b"], [1000]) is None


def test_only_as_many_runs_are_drawn_as_have_room_and_the_newest_of_them() -> None:
    number = MOST_RUNS + 3
    entries = [*[BAD] * 3, *[GOOD] * MOST_RUNS]
    chart = recall_chart(entries, [str(n) for n in range(number)], [1000])

    assert chart
    assert {mark.told for mark in chart.lines[0].marks} == {"50/50, 100% (92.9-100%)"}
    assert [label for label, _ in chart.rows] == [str(n) for n in range(3, number)]


def test_many_needles_are_never_called_plain_recall() -> None:
    ladder = entry_of(records(always(HIT)), layout="ladder")
    chart = recall_chart([ladder, ladder], ["a", "b"], [1000])

    assert chart
    assert chart.title == "Multi-key recall over runs"


def test_dates_alone_are_labels_where_no_two_runs_have_one_date() -> None:
    nights = [datetime(2026, 11, day, 2, 30, tzinfo=UTC) for day in (20, 21)]

    assert time_labels(nights, ["", ""]) == ("2026-11-20", "2026-11-21")


def test_two_runs_of_one_day_have_their_hours() -> None:
    times = [datetime(2026, 11, 20, hour, 30, tzinfo=UTC) for hour in (2, 14)]

    assert time_labels(times, ["", ""]) == ("2026-11-20 02:30", "2026-11-20 14:30")


def test_a_run_without_a_time_has_its_name() -> None:
    assert time_labels([None], ["night-0"]) == ("night-0",)


@given(st.sets(DATES.map(lambda time: time.replace(tzinfo=UTC, microsecond=0)), min_size=1))
def test_times_that_differ_have_labels_that_differ(times: set[datetime]) -> None:
    assert len(set(time_labels(list(times), [""] * len(times)))) == len(times)
