"""A judgement is told with its rule, its length and its trials."""

from __future__ import annotations

import pytest

from recallbench.gate.verdict import Judgement, Verdict
from recallbench.reports.judgement_words import (
    written_count,
    written_demand,
    written_judgement,
    written_place,
    written_reason,
)
from support.verdicts import drop_at, errors, floor_at, not_asked


@pytest.mark.parametrize(
    ("judgement", "place", "count", "demand"),
    [
        (floor_at(8000, Verdict.PASS), "floor at 8,000 tokens", "45/50", "floor 0.9"),
        (
            drop_at(8000, Verdict.FAIL),
            "baseline at 8,000 tokens",
            "3 lost, 1 gained of 50",
            "drop < 0.05",
        ),
        (errors(Verdict.PASS), "errors", None, "at most 2"),
        (not_asked(64_000), "effective-length at 64,000 tokens", None, "above 0.85"),
    ],
)
def test_every_rule_has_its_words(
    judgement: Judgement, place: str, count: str | None, demand: str
) -> None:
    assert written_place(judgement) == place
    assert written_count(judgement) == count
    assert written_demand(judgement) == demand


@pytest.mark.parametrize(
    ("lean", "told"),
    [
        (0.46, "the evidence is 46% of the way to a pass"),
        (-0.24, "the evidence is 24% of the way to a fail"),
        (-0.999, "the evidence is >99% of the way to a fail"),
        (0.0, "the evidence leans neither way"),
    ],
)
def test_undecided_evidence_says_which_way_it_leans(lean: float, told: str) -> None:
    reason = written_reason(floor_at(8000, Verdict.INCONCLUSIVE, lean=lean))

    assert reason == f"as it was proven; {told}"


def test_a_decision_says_after_how_many_trials_and_leans_no_more() -> None:
    judgement = floor_at(8000, Verdict.PASS, lean=1.0, trials_needed=45, unanswered=1200)

    assert written_reason(judgement) == (
        "as it was proven; decided after 45 trials; 1,200 unanswered"
    )


def test_a_sentence_holds_place_count_and_reason() -> None:
    assert written_judgement(floor_at(8000, Verdict.FAIL)) == (
        "floor at 8,000 tokens: 45/50, as it was proven"
    )
    assert written_judgement(errors(Verdict.PASS)) == (
        "errors: 1 errored or refused, at most 2 allowed"
    )
