"""What a history keeps of a run: its time in UTC, and no text of a model."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recallbench.reports.page.history_run import utc_time, without_texts
from support.records import record


@pytest.mark.parametrize(
    "text", ["2026-11-20T02:30:00+00:00", "2026-11-20T02:30:00", "2026-11-20T04:30:00+02:00"]
)
def test_a_time_is_told_in_utc(text: str) -> None:
    assert utc_time(text) == datetime(2026, 11, 20, 2, 30, tzinfo=UTC)


@pytest.mark.parametrize("text", [None, 5, "", "yesterday", "0001-01-01T00:00:00+23:00"])
def test_what_is_no_time_is_not_known(text: object) -> None:
    assert utc_time(text) is None


@given(st.text())
def test_no_text_is_an_error(text: str) -> None:
    assert utc_time(text) is None or isinstance(utc_time(text), datetime)


def test_records_lose_their_texts_and_keep_what_pairs_them() -> None:
    long = "x" * 10_000
    spoken = replace(
        record(), answer=long, thought=long, error=long, needle_context=(long, long, long)
    )

    assert without_texts([spoken]) == (record(),)
