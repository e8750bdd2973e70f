"""A request is alone or in company only where the clock can tell."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from recallbench.diagnosis.flight import accompanied, coarsest_step_s
from recallbench.domain import TrialRecord

Trial = Callable[..., TrialRecord]


def flights(
    a_trial: Trial, *spans: tuple[float, float], **known: object
) -> tuple[TrialRecord, ...]:
    return tuple(
        a_trial(number, "r", end_s=end, latency_s=end - start, **known)
        for number, (start, end) in enumerate(spans)
    )


def seen(records: tuple[TrialRecord, ...]) -> list[bool | None]:
    told = accompanied(records)
    return [told.get(record.trial_id) for record in records]


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        ([(0, 10)], [False]),
        ([(0, 10), (20, 30)], [False, False]),
        ([(0, 10), (5, 15)], [True, True]),
        ([(0, 30), (10, 20)], [True, True]),
        ([(0, 30), (1, 2), (10, 20)], [True, True, True]),
        ([(0, 10), (5, 40), (35, 50), (60, 70)], [True, True, True, False]),
        ([(20, 30), (0, 10)], [False, False]),
        ([(0, 10), (10.02, 20)], [False, False]),
    ],
)
def test_requests_that_overlap_are_in_company(
    a_trial: Trial, spans: list[tuple[float, float]], expected: list[bool]
) -> None:
    assert seen(flights(a_trial, *spans)) == expected


def test_an_overlap_too_short_to_matter_is_no_company(a_trial: Trial) -> None:
    assert seen(flights(a_trial, (0, 10), (9.9, 20))) == [False, False]
    assert seen(flights(a_trial, (0, 100), (99, 101))) == [False, True]


def test_a_clock_of_whole_seconds_leaves_short_requests_open(a_trial: Trial) -> None:
    def at(number: int, finished_at: str, latency_s: float) -> TrialRecord:
        return a_trial(number, "r", finished_at=finished_at, latency_s=latency_s)

    short = (
        at(0, "2026-01-01T00:00:10+00:00", 0.5),
        at(1, "2026-01-01T00:00:10+00:00", 0.5),
        at(2, "2026-01-01T00:00:30+00:00", 0.5),
    )
    long = (at(0, "2026-01-01T00:01:00Z", 59.0), at(1, "2026-01-01T00:01:10Z", 60.0))

    assert seen(short) == [None, None, False]
    assert seen(long) == [True, True]
    assert coarsest_step_s(short) == 1.0


def test_a_clock_of_whole_seconds_leaves_requests_one_after_another_open(a_trial: Trial) -> None:
    times = ("2026-01-01T00:00:10Z", "2026-01-01T00:00:11Z")
    records = tuple(a_trial(n, "r", finished_at=at) for n, at in enumerate(times))

    assert seen(records) == [None, None]


def test_records_without_a_time_or_a_latency_are_left_out(a_trial: Trial) -> None:
    records = (
        a_trial(0, "r", latency_s=None),
        a_trial(1, "r", finished_at=None),
        a_trial(2, "r", finished_at="yesterday"),
        a_trial(3, "e"),
    )

    assert accompanied(records) == {}
    assert coarsest_step_s(records) is None


def test_the_step_is_the_last_written_digit(a_trial: Trial) -> None:
    assert coarsest_step_s([a_trial(0, "r")]) == pytest.approx(0.001)
    assert coarsest_step_s(
        [a_trial(0, "r", finished_at="2026-01-01T00:00:10.123456+00:00"), a_trial(1, "r")]
    ) == pytest.approx(0.001)
