"""A cost is told with the requests it is over, by the server and by the journal, or not at all."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recallbench.domain import Outcome, TrialRecord
from recallbench.engines.server_metrics import ServerCounts
from recallbench.stats.cost import Cost, Counts, Figure, added, cost_of

# Growth of a real server's counts over 7 requests of 600 tokens, 2 of them partly cached.
COUNTS: Counts = {
    "requests": 7,
    "first_token_s": 12.682680130004883,
    "first_tokens": 7,
    "queue_s": 0.00021112599642947316,
    "queued": 7,
    "prefill_s": 10.339686980994884,
    "prefills": 7,
    "prompt_tokens": 4200,
    "cached_tokens": 1024,
    "computed_tokens": 3176,
    "preemptions": 0,
}
START = datetime(2026, 1, 1, tzinfo=UTC)


def record(end_s: float | None, latency_s: float | None, **news: Any) -> TrialRecord:
    """One that was answered so many seconds after the start, with 600 prompt tokens."""
    ended = None if end_s is None else START + timedelta(seconds=end_s)
    plain = TrialRecord(
        variant="a",
        trial_id=f"{end_s}",
        length_tokens=600,
        depth=0.5,
        repeat=0,
        outcome=Outcome.RECALLED,
        key="1",
        prompt_tokens=600,
        latency_s=latency_s,
        finished_at=ended.isoformat(timespec="milliseconds") if ended else None,
    )
    return replace(plain, **news)


def about(value: float, n: int) -> Figure:
    """Equal to a figure that differs by rounding only."""
    return Figure(value=pytest.approx(value, rel=1e-6), n=n)  # type: ignore[arg-type]  # one to compare


def cost(counts: Counts | None = None, records: Iterable[TrialRecord] = ()) -> Cost:
    return cost_of(counts, records, variant="a")


def without(*names: str, **news: float | None) -> Counts:
    return {**COUNTS, **dict.fromkeys(names), **news}


def test_a_real_servers_counts_are_its_figures() -> None:
    told = cost(COUNTS)

    assert told.mean_first_token_s == about(1.81181145, n=7)
    assert told.prefill_tokens_per_s == about(307.165970, n=7)
    assert told.cached_share == about(0.24380952, n=7)
    assert told.finished == 7


def test_the_names_are_those_of_a_server() -> None:
    since = {"whole_s"}  # counted since these were taken
    assert set(COUNTS) == {field.name for field in fields(ServerCounts)} - since
    assert cost(json.loads(json.dumps(asdict(ServerCounts(requests=3))))).finished == 3


@pytest.mark.parametrize("counts", [None, {}, dict.fromkeys(COUNTS), dict.fromkeys(COUNTS, 0)])
def test_no_counts_and_no_records_are_no_figures(counts: Counts | None) -> None:
    told = cost(counts)

    assert told.mean_first_token_s is None
    assert told.prefill_tokens_per_s is None
    assert told.cached_share is None
    assert told.prompt_tokens_per_s is None
    assert told.median_latency_s is None
    assert told.answered == 0


@pytest.mark.parametrize(
    ("missing", "lost"),
    [
        ("first_token_s", "mean_first_token_s"),
        ("first_tokens", "mean_first_token_s"),
        ("prefill_s", "prefill_tokens_per_s"),
        ("prefills", "prefill_tokens_per_s"),
        ("cached_tokens", "cached_share"),
        ("prompt_tokens", "cached_share"),
        ("requests", "finished"),
    ],
)
def test_a_count_that_is_missing_takes_its_figure_along(missing: str, lost: str) -> None:
    assert getattr(cost(COUNTS), lost) is not None
    assert getattr(cost(without(missing)), lost) is None


def test_without_computed_tokens_they_are_what_the_cache_left() -> None:
    assert cost(without("computed_tokens")) == cost(COUNTS)
    assert cost(without("computed_tokens", "cached_tokens")).prefill_tokens_per_s is None
    assert cost(without("computed_tokens", "prompt_tokens")).prefill_tokens_per_s is None


def test_no_computed_tokens_are_known_to_be_none() -> None:
    assert cost(without(computed_tokens=0)).prefill_tokens_per_s == Figure(value=0.0, n=7)


def test_a_cache_that_has_hit_more_than_was_asked_tells_nothing() -> None:
    told = cost(without("computed_tokens", cached_tokens=4201))

    assert told.prefill_tokens_per_s is None
    assert told.cached_share is None


def test_overlapping_time_counts_once() -> None:
    # In flight from 0 to 6, two and three at a time.
    records = [record(4, 4), record(5, 4), record(6, 3), record(6, 1)]

    assert cost(None, records).prompt_tokens_per_s == about(400, n=4)


def test_time_without_a_request_in_flight_does_not_count() -> None:
    # Two sessions of 4 s, a day apart.
    records = [record(4, 4), record(86_404, 4)]

    assert cost(None, records).prompt_tokens_per_s == about(150, n=2)


@given(st.lists(st.tuples(st.integers(0, 500), st.integers(1, 60)), min_size=1, max_size=20))
def test_the_time_at_work_is_that_of_the_seconds_with_a_request(
    spans: list[tuple[int, int]],
) -> None:
    busy = {second for start, length in spans for second in range(start, start + length)}

    told = cost(None, [record(start + length, length) for start, length in spans])

    assert told.prompt_tokens_per_s is not None
    assert told.prompt_tokens_per_s.value == pytest.approx(600 * len(spans) / len(busy))
    assert told.prompt_tokens_per_s.n == len(spans)


def test_requests_as_short_as_the_clocks_step_have_no_pace() -> None:
    in_seconds = "2026-01-01T00:00:0{}+00:00"
    short = [record(None, 0.3, finished_at=in_seconds.format(end)) for end in (1, 1, 1, 2, 2)]
    long = [record(None, 50, finished_at=in_seconds.format(end)) for end in (1, 2)]

    assert cost(None, short).prompt_tokens_per_s is None
    assert cost(None, long).prompt_tokens_per_s == about(1200 / 51, n=2)


def test_requests_one_after_the_other_are_as_uncertain_as_their_number() -> None:
    one_by_one = [record(end * 0.010, 0.010) for end in range(1, 101)]
    together = [record(0.5 + end * 0.010, 0.5) for end in range(1, 101)]

    assert cost(None, one_by_one).prompt_tokens_per_s is None
    assert cost(None, together).prompt_tokens_per_s is not None


@pytest.mark.parametrize(
    "news", [{"prompt_tokens": None}, {"finished_at": None}, {"finished_at": "yesterday"}]
)
def test_one_answered_request_of_unknown_tokens_or_time_leaves_no_pace(
    news: dict[str, Any],
) -> None:
    told = cost(None, [record(4, 4), record(8, 4, **news)])

    assert told.prompt_tokens_per_s is None
    assert told.median_latency_s == Figure(value=4, n=2)


def test_the_median_latency_is_over_the_latest_measured_trials() -> None:
    records = [
        record(1, 100.0, trial_id="again"),
        record(2, 2.0),
        record(3, 3.0, outcome=Outcome.MISSED),
        record(4, 50.0, outcome=Outcome.TRUNCATED),
        record(5, None, outcome=Outcome.OVERFLOW),
        record(6, 4.0, trial_id="again"),
    ]

    assert cost(None, records).median_latency_s == Figure(value=3.0, n=3)


def test_what_was_answered_is_counted_by_request_whatever_became_of_it() -> None:
    records = [
        record(1, 1.0, trial_id="again", outcome=Outcome.ERRORED),
        record(2, 1.0, trial_id="again"),
        record(3, None, outcome=Outcome.ERRORED),
    ]

    assert cost(None, records).answered == 2


def test_other_variants_records_are_left_out() -> None:
    mine, other = record(4, 4), record(9, 1, variant="b")

    assert cost(COUNTS, [other, mine]) == cost(COUNTS, [mine])
    assert cost(None, [other]).answered == 0


def test_counts_are_a_variants_own_if_they_are_of_just_its_requests() -> None:
    records = [record(end, 1) for end in range(1, 8)]

    assert cost(COUNTS, records).is_own is True
    assert cost(COUNTS, records[:-1]).is_own is False
    assert cost(COUNTS, [*records, record(9, 1)]).is_own is False
    assert cost(None, records).is_own is None


def test_the_counts_of_two_sessions_are_added() -> None:
    both = added(COUNTS, without(requests=3, prefill_s=0.5))

    assert both is not None
    assert both["requests"] == 10
    assert both["prefill_s"] == pytest.approx(10.839687)
    assert both["prompt_tokens"] == 8400
    assert cost(added(COUNTS, COUNTS)).mean_first_token_s == about(1.81181145, n=14)


def test_a_session_whose_counts_are_not_known_adds_nothing() -> None:
    assert added(None, None) is None
    assert added(None, COUNTS) == COUNTS
    assert added(COUNTS, None) == COUNTS


def test_a_count_that_one_of_two_sessions_does_not_show_is_not_known() -> None:
    assert added({"a": 1, "b": 2}, {"a": None, "c": 3}) == {"a": None, "b": None, "c": None}


mappings = st.dictionaries(st.sampled_from("abc"), st.none() | st.integers(0, 10**9))


@given(mappings | st.none(), mappings | st.none())
def test_it_does_not_matter_which_session_was_first(
    first: Counts | None, second: Counts | None
) -> None:
    assert added(first, second) == added(second, first)
