"""Trials are counted by themselves or by round, and the answer of a test is a verdict."""

from __future__ import annotations

import pytest

from recallbench.domain import TrialRecord
from recallbench.domain.layout import Haystacks
from recallbench.gate.length_records import LengthRecords, by_length
from recallbench.gate.terms import Terms, counted, from_evidence, from_p_values
from recallbench.gate.verdict import Verdict
from recallbench.stats.evidence import Boundaries, Decision, Evidence, Weights
from recallbench.stats.proportion import Proportion
from support.records import DEPTHS, letters


def terms(shared_by: Haystacks = "trial") -> Terms:
    return Terms(false_alarm=0.01, miss=0.05, is_sequential=False, shared_by=shared_by)


def held(them: tuple[TrialRecord, ...] | list[TrialRecord]) -> LengthRecords:
    return by_length(them, (1000,), DEPTHS)[1000]


def test_trials_of_haystacks_of_their_own_are_counted_one_by_one() -> None:
    them = counted(held(letters("hhmth", "mm-hh")), terms())

    assert them.recall == Proportion(k=5, n=8)
    assert them.unanswered == 1
    assert set(them.measured.trials) == {0, 1}
    assert (sum(them.measured.hits), sum(them.measured.trials)) == (5, 8)
    assert (sum(them.worst.hits), sum(them.worst.trials)) == (5, 9)


def test_trials_of_a_round_are_one_haystack_where_they_share_it() -> None:
    them = counted(held(letters("hhmth", "mm-hh")), terms("repeat"))

    assert (them.measured.hits, them.measured.trials) == ((3, 2), (4, 4))
    assert (them.worst.hits, them.worst.trials) == ((3, 2), (5, 4))
    assert them.recall == Proportion(k=5, n=8)


def test_nothing_asked_is_nothing_counted() -> None:
    them = counted(held([]), terms())

    assert (them.recall.n, them.unanswered, them.measured.trials) == (0, 0, ())


@pytest.mark.parametrize(
    ("decision", "verdict"),
    [("pass", Verdict.PASS), ("fail", Verdict.FAIL), (None, Verdict.INCONCLUSIVE)],
)
def test_a_sequential_decision_is_the_verdict(decision: Decision | None, verdict: Verdict) -> None:
    evidence = Evidence(
        decision=decision,
        rounds_used=None,
        trials=5,
        weights=Weights(0.0, 0.0),
        boundaries=Boundaries(3.0, 3.0),
    )

    assert from_evidence(evidence) is verdict


@pytest.mark.parametrize(
    ("p_fail", "p_pass", "verdict"),
    [
        (0.01, 1.0, Verdict.FAIL),
        (0.011, 1.0, Verdict.INCONCLUSIVE),
        (1.0, 0.05, Verdict.PASS),
        (1.0, 0.051, Verdict.INCONCLUSIVE),
        (0.001, 0.001, Verdict.FAIL),
        (None, 0.001, Verdict.PASS),
        (0.001, None, Verdict.FAIL),
        (None, None, Verdict.INCONCLUSIVE),
    ],
)
def test_a_fail_is_held_to_its_own_rate_and_goes_first(
    p_fail: float | None, p_pass: float | None, verdict: Verdict
) -> None:
    """The rates here: .01 for a wrong fail, .05 for a wrong pass."""
    assert from_p_values(p_fail, p_pass, terms()) is verdict
