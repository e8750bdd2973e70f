"""Betting tests keep their errors exactly, pass sound arms soon and fail broken ones sooner."""

from __future__ import annotations

from collections import defaultdict
from itertools import product
from math import exp, log, prod

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recallbench.stats.mean_test import FAIL_BETS, PASS_BETS, DropTest, LevelTest
from recallbench.stats.rounds import PairedRound, Round

DROP = DropTest(max_drop=0.05)
LEVEL = LevelTest(level=0.9)
SAME = PairedRound(lost=0, gained=0, same=5)
CLEAN = Round(hits=5, misses=0)


def pairs(lost: int, gained: int = 0) -> PairedRound:
    return PairedRound(lost=lost, gained=gained, same=5 - lost - gained)


def outcome_chances(recalls: tuple[float, ...]) -> dict[int, float]:
    """Chance of each number of hits, by enumeration."""
    chances = defaultdict[int, float](float)
    for hits in product((1, 0), repeat=len(recalls)):
        chances[sum(hits)] += prod(
            p if hit else 1 - p for hit, p in zip(hits, recalls, strict=True)
        )
    return dict(chances)


def test_equal_arms_pass_after_80_pairs() -> None:
    evidence = DROP.judge([SAME] * 60)

    assert (evidence.decision, evidence.trials) == ("pass", 80)


def test_an_arm_that_gains_passes_sooner() -> None:
    assert DROP.judge([pairs(lost=0, gained=1)] * 60).trials < 80


def test_a_lost_pair_delays_a_pass_and_does_not_prevent_it() -> None:
    evidence = DROP.judge([pairs(lost=1)] + [SAME] * 60)

    assert evidence.decision == "pass"
    assert 80 < evidence.trials < 200


@pytest.mark.parametrize(("lost", "most"), [(5, 10), (2, 25), (1, 60)])
def test_large_drops_fail_in_few_pairs(lost: int, most: int) -> None:
    evidence = DROP.judge([pairs(lost=lost)] * 60)

    assert evidence.decision == "fail"
    assert evidence.trials <= most


def test_the_evidence_is_the_mean_wealth_of_the_bets() -> None:
    # A lost and a gained pair at max_drop 0: 1 - b^2 each way.
    evidence = DropTest(max_drop=0.0).judge([PairedRound(lost=1, gained=1, same=3)])

    assert exp(evidence.weights.for_pass) == pytest.approx(
        sum(1 - bet**2 for bet in PASS_BETS) / len(PASS_BETS)
    )
    assert exp(evidence.weights.for_fail) == pytest.approx(
        sum(1 - bet**2 for bet in FAIL_BETS) / len(FAIL_BETS)
    )


def test_the_level_evidence_is_the_mean_wealth_of_the_bets() -> None:
    # A hit and a miss at level .5: (1 + s) (1 - s), of bets s / .5.
    evidence = LevelTest(level=0.5).judge([Round(hits=1, misses=1)])

    assert exp(evidence.weights.for_pass) == pytest.approx(
        sum(1 - share**2 for share in PASS_BETS) / len(PASS_BETS)
    )
    assert exp(evidence.weights.for_fail) == pytest.approx(
        sum(1 - share**2 for share in FAIL_BETS) / len(FAIL_BETS)
    )


@pytest.mark.parametrize(
    "recalls", [(0.9, 0.9, 0.9), (1.0, 1.0, 0.7), (1.0, 0.85, 0.85), (0.8, 0.9, 1.0)]
)
def test_level_evidence_is_a_supermartingale_at_uneven_depths(recalls: tuple[float, ...]) -> None:
    """By enumeration of two rounds at the level, of both sides, however it is stopped."""
    chances = outcome_chances(recalls)
    for side in (0, 1):
        mean = 0.0
        for two in product(chances, repeat=2):
            rounds = [Round(hits=hits, misses=3 - hits) for hits in two]
            mean += prod(chances[hits] for hits in two) * exp(LEVEL.judge(rounds).weights[side])
        assert mean <= 1 + 1e-12


@pytest.mark.parametrize("shares", [((0.05, 0.0), (0.05, 0.0)), ((0.1, 0.0), (0.1, 0.1))])
def test_drop_evidence_is_a_supermartingale_at_uneven_depths(
    shares: tuple[tuple[float, float], ...],
) -> None:
    """By enumeration of two rounds of two pairs, (lost, gained) of each depth, mean drop .05."""
    values = {-1: 0, 1: 1}
    chances = defaultdict[tuple[int, int], float](float)
    for two in product((-1, 0, 1), repeat=2):
        part = prod(
            (1 - sum(share)) if value == 0 else share[values[value]]
            for value, share in zip(two, shares, strict=True)
        )
        chances[two.count(-1), two.count(1)] += part
    for side in (0, 1):
        mean = 0.0
        for both in product(chances, repeat=2):
            rounds = [PairedRound(lost=a, gained=b, same=2 - a - b) for a, b in both]
            mean += prod(chances[each] for each in both) * exp(DROP.judge(rounds).weights[side])
        assert mean <= 1 + 1e-12


@pytest.mark.parametrize(
    "test", [LevelTest(level=0.9), LevelTest(level=0.5), LevelTest(level=0.8, shared=True)]
)
def test_wrong_decisions_at_the_level_are_as_rare_as_asked(test: LevelTest) -> None:
    """Exactly, over all paths of 6 rounds of 2."""
    chances = outcome_chances((test.level, test.level))
    wrong = defaultdict[str | None, float](float)
    for path in product(chances, repeat=6):
        rounds = [Round(hits=hits, misses=2 - hits) for hits in path]
        wrong[test.judge(rounds).decision] += prod(chances[hits] for hits in path)

    assert wrong["pass"] <= 0.05
    assert 0 < wrong["fail"] <= 0.05


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 3)), min_size=1, max_size=30))
def test_lean_stays_within_its_ends_and_meets_them_at_decisions(
    counts: list[tuple[int, int]],
) -> None:
    evidence = DROP.judge([pairs(lost=lost, gained=gained) for lost, gained in counts])

    assert -1.0 <= evidence.lean <= 1.0
    assert (evidence.lean == 1.0) == (evidence.decision == "pass")
    assert (evidence.lean == -1.0) == (evidence.decision == "fail")


def test_the_first_crossing_stands() -> None:
    assert DROP.judge([SAME] * 16 + [pairs(lost=5)] * 9).decision == "pass"
    assert DROP.judge([pairs(lost=5)] * 2 + [SAME] * 99).decision == "fail"
    assert LEVEL.judge([CLEAN] * 8 + [Round(hits=0, misses=5)] * 9).decision == "pass"


def test_unmeasured_pairs_are_lost_for_a_pass_and_do_not_count_for_a_fail() -> None:
    some = [PairedRound(lost=0, gained=1, same=3, unmeasured=1)]

    weights = DROP.judge(some).weights

    assert weights.for_pass == DROP.judge([pairs(lost=1, gained=1)]).weights.for_pass
    four = [PairedRound(lost=0, gained=1, same=3)]
    assert weights.for_fail == DROP.judge(four).weights.for_fail


def test_unmeasured_trials_are_misses_for_a_pass_and_do_not_count_for_a_fail() -> None:
    weights = LEVEL.judge([Round(hits=3, misses=1, unmeasured=1)]).weights

    assert weights.for_pass == LEVEL.judge([Round(hits=3, misses=2)]).weights.for_pass
    assert weights.for_fail == LEVEL.judge([Round(hits=3, misses=1)]).weights.for_fail


@pytest.mark.parametrize("shared", [True, False])
def test_unmeasured_trials_alone_never_decide(*, shared: bool) -> None:
    paired = [PairedRound(lost=0, gained=0, same=0, unmeasured=5)] * 99
    single = [Round(hits=0, misses=0, unmeasured=5)] * 99

    assert DropTest(max_drop=0.05, shared=shared).judge(paired).decision is None
    assert LevelTest(level=0.9, shared=shared).judge(single).decision is None


def test_a_shared_round_is_one_value() -> None:
    shared = LevelTest(level=0.9, shared=True)

    assert shared.judge([CLEAN]).weights == LEVEL.judge([Round(hits=1, misses=0)]).weights
    half = shared.judge([Round(hits=2, misses=2)]).weights
    # Mean .5 at level .9, of bets s / .9: 1 - .4 s / .9.
    assert exp(half.for_pass) == pytest.approx(
        sum(1 - 0.4 * share / 0.9 for share in PASS_BETS) / len(PASS_BETS)
    )


def test_a_shared_paired_round_is_one_value() -> None:
    shared = DropTest(max_drop=0.05, shared=True)
    one = DROP.judge([PairedRound(lost=0, gained=0, same=1)]).weights

    assert shared.judge([pairs(lost=1, gained=1)]).weights == one


def test_the_boundaries_are_villes() -> None:
    test = DropTest(max_drop=0.05, false_alarm=0.01, miss=0.1)

    assert test.boundaries.pass_at == pytest.approx(log(10))
    assert test.boundaries.fail_at == pytest.approx(log(100))


def test_without_rounds_nothing_is_decided() -> None:
    for evidence in (DROP.judge([]), LEVEL.judge([])):
        assert (evidence.decision, evidence.trials, evidence.lean) == (None, 0, 0.0)


@pytest.mark.parametrize("level", [0.0, 1.0, -1.0, float("nan")])
def test_a_level_that_nothing_is_beyond_is_refused(level: float) -> None:
    with pytest.raises(ValueError, match="level must be in"):
        LevelTest(level=level)


@pytest.mark.parametrize("max_drop", [-0.1, 1.0, float("nan")])
def test_a_drop_that_nothing_is_beyond_is_refused(max_drop: float) -> None:
    with pytest.raises(ValueError, match="max_drop must be in"):
        DropTest(max_drop=max_drop)
