"""What is said to help can help."""

from __future__ import annotations

from dataclasses import replace

import pytest

from recallbench.gate.verdict import Judgement, Verdict
from recallbench.reports.verdict_advice import advice, written_incomplete
from support.verdicts import drop_at, errors, floor_at, not_asked, verdict_of

OPEN = Verdict.INCONCLUSIVE
MANY = "where recall is near what is demanded it takes very many"


@pytest.mark.parametrize("judgement", [floor_at(8000, Verdict.PASS), floor_at(8000, Verdict.FAIL)])
def test_a_pass_and_a_fail_need_no_help(judgement: Judgement) -> None:
    assert advice(verdict_of(judgement, incomplete=3)) == ()


def test_a_drawing_that_was_stopped_needs_to_go_on() -> None:
    stopped = replace(verdict_of(floor_at(8000, OPEN, lean=0.3)), is_cut_short=True)

    assert advice(stopped) == (
        "the rest of its trials: it was stopped before its verdict (run --resume RUN)",
    )


@pytest.mark.parametrize(
    ("judgement", "helps"),
    [
        (
            floor_at(8000, OPEN),
            f"more trials (raise --trials, or set until: decided in the gate); {MANY}",
        ),
        (
            drop_at(8000, OPEN),
            f"more trials (raise --trials, or set until: decided in the gate); {MANY}",
        ),
        (
            floor_at(8000, OPEN, lean=0.3),
            f"more trials (raise max_trials in the gate); {MANY}",
        ),
        (
            floor_at(8000, OPEN, recall=(0, 0)),
            "answers: nothing was counted at 8,000 tokens, more trials alone do not help there",
        ),
        (not_asked(64_000), "prompts of 64,000 tokens or more (--length)"),
        (not_asked(None), "a rule for the lengths that were asked: the gate has none"),
    ],
)
def test_each_kind_of_doubt_has_its_own_help(judgement: Judgement, helps: str) -> None:
    assert advice(verdict_of(errors(Verdict.PASS), judgement)) == (helps,)


def test_the_same_help_is_said_once() -> None:
    assert len(advice(verdict_of(floor_at(8000, OPEN), drop_at(8000, OPEN)))) == 1


def test_lengths_without_answers_are_named_together_once() -> None:
    found = advice(
        verdict_of(*(floor_at(length, OPEN, recall=(0, 0)) for length in (9000, 8000, 9000)))
    )

    assert len(found) == 1
    assert "at 8,000, 9,000 tokens" in found[0]


def test_missing_answers_come_first() -> None:
    first = advice(verdict_of(floor_at(8000, OPEN), incomplete=3))[0]

    assert first.startswith("ask the 3 trials without an answer again with recallbench run --resum")


def test_a_variant_without_a_rule_needs_one() -> None:
    assert advice(verdict_of()) == ("a rule: the gate holds this variant against none",)


def test_what_has_no_answer_is_counted() -> None:
    assert written_incomplete(1) == "1 trial errored, refused or not asked yet"


def test_few_haystacks_are_helped_by_more_of_them() -> None:
    shared = replace(floor_at(8000, OPEN), haystacks=5)

    first, *others = advice(verdict_of(shared, replace(drop_at(8000, OPEN), haystacks=4)))

    assert first.startswith("more haystacks: 5 count, as the trials of one may all be alike")
    assert "prompt.haystacks: trial" in first
    assert len(others) == 1
