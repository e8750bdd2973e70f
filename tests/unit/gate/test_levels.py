"""One length against its floor or a level: exact where its trials were fixed, and open else."""

from __future__ import annotations

import pytest
from scipy.stats import binom

from recallbench.domain import Outcome, TrialRecord
from recallbench.domain.layout import Haystacks
from recallbench.gate.length_records import LengthRecords, by_length
from recallbench.gate.levels import judge_floor, judge_level
from recallbench.gate.terms import Terms
from recallbench.gate.verdict import Verdict
from recallbench.stats.clusters import Clusters
from recallbench.stats.proportion import Proportion
from support.records import DEPTHS, HIT, MISS, record

N = 40
FLOOR, TOLERANCE = 0.95, 0.08


def terms(*, drawn: bool = False, shared_by: Haystacks = "trial") -> Terms:
    return Terms(false_alarm=0.02, miss=0.05, is_sequential=drawn, shared_by=shared_by)


def some(hits: int, misses: int, truncated: int = 0) -> LengthRecords:
    outcomes = [HIT] * hits + [MISS] * misses + [Outcome.TRUNCATED] * truncated
    them: list[TrialRecord] = [
        record(1000, DEPTHS[i % 5], i // 5, outcome) for i, outcome in enumerate(outcomes)
    ]
    return by_length(them, (1000,), DEPTHS)[1000]


def expected(hits: int, fails_below: float, passes_above: float) -> Verdict:
    """By scipy alone."""
    if binom.cdf(hits, N, fails_below) <= 0.02:
        return Verdict.FAIL
    return Verdict.PASS if binom.sf(hits - 1, N, passes_above) <= 0.05 else Verdict.INCONCLUSIVE


def test_a_floor_is_held_by_exact_binomial_tests() -> None:
    told = [judge_floor(some(k, N - k), FLOOR, TOLERANCE, terms()).verdict for k in range(N + 1)]

    assert told == [expected(k, FLOOR, FLOOR - TOLERANCE) for k in range(N + 1)]
    assert set(told) == set(Verdict)


def test_a_level_is_held_by_exact_binomial_tests_without_room_between() -> None:
    told = [judge_level(some(k, N - k), 0.85, terms()).verdict for k in range(N + 1)]

    assert told == [expected(k, 0.85, 0.85) for k in range(N + 1)]
    assert set(told) == set(Verdict)


def test_what_was_not_answered_is_a_miss_for_a_pass_and_nothing_for_a_fail() -> None:
    assert judge_level(some(37, 0), 0.85, terms()).verdict is Verdict.PASS
    assert judge_level(some(37, 0, 10), 0.85, terms()).verdict is Verdict.INCONCLUSIVE
    assert judge_level(some(0, 0, 40), 0.85, terms()).verdict is Verdict.INCONCLUSIVE


def test_trials_of_one_haystack_prove_less_than_as_many_of_their_own() -> None:
    alone = judge_floor(some(30, 0), FLOOR, TOLERANCE, terms())
    shared = judge_floor(some(30, 0), FLOOR, TOLERANCE, terms(shared_by="repeat"))

    assert (alone.verdict, shared.verdict) == (Verdict.PASS, Verdict.INCONCLUSIVE)
    assert alone.recall == shared.recall == Proportion(k=30, n=30)
    assert judge_floor(some(200, 0), FLOOR, TOLERANCE, terms(shared_by="repeat")).verdict is (
        Verdict.PASS
    )


@pytest.mark.parametrize(
    ("hits", "misses", "floor", "level"),
    [
        (N, 0, "proven above 0.87, 0.08 below the floor", "proven above 0.85"),
        (0, N, "proven below the floor of 0.95", "proven below 0.85"),
        (2, 0, "neither above 0.87 nor below 0.95 is proven", "neither above nor below 0.85 is"),
    ],
)
def test_why_is_told_with_its_numbers(hits: int, misses: int, floor: str, level: str) -> None:
    held = some(hits, misses)

    assert judge_floor(held, FLOOR, TOLERANCE, terms()).what == floor
    assert judge_level(held, 0.85, terms()).what.startswith(level)


def test_a_judgement_holds_what_it_is_about() -> None:
    held = some(10, 3, 2)

    floor, level = judge_floor(held, FLOOR, TOLERANCE, terms()), judge_level(held, 0.85, terms())

    assert (floor.rule, level.rule) == ("floor", "effective-length")
    assert (floor.demanded, level.demanded) == (FLOOR, 0.85)
    for each in (floor, level):
        assert each.length_tokens == 1000
        assert each.recall == Proportion(k=10, n=13)
        assert each.unanswered == 2
        assert each.pairs is None
        assert each.against == tuple(
            r.trial_id for r in held.records if r.outcome is Outcome.MISSED
        )
        assert (each.lean, each.trials_needed) == (None, None)


def test_drawn_trials_tell_where_the_evidence_stands_and_when_it_was_enough() -> None:
    passed = judge_floor(some(60, 0), FLOOR, TOLERANCE, terms(drawn=True))
    open_ = judge_floor(some(5, 0), FLOOR, TOLERANCE, terms(drawn=True))

    assert (passed.verdict, passed.lean) == (Verdict.PASS, 1.0)
    assert passed.trials_needed == 35
    assert (open_.verdict, open_.trials_needed) == (Verdict.INCONCLUSIVE, None)
    assert open_.lean is not None
    assert 0 < open_.lean < 1


@pytest.mark.parametrize("kind", ["floor", "level"])
def test_drawn_trials_of_one_haystack_take_more_rounds(kind: str) -> None:
    def needed(shared_by: Haystacks) -> int | None:
        on = terms(drawn=True, shared_by=shared_by)
        held = some(1000, 0)
        told = (
            judge_floor(held, FLOOR, TOLERANCE, on)
            if kind == "floor"
            else judge_level(held, 0.85, on)
        )
        assert told.verdict is Verdict.PASS
        return told.trials_needed

    alone, shared = needed("trial"), needed("repeat")
    assert alone is not None
    assert shared is not None
    assert shared > 2 * alone


def test_a_judgements_interval_counts_what_its_test_counts() -> None:
    alone = judge_level(some(30, 0), 0.85, terms())
    shared = judge_level(some(30, 0), 0.85, terms(shared_by="repeat"))
    two = judge_level(some(30, 0), 0.85, terms(shared_by=2))

    assert [told.haystacks for told in (alone, shared, two)] == [None, 6, 2]
    assert alone.interval == Proportion(k=30, n=30).interval()
    assert shared.interval == Clusters(hits=(5,) * 6, trials=(5,) * 6).interval()
    assert two.interval == Clusters(hits=(15, 15), trials=(15, 15)).interval()


def test_haystacks_of_one_trial_each_do_not_count() -> None:
    one = by_length([record(1000, 0.5, repeat) for repeat in range(8)], (1000,), (0.5,))[1000]

    told = judge_level(one, 0.85, terms(shared_by="repeat"))

    assert (told.haystacks, told.interval) == (None, Proportion(k=8, n=8).interval())


def test_without_an_answer_there_is_no_interval() -> None:
    told = judge_level(some(0, 0, 10), 0.85, terms(shared_by="repeat"))

    assert (told.haystacks, told.interval) == (None, None)
