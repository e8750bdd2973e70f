"""A variant's verdict: three outcomes, and nothing unanswered decides one."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recallbench.domain import Outcome, TrialRecord
from recallbench.domain.gate_rules import BaselineRule, EffectiveLengthRule, Floor, GateRules
from recallbench.errors import ComparisonError
from recallbench.gate.judging import Case, judge
from recallbench.gate.verdict import Judgement, VariantVerdict, Verdict
from support.records import DEPTHS, HIT, MISS, always, record, records

FLOOR = GateRules(floors=(Floor(up_to_tokens=None, recall=0.95),))
REACH = GateRules(effective_length=EffectiveLengthRule(tokens=2000, recall=0.85))
DROP = GateRules(baseline=BaselineRule(run=None, variant="bf16", max_drop=0.05))


def case(
    held: tuple[TrialRecord, ...],
    lengths: tuple[int, ...] = (1000,),
    baseline: tuple[TrialRecord, ...] | None = None,
    *,
    drawn: bool = False,
) -> Case:
    return Case(
        variant="v",
        records=held,
        lengths=lengths,
        depths=DEPTHS,
        baseline=baseline,
        is_sequential=drawn,
    )


def some(
    hits: int, misses: int, other: Outcome | None = None, others: int = 0
) -> tuple[TrialRecord, ...]:
    """So many trials of one length, rounds filled one by one."""
    outcomes = [HIT] * hits + [MISS] * misses + [other or HIT] * others
    return tuple(record(1000, DEPTHS[i % 5], i // 5, outcome) for i, outcome in enumerate(outcomes))


def only(verdict: VariantVerdict) -> Judgement:
    (judgement,) = verdict.judgements
    return judgement


@pytest.mark.parametrize("drawn", [False, True], ids=["fixed", "drawn"])
@pytest.mark.parametrize(
    ("hits", "misses", "expected"),
    [
        (60, 0, Verdict.PASS),
        (0, 60, Verdict.FAIL),
        (30, 30, Verdict.FAIL),
        (5, 0, Verdict.INCONCLUSIVE),
        (0, 0, Verdict.INCONCLUSIVE),
    ],
)
def test_a_floor_passes_fails_or_stays_open(
    hits: int, misses: int, expected: Verdict, *, drawn: bool
) -> None:
    assert judge(FLOOR, case(some(hits, misses), drawn=drawn)).verdict is expected


def test_a_fixed_number_of_trials_is_tested_exactly() -> None:
    """.87 is refuted by 22 hits of 22 (.87 ** 22 = .0467) and not by 21 (.0537)."""
    assert judge(FLOOR, case(some(22, 0))).verdict is Verdict.PASS
    assert judge(FLOOR, case(some(21, 0))).verdict is Verdict.INCONCLUSIVE


def test_drawn_trials_are_tested_by_what_may_be_looked_at_after_every_round() -> None:
    """What a single look at 22 hits would allow, looks after every round do not."""
    assert judge(FLOOR, case(some(25, 0), drawn=True)).verdict is Verdict.INCONCLUSIVE


def test_a_first_crossing_stands_whatever_comes_after_it() -> None:
    held = some(50, 50)

    verdict = judge(FLOOR, case(held, drawn=True))

    assert verdict.verdict is Verdict.PASS
    assert only(verdict).trials_needed == 35
    assert only(verdict).recall is not None


def test_only_whole_rounds_are_read_where_trials_are_drawn() -> None:
    without_one = tuple(each for each in some(100, 0) if (each.repeat, each.depth) != (3, 0.5))

    verdict = judge(FLOOR, case(without_one, drawn=True))

    assert verdict.verdict is Verdict.INCONCLUSIVE


@pytest.mark.parametrize("other", [Outcome.TRUNCATED, Outcome.OVERFLOW, Outcome.ERRORED])
@pytest.mark.parametrize("drawn", [False, True], ids=["fixed", "drawn"])
def test_an_unanswered_trial_never_decides(other: Outcome, *, drawn: bool) -> None:
    assert judge(FLOOR, case(some(0, 0, other, 60), drawn=drawn)).verdict is Verdict.INCONCLUSIVE
    assert judge(FLOOR, case(some(40, 0, other, 10), drawn=drawn)).verdict is not Verdict.FAIL
    assert judge(FLOOR, case(some(22, 0, other, 8))).verdict is not Verdict.PASS


@given(
    hits=st.integers(0, 60),
    misses=st.integers(0, 60),
    others=st.integers(1, 30),
    drawn=st.booleans(),
)
def test_more_unanswered_trials_never_turn_open_into_decided(
    hits: int, misses: int, others: int, *, drawn: bool
) -> None:
    with_them = judge(FLOOR, case(some(hits, misses, Outcome.TRUNCATED, others), drawn=drawn))
    if not drawn and with_them.verdict is not Verdict.INCONCLUSIVE:
        assert judge(FLOOR, case(some(hits, misses))).verdict is with_them.verdict


def test_a_floor_holds_up_to_its_length_and_none_beyond_the_last_is_said() -> None:
    rules = GateRules(
        floors=(Floor(up_to_tokens=1000, recall=1.0), Floor(up_to_tokens=3000, recall=0.9))
    )
    held = records(always(HIT), lengths=(500, 2000, 4000), repeats=range(20))

    verdict = judge(rules, case(held, (500, 2000, 4000)))

    assert [(j.length_tokens, j.demanded) for j in verdict.judgements] == [(500, 1.0), (2000, 0.9)]
    assert verdict.notes == ("no floor at 4,000 tokens: the longest has one up to 3,000",)


def test_rules_that_reach_none_of_its_lengths_are_no_pass() -> None:
    rules = GateRules(floors=(Floor(up_to_tokens=500, recall=0.9),), errors=0)

    assert judge(rules, case(some(60, 0))).verdict is Verdict.INCONCLUSIVE


def test_one_length_that_fails_fails_the_variant() -> None:
    held = records(
        lambda length, _depth, _repeat: MISS if length == 2000 else HIT,
        lengths=(1000, 2000),
        repeats=range(20),
    )

    verdict = judge(FLOOR, case(held, (1000, 2000)))

    assert verdict.verdict is Verdict.FAIL
    assert [judgement.length_tokens for judgement in verdict.deciding] == [2000]
    assert len(verdict.deciding[0].against) == 100


def test_a_fail_takes_more_evidence_where_more_is_judged() -> None:
    """.05 for one length is .0125 for each of four, as one of them may fail by chance."""
    weak = some(17, 4)
    many = tuple(
        replace(r, length_tokens=length) for length in (1000, 2000, 3000, 4000) for r in weak
    )

    assert judge(FLOOR, case(weak)).verdict is Verdict.FAIL
    assert judge(FLOOR, case(many[:21], (1000, 2000, 3000, 4000))).verdict is Verdict.INCONCLUSIVE


def test_an_effective_length_has_to_hold_at_every_length_up_to_it() -> None:
    held = records(always(HIT), lengths=(1000, 2000, 4000), repeats=range(10))

    verdict = judge(REACH, case(held, (1000, 2000, 4000)))

    assert verdict.verdict is Verdict.PASS
    assert [judgement.length_tokens for judgement in verdict.judgements] == [1000, 2000]


def test_an_effective_length_between_two_lengths_has_to_hold_at_the_longer() -> None:
    held = records(always(HIT), lengths=(1000, 4000), repeats=range(10))

    verdict = judge(REACH, case(held, (1000, 4000)))

    assert [judgement.length_tokens for judgement in verdict.judgements] == [1000, 4000]


def test_an_effective_length_that_was_not_asked_is_not_reached() -> None:
    held = records(always(HIT), repeats=range(10))

    verdict = judge(REACH, case(held))

    assert verdict.verdict is Verdict.INCONCLUSIVE
    assert "not asked at 2,000 tokens or more; the longest is 1,000" in verdict.judgements[-1].what


@pytest.mark.parametrize("drawn", [False, True], ids=["fixed", "drawn"])
def test_a_drop_is_ruled_out_proven_or_neither(*, drawn: bool) -> None:
    bf16 = records(always(HIT), repeats=range(20), variant="bf16")
    same = records(always(HIT), repeats=range(20))
    worse = records(lambda _, depth, __: MISS if depth > 0.4 else HIT, repeats=range(20))
    few = records(always(HIT), repeats=range(2))

    def of(held: tuple[TrialRecord, ...]) -> VariantVerdict:
        return judge(DROP, case(held, baseline=bf16, drawn=drawn))

    assert of(same).verdict is Verdict.PASS
    assert of(worse).verdict is Verdict.FAIL
    assert of(few).verdict is Verdict.INCONCLUSIVE
    assert len(only(of(worse)).against) == 60


def test_a_loss_that_both_share_is_no_drop() -> None:
    missed = records(always(MISS), repeats=range(20))

    verdict = judge(DROP, case(missed, baseline=records(always(MISS), repeats=range(20))))

    assert verdict.verdict is Verdict.PASS


def test_the_baseline_itself_is_not_held_against_itself() -> None:
    assert judge(DROP, case(some(60, 0))).judgements[0].what == "it is the baseline itself"
    assert judge(DROP, case(some(60, 0))).verdict is Verdict.PASS
    both = replace(DROP, floors=FLOOR.floors)
    assert judge(both, case(some(60, 0))).verdict is Verdict.PASS


def test_a_baseline_of_other_questions_is_refused() -> None:
    other = tuple(record(seed="another", repeat=i) for i in range(10))

    with pytest.raises(ComparisonError, match="share no trial"):
        judge(DROP, case(some(10, 0), baseline=other))


@pytest.mark.parametrize(("allowed", "expected"), [(3, Verdict.PASS), (2, Verdict.FAIL)])
def test_errors_beyond_what_is_allowed_fail(allowed: int, expected: Verdict) -> None:
    rules = replace(FLOOR, errors=allowed)

    verdict = judge(rules, case(some(57, 0, Outcome.ERRORED, 3)))

    assert verdict.judgements[-1].rule == "errors"
    assert verdict.judgements[-1].verdict is expected
    assert verdict.incomplete == (0 if allowed == 3 else 3)


def test_errors_without_a_rule_leave_it_incomplete_and_undecided_things_open() -> None:
    verdict = judge(FLOOR, case(some(57, 0, Outcome.ERRORED, 3)))

    assert verdict.incomplete == 3
    assert [judgement.rule for judgement in verdict.judgements] == ["floor"]
