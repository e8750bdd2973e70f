"""What counts as recall: the key alone, behind the thought, nothing of its kind touching it."""

from __future__ import annotations

import pytest

from recallbench.domain import Completion, Outcome
from recallbench.scoring import ScoringRule, score
from recallbench.scoring.answer import holds_key

KEY = "73914206"
UUID = "1f0c9d3e-52aa-4c1b-9a77-0f6a3e1b2c4d"
R, M, T = Outcome.RECALLED, Outcome.MISSED, Outcome.TRUNCATED


def completion(text: str, finish: str = "stop", reasoning: str | None = None) -> Completion:
    return Completion(
        text=text,
        finish_reason=finish,
        prompt_tokens=1,
        completion_tokens=1,
        reasoning=reasoning,
    )


@pytest.mark.parametrize(
    ("answer", "key", "holds"),
    [
        (f" {KEY}.", KEY, True),
        (f"**{KEY}**", KEY, True),
        (f"key={KEY}\n", KEY, True),
        (f"\u300c{KEY}\u300d", KEY, True),
        (f"{KEY}1", KEY, False),
        (f"1{KEY}", KEY, False),
        (f"x{KEY}", KEY, False),
        ("7391-4206", KEY, False),
        ("73914207", KEY, False),
        ("", KEY, False),
        (UUID.upper(), UUID, True),
        (f"{UUID}-5", UUID, True),
        (UUID[:-1], UUID, False),
        ("AbCd", "aBcD", False),
        ("abcd", "ABCD", True),
        ("a.b+c", "a.b+c", True),
        ("axb+c", "a.b+c", False),
    ],
)
def test_the_key_is_found_as_a_value_of_its_own(answer: str, key: str, holds: bool) -> None:  # noqa: FBT001 - a table's column
    assert holds_key(answer, key) is holds


@pytest.mark.parametrize(
    ("text", "finish", "outcome"),
    [
        (f" {KEY}.", "stop", R),
        (f" {KEY}. And then it goes on", "length", R),
        (" I do not know.", "stop", M),
        (" aut aut aut aut", "length", M),
        ("", "stop", M),
        ("", "length", T),
        ("  \n", "length", T),
        (" 7391", "length", T),
        (" 7391", "stop", M),
        (" 1234", "length", M),
    ],
)
def test_an_answer_without_thought(text: str, finish: str, outcome: Outcome) -> None:
    scored = score(completion(text, finish), KEY, ScoringRule())

    assert scored.outcome is outcome
    assert scored.answer == text
    assert scored.thought is None


@pytest.mark.parametrize(
    ("text", "finish", "outcome", "answer"),
    [
        (f"<think>Is it {KEY}?</think>\n\n{KEY}", "stop", R, f"\n\n{KEY}"),
        (f"<think>Is it {KEY}?</think>\n\nNo idea.", "stop", M, "\n\nNo idea."),
        (f"Is it {KEY}?</think> {KEY}", "stop", R, f" {KEY}"),
        (f"<think>It is {KEY}, or", "length", T, ""),
        (f"It is {KEY}, or", "length", T, ""),
        (f"<think>It is {KEY}.", "stop", M, ""),
        (f"<think>{KEY}</think>", "length", T, ""),
        (f"<think>a</think> b </think> {KEY}", "stop", R, f" {KEY}"),
    ],
)
def test_with_thinking_on_only_what_follows_the_thought_is_scored(
    text: str, finish: str, outcome: Outcome, answer: str
) -> None:
    scored = score(completion(text, finish), KEY, ScoringRule(thinking=True))

    assert (scored.outcome, scored.answer) == (outcome, answer)


def test_a_thought_that_was_not_asked_for_is_kept_apart_all_the_same() -> None:
    thought = completion(f"<think>Is it {KEY}?</think> No.")
    endless = completion(f"<think>Is it {KEY}?", "length")

    assert score(thought, KEY, ScoringRule()).outcome is M
    assert score(thought, KEY, ScoringRule()).thought == f"Is it {KEY}?"
    assert score(endless, KEY, ScoringRule()).outcome is T


@pytest.mark.parametrize(
    ("text", "finish", "outcome"),
    [(KEY, "stop", R), ("No.", "stop", M), ("", "length", T), ("", "stop", M)],
)
def test_a_thought_that_the_server_split_off_is_not_scored(
    text: str, finish: str, outcome: Outcome
) -> None:
    split = completion(text, finish, reasoning=f"Is it {KEY}?")

    scored = score(split, KEY, ScoringRule(thinking=True))

    assert (scored.outcome, scored.thought) == (outcome, f"Is it {KEY}?")


def test_a_model_may_close_its_thought_with_a_word_of_its_own() -> None:
    rule = ScoringRule(thinking=True, thinking_end="[/THINK]")

    assert score(completion(f"hm[/THINK]{KEY}"), KEY, rule).outcome is R
