"""Only two outcomes count in recall."""

from __future__ import annotations

from recallbench.domain import Outcome


def test_only_an_answer_is_a_measurement() -> None:
    assert {outcome for outcome in Outcome if outcome.is_measured} == {
        Outcome.RECALLED,
        Outcome.MISSED,
    }


def test_outcomes_are_written_as_their_words() -> None:
    assert [str(outcome) for outcome in Outcome] == [
        "recalled",
        "missed",
        "truncated",
        "overflow",
        "errored",
    ]
