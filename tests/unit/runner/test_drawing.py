"""Trials are drawn until the verdict is settled, in few when healthy and in fewer when broken."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from recallbench.domain import Grid, Outcome, Trial, TrialRecord
from recallbench.domain.gate_rules import BaselineRule, Floor, GateRules
from recallbench.gate.judging import Case
from recallbench.gate.verdict import Verdict
from recallbench.runner.drawing import Drawing
from recallbench.suite import trials_of
from support.records import DEPTHS, HIT, MISS, Judge, always, drawn

LENGTHS = (1000, 2000, 4000)
RULES = GateRules(floors=(Floor(up_to_tokens=None, recall=0.95),), until_decided=True)
MOST = 40
TRIALS = trials_of(Grid(lengths=LENGTHS, depths=DEPTHS, trials=MOST), "recipe")
LATE = next(
    trial.trial_id
    for trial in TRIALS
    if (trial.length_tokens, trial.depth, trial.repeat) == (2000, 0.5, 6)
)


def answered(trial: Trial, judge: Judge, variant: str = "v") -> TrialRecord:
    return TrialRecord(
        variant=variant,
        trial_id=trial.trial_id,
        length_tokens=trial.length_tokens,
        depth=trial.depth,
        repeat=trial.repeat,
        outcome=judge(trial.length_tokens, trial.depth, trial.repeat),
        key="73914206",
        prompt_sha256=trial.trial_id,
    )


def drawing(
    records: Sequence[TrialRecord] = (),
    rules: GateRules = RULES,
    baseline: Sequence[TrialRecord] | None = None,
    first_rounds: int = 1,
    *,
    deepest_first: bool = False,
) -> Drawing:
    return Drawing(
        rules=rules,
        case=Case(
            variant="v",
            records=records,
            lengths=LENGTHS,
            depths=DEPTHS,
            baseline=baseline,
            is_sequential=True,
        ),
        trials=TRIALS,
        first_rounds=first_rounds,
        deepest_first=deepest_first,
    )


def asked(
    source: Drawing, judge: Judge, in_flight: int = 1, *, shuffled: bool = True
) -> list[TrialRecord]:
    """Ask everything the source hands out, so many at a time, and answer in no order."""
    order = random.Random(7)
    records: list[TrialRecord] = []
    waiting: list[Trial] = []
    queue = iter(source)
    more = True
    while more or waiting:
        while more and len(waiting) < in_flight:
            trial = next(queue, None)
            more = trial is not None
            waiting += [trial] if trial else []
        if waiting:
            records.append(
                answered(waiting.pop(order.randrange(len(waiting)) if shuffled else 0), judge)
            )
            source.tell(records[-1])
    return records


def test_a_healthy_one_passes_with_a_part_of_its_trials() -> None:
    source = drawing()

    records = asked(source, always(HIT))

    assert source.verdict.verdict is Verdict.PASS
    assert len(records) == 3 * 35
    assert source.told == "pass after 105 of at most 600 trials"
    assert source.is_over


def test_a_broken_one_fails_with_a_round_or_two() -> None:
    source = drawing()

    assert len(asked(source, always(MISS))) == 5
    assert source.verdict.verdict is Verdict.FAIL


def test_one_broken_at_its_longest_prompts_only_fails_before_the_others_are_settled() -> None:
    source = drawing()

    records = asked(source, drawn(lambda length: 0.5 if length == 4000 else 1.0, seed=1))

    assert source.verdict.verdict is Verdict.FAIL
    assert sum(record.length_tokens == 1000 for record in records) <= 10
    assert len(records) <= 40


def test_what_is_between_healthy_and_broken_is_asked_to_the_end_and_stays_open() -> None:
    def one_in_eighteen(_length: int, depth: float, repeat: int) -> Outcome:
        return MISS if (repeat + int(4 * depth)) % 18 == 0 else HIT

    rules = GateRules(floors=(Floor(up_to_tokens=None, recall=0.95),), tolerance=0.01)
    source = drawing(rules=rules)

    records = asked(source, one_in_eighteen)

    assert source.verdict.verdict is Verdict.INCONCLUSIVE
    assert len(records) == len(TRIALS)
    assert source.told == "undecided after 600 of at most 600 trials"


@pytest.mark.parametrize("in_flight", [2, 7, 32])
def test_the_verdict_is_the_same_however_many_are_in_flight(in_flight: int) -> None:
    for seed in range(4):
        judge = drawn(lambda length: 0.93 if length == 2000 else 0.98, seed=seed)
        alone, many = drawing(), drawing()
        asked(alone, judge)
        asked(many, judge, in_flight)

        assert alone.verdict.verdict is many.verdict.verdict


@pytest.mark.parametrize("in_flight", [1, 2, 5, 8, 32])
def test_little_is_asked_in_vain_where_many_are_in_flight(in_flight: int) -> None:
    healthy = asked(drawing(), always(HIT), in_flight, shuffled=False)
    broken = asked(drawing(), always(MISS), in_flight, shuffled=False)

    assert len(healthy) <= 105 + 5 + in_flight
    assert len(broken) <= 5 + in_flight


def test_no_trial_is_handed_out_twice() -> None:
    records = asked(drawing(), drawn(lambda _: 0.93, seed=3), in_flight=16)

    assert len({record.trial_id for record in records}) == len(records)


def test_a_resumed_one_goes_on_where_it_was() -> None:
    judge = drawn(lambda _: 0.97, seed=4)
    whole = asked(drawing(), judge)
    for kept in (0, 3, 5, 17, len(whole) // 2, len(whole)):
        source = drawing(whole[:kept])
        rest = asked(source, judge)

        assert [r.trial_id for r in whole[kept:]] == [r.trial_id for r in rest]


def test_an_errored_trial_is_asked_again_by_a_resumed_one() -> None:
    def judge(length: int, depth: float, repeat: int) -> Outcome:
        return Outcome.ERRORED if (length, depth, repeat) == (2000, 0.5, 2) else HIT

    first = asked(drawing(), judge)
    source = drawing(first)
    assert not source.is_over
    again = asked(source, always(HIT))

    assert [(r.length_tokens, r.depth, r.repeat) for r in again] == [(2000, 0.5, 2)]
    assert source.verdict.verdict is Verdict.PASS


def test_an_answer_in_place_of_an_error_is_read_at_once() -> None:
    """Seven rounds of hits pass; with one error among them they do not, until it is answered."""
    first = [
        answered(trial, always(HIT))
        for trial in TRIALS
        if trial.repeat < 7 or trial.length_tokens != 2000
    ]
    first = [replace(r, outcome=Outcome.ERRORED) if r.trial_id == LATE else r for r in first]
    source = drawing(first)
    assert source.told.startswith("undecided after")

    again = asked(source, always(HIT))

    assert [record.trial_id for record in again] == [LATE]
    assert source.verdict.verdict is Verdict.PASS


def test_the_baseline_of_others_is_asked_as_far_as_they_may_need_it() -> None:
    assert len(asked(drawing(first_rounds=MOST), always(HIT))) == len(TRIALS)


def paired(judge: Judge) -> Callable[[int], list[TrialRecord]]:
    return lambda rounds: [
        answered(trial, judge, "bf16") for trial in TRIALS if trial.repeat < rounds
    ]


def test_a_comparison_passes_with_few_pairs_fails_with_fewer_and_ends_with_its_baseline() -> None:
    rules = GateRules(
        baseline=BaselineRule(run="stored", variant=None, max_drop=0.1), until_decided=True
    )
    stored = paired(always(HIT))
    alike, worse, short = (
        drawing(rules=rules, baseline=stored(40)),
        drawing(rules=rules, baseline=stored(40)),
        drawing(rules=rules, baseline=stored(3)),
    )

    assert len(asked(alike, always(HIT))) <= 3 * 50
    assert alike.verdict.verdict is Verdict.PASS
    assert len(asked(worse, always(MISS))) <= 20
    assert worse.verdict.verdict is Verdict.FAIL
    assert len(asked(short, always(HIT))) == 3 * 5 * 3
    assert short.verdict.verdict is Verdict.INCONCLUSIVE


@pytest.mark.parametrize("deepest_first", [True, False])
def test_of_a_shared_haystack_the_deepest_needle_of_each_round_comes_first(
    *, deepest_first: bool
) -> None:
    source = drawing(deepest_first=deepest_first)

    records = asked(source, always(HIT), shuffled=False)

    depths = [record.depth for record in records[: len(DEPTHS)]]
    assert depths == sorted(DEPTHS, reverse=deepest_first)
    rounds = {(record.length_tokens, record.repeat) for record in records[: len(DEPTHS)]}
    assert len(rounds) == 1
