"""The next round is the one that settles the verdict soonest."""

from __future__ import annotations

from recallbench.gate.next_round import Asked, Limits, next_length
from recallbench.gate.verdict import Judgement, RuleName, VariantVerdict, Verdict

LIMITS = Limits(first=1, most=10)


def judgement(
    length: int,
    verdict: Verdict = Verdict.INCONCLUSIVE,
    lean: float | None = 0.0,
    rule: RuleName = "floor",
) -> Judgement:
    return Judgement(
        rule=rule, length_tokens=length, verdict=verdict, demanded=0.9, what="", lean=lean
    )


def asked(rounds: dict[int, int]) -> dict[int, Asked]:
    """So many rounds of each length, all answered."""
    return {length: Asked(begun=number, whole=number) for length, number in rounds.items()}


def verdict(*judgements: Judgement) -> VariantVerdict:
    return VariantVerdict(variant="v", judgements=judgements)


def test_every_length_gets_its_first_rounds_in_turn_the_shortest_first() -> None:
    told = verdict(judgement(100), judgement(200))
    twice = Limits(first=2, most=10)

    assert next_length(told, asked({100: 0, 200: 0}), twice) == 100
    assert next_length(told, asked({100: 1, 200: 0}), twice) == 200
    assert next_length(told, asked({100: 1, 200: 1}), twice) == 100


def test_then_the_one_that_leans_most_to_a_fail() -> None:
    told = verdict(judgement(100, lean=0.3), judgement(200, lean=-0.5), judgement(400, lean=0.1))

    assert next_length(told, asked({100: 1, 200: 1, 400: 1}), LIMITS) == 200


def test_a_length_counts_by_its_worst_rule() -> None:
    told = verdict(
        judgement(100, lean=0.2),
        judgement(200, lean=0.9),
        judgement(200, lean=-0.1, rule="baseline"),
    )

    assert next_length(told, asked({100: 1, 200: 1}), LIMITS) == 200


def test_a_settled_length_is_left_alone() -> None:
    told = verdict(judgement(100, Verdict.PASS, lean=1.0), judgement(200, lean=0.4))

    assert next_length(told, asked({100: 5, 200: 5}), LIMITS) == 200


def test_one_fail_ends_it_even_before_the_first_rounds_are_over() -> None:
    told = verdict(judgement(100, Verdict.FAIL, lean=-1.0), judgement(200))

    assert next_length(told, asked({100: 1, 200: 0}), LIMITS) is None


def test_a_pass_everywhere_ends_it_after_the_first_rounds() -> None:
    told = verdict(judgement(100, Verdict.PASS, lean=1.0))

    assert next_length(told, asked({100: 8}), LIMITS) is None
    assert next_length(told, asked({100: 8}), Limits(first=9, most=10)) == 100


def test_nothing_is_asked_beyond_the_most_rounds() -> None:
    told = verdict(judgement(100, lean=0.1), judgement(200, lean=0.2))

    assert next_length(told, asked({100: 10, 200: 9}), LIMITS) == 200
    assert next_length(told, asked({100: 10, 200: 10}), LIMITS) is None


def test_a_comparison_is_not_drawn_on_beyond_its_baseline() -> None:
    limits = Limits(first=1, most=10, paired={100: 4, 200: 10})
    told = verdict(judgement(100, lean=-0.5, rule="baseline"), judgement(200, rule="baseline"))

    assert next_length(told, asked({100: 4, 200: 4}), limits) == 200
    with_floor = verdict(*told.judgements, judgement(100, lean=0.1))
    assert next_length(with_floor, asked({100: 4, 200: 10}), limits) == 100


def test_what_no_further_trial_can_settle_ends_it() -> None:
    told = verdict(judgement(5000, lean=None, rule="effective-length"))

    assert next_length(told, asked({100: 1}), LIMITS) is None


def test_a_length_whose_answers_are_to_come_waits_for_the_others() -> None:
    told = verdict(judgement(100, lean=-0.5), judgement(200, lean=0.5))

    def next_of(begun: int) -> int | None:
        return next_length(
            told, {100: Asked(begun=begun, whole=1), 200: Asked(begun=1, whole=1)}, LIMITS
        )

    assert next_of(begun=2) == 100
    assert next_of(begun=3) == 200
