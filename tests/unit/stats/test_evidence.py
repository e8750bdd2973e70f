"""Evidence decides at its first crossing, and leans between its boundaries."""

from __future__ import annotations

from math import inf

import pytest

from recallbench.stats.evidence import (
    Boundaries,
    Decision,
    Evidence,
    Weights,
    check_errors,
    first_crossing,
)

AT = Boundaries(pass_at=4.0, fail_at=2.0)


def walk(*weights: float) -> Evidence:
    return first_crossing([Weights(each, -each) for each in weights], AT, size=5)


@pytest.mark.parametrize(
    ("weights", "decision", "rounds"),
    [
        ((1.0, 4.0, -9.0), "pass", 2),
        ((1.0, -2.0, 9.0), "fail", 2),
        ((-5.0,), "fail", 1),
    ],
)
def test_the_first_crossing_stands(
    weights: tuple[float, ...], decision: Decision, rounds: int
) -> None:
    evidence = walk(*weights)

    assert (evidence.decision, evidence.rounds_used) == (decision, rounds)
    assert evidence.trials == 5 * rounds
    assert evidence.weights.for_pass == weights[rounds - 1]


def test_between_the_boundaries_nothing_is_decided() -> None:
    evidence = walk(1.0, 3.9, -1.9)

    assert evidence.decision is None
    assert evidence.rounds_used is None
    assert evidence.trials == 15


def test_a_round_that_crosses_both_boundaries_fails() -> None:
    assert first_crossing([Weights(9.0, 9.0)], AT, size=1).decision == "fail"


def test_without_rounds_nothing_is_known() -> None:
    evidence = walk()

    assert evidence.decision is None
    assert evidence.trials == 0
    assert evidence.lean == 0.0


@pytest.mark.parametrize(
    ("for_pass", "for_fail", "lean"),
    [
        (4.5, -4.5, 1.0),
        (-7.0, 7.0, -1.0),
        (-inf, inf, -1.0),
        (2.0, -2.0, 0.5),
        (-1.0, 1.0, -0.5),
        (-1.0, -1.0, 0.0),
        (-inf, -1.0, 0.0),
        (2.0, 0.5, 0.25),
    ],
)
def test_lean_is_the_way_gone_to_a_boundary(for_pass: float, for_fail: float, lean: float) -> None:
    assert first_crossing([Weights(for_pass, for_fail)], AT, size=1).lean == lean


@pytest.mark.parametrize("error", [0.0, -0.1, 0.6, float("nan")])
def test_chances_of_error_no_test_can_have_are_refused(error: float) -> None:
    with pytest.raises(ValueError, match="false_alarm must be in"):
        check_errors(error, 0.05)
    with pytest.raises(ValueError, match="miss must be in"):
        check_errors(0.05, error)
