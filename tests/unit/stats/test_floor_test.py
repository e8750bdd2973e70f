"""A floor test passes the healthy, fails the broken, and lets no unanswered trial decide."""

from __future__ import annotations

from itertools import product
from math import exp, inf, log, prod

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recallbench.stats.evidence import Boundaries
from recallbench.stats.floor_test import FloorTest
from recallbench.stats.rounds import Round

TEST = FloorTest(floor=0.98, tolerance=0.08)
SHARED = FloorTest(floor=0.98, tolerance=0.08, shared=True)
CLEAN = Round(hits=5, misses=0)
BAD = Round(hits=0, misses=5)
UNMEASURED = Round(hits=0, misses=0, unmeasured=5)

mixed = st.tuples(st.integers(0, 5), st.integers(0, 5)).map(
    lambda pair: Round(hits=min(pair), misses=max(pair) - min(pair), unmeasured=5 - max(pair))
)


def test_all_hits_pass_after_35_trials() -> None:
    evidence = TEST.judge([CLEAN] * 60)

    assert (evidence.decision, evidence.rounds_used, evidence.trials) == ("pass", 7, 35)
    assert evidence.weights.for_pass == pytest.approx(35 * log(0.98 / 0.90))


def test_no_hits_fail_after_one_round() -> None:
    evidence = TEST.judge([BAD] * 60)

    assert (evidence.decision, evidence.trials) == ("fail", 5)
    assert evidence.weights.for_fail == pytest.approx(5 * log(0.10 / 0.02))


def test_the_weights_are_walds() -> None:
    # 14 hits and 1 miss: 14 ln(.98/.90) - ln(.10/.02) = 1.19221 - 1.60944.
    evidence = TEST.judge([CLEAN, Round(hits=4, misses=1), CLEAN])

    assert evidence.decision is None
    assert evidence.weights.for_pass == pytest.approx(-0.41722, abs=1e-5)
    assert evidence.weights.for_fail == pytest.approx(0.41722, abs=1e-5)
    assert evidence.lean == pytest.approx(-0.41722 / evidence.boundaries.fail_at, abs=1e-5)


def test_the_first_crossing_stands() -> None:
    assert TEST.judge([CLEAN] * 7 + [BAD] * 9).decision == "pass"
    assert TEST.judge([BAD] + [CLEAN] * 99).decision == "fail"


def test_the_order_of_the_rounds_matters_only_until_the_decision() -> None:
    early = TEST.judge([Round(hits=4, misses=1)] + [CLEAN] * 30)
    late = TEST.judge([CLEAN] * 30 + [Round(hits=4, misses=1)])

    assert early.decision == late.decision == "pass"
    assert early.trials > late.trials == 35


@given(st.lists(mixed, max_size=20), st.lists(mixed, max_size=5))
def test_later_rounds_do_not_undo_a_decision(first: list[Round], more: list[Round]) -> None:
    for test in (TEST, SHARED):
        evidence = test.judge(first)
        if first and evidence.decision is not None:
            assert test.judge(first + more) == evidence


@pytest.mark.parametrize("test", [TEST, SHARED, FloorTest(floor=1.0, tolerance=0.1)])
def test_unmeasured_trials_alone_never_decide(test: FloorTest) -> None:
    assert test.judge([UNMEASURED] * 500).decision is None


@given(st.lists(mixed, min_size=1, max_size=12))
def test_unmeasured_trials_weigh_as_misses_for_a_pass_and_as_hits_for_a_fail(
    rounds: list[Round],
) -> None:
    low = [Round(hits=r.hits, misses=r.misses + r.unmeasured) for r in rounds]
    high = [Round(hits=r.hits + r.unmeasured, misses=r.misses) for r in rounds]

    for test in (TEST, SHARED):
        told, worst, best = test.judge(rounds), test.judge(low), test.judge(high)
        assert (told.decision == "pass") == (worst.decision == "pass")
        assert (told.decision == "fail") == (best.decision == "fail")


def test_unmeasured_trials_are_no_hits_for_a_pass() -> None:
    truncated = Round(hits=4, misses=0, unmeasured=1)

    evidence = TEST.judge([truncated] * 2)

    assert evidence.weights.for_pass == pytest.approx(8 * log(0.98 / 0.9) - 2 * log(5))
    assert evidence.weights.for_fail == pytest.approx(-10 * log(0.98 / 0.9))
    assert evidence.lean == 0.0
    assert TEST.judge([truncated] * 60).decision is None


def test_at_floor_1_the_first_miss_fails() -> None:
    strict = FloorTest(floor=1.0, tolerance=0.1)

    evidence = strict.judge([CLEAN, Round(hits=4, misses=1), CLEAN])

    assert (evidence.decision, evidence.rounds_used) == ("fail", 2)
    assert evidence.weights.for_fail == inf
    # 0.9^29 <= 0.05 < 0.9^28, at the end of the sixth round of 5.
    assert strict.judge([CLEAN] * 60).trials == 30
    assert strict.judge([Round(hits=1, misses=0)] * 60).trials == 29


def test_shared_haystacks_give_one_factor_a_round() -> None:
    evidence = SHARED.judge([Round(hits=4, misses=1)])

    # Means .8: 1 + .08/.09 (.8 - .9) and 1 - .08/(.98 * .02) (.8 - .98).
    assert exp(evidence.weights.for_pass) == pytest.approx(1 - 0.08 / 0.9)
    assert exp(evidence.weights.for_fail) == pytest.approx(1 + 0.08 * 0.18 / 0.0196)
    assert evidence.boundaries == Boundaries(pass_at=log(20), fail_at=log(20))


def test_shared_haystacks_need_more_trials() -> None:
    # 36 factors of .98/.90 are the first to reach 20.
    assert SHARED.judge([CLEAN] * 60).rounds_used == 36


def test_shared_haystacks_at_floor_1_fail_at_the_first_miss() -> None:
    strict = FloorTest(floor=1.0, tolerance=0.1, shared=True)

    assert strict.judge([CLEAN, Round(hits=4, misses=1)]).decision == "fail"
    assert strict.judge([CLEAN] * 60).rounds_used == 29


@pytest.mark.parametrize("both", [True, False])
def test_shared_rounds_are_supermartingales_however_their_trials_depend(*, both: bool) -> None:
    """By enumeration of two rounds of 2, whose trials hit together or never together."""
    for null, side in ((0.98, 1), (0.90, 0)):
        together = [(null, 2), (1 - null, 0)]
        apart = [(2 * null - 1, 2), (2 - 2 * null, 1)]
        outcomes = together if both else apart
        mean = 0.0
        for pair in product(outcomes, repeat=2):
            rounds = [Round(hits=hits, misses=2 - hits) for _, hits in pair]
            weights = SHARED.judge(rounds).weights
            mean += prod(chance for chance, _ in pair) * exp(weights[side])
        assert mean <= 1 + 1e-12


def test_without_rounds_nothing_is_decided() -> None:
    evidence = TEST.judge([])

    assert (evidence.decision, evidence.trials, evidence.lean) == (None, 0, 0.0)
    assert evidence.boundaries == TEST.boundaries(1)


@pytest.mark.parametrize(
    ("floor", "tolerance", "words"),
    [
        (0.0, 0.1, "floor must be in"),
        (1.1, 0.1, "floor must be in"),
        (float("nan"), 0.1, "floor must be in"),
        (0.9, 0.0, "tolerance must be in"),
        (0.9, 0.9, "tolerance must be in"),
    ],
)
def test_impossible_claims_are_refused(floor: float, tolerance: float, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        FloorTest(floor=floor, tolerance=tolerance)


def test_a_round_without_trials_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        TEST.boundaries(0)
    with pytest.raises(ValueError, match="same number of trials"):
        TEST.judge([CLEAN, Round(hits=1, misses=0)])
