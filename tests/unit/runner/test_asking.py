"""A failed request is never a miss, retries are bounded, and only honest counts are scored."""

from __future__ import annotations

import asyncio
from array import array
from collections.abc import Callable
from dataclasses import replace

import pytest

from recallbench.domain import (
    AnswerBudget,
    Completion,
    Outcome,
    Prompt,
    SharedPrefix,
    TextSlice,
    Trial,
    TrialRecord,
    whole_tokens,
)
from recallbench.engines.scripted import Script, ScriptedEngine, answer, no_recall, perfect_recall
from recallbench.errors import (
    ContextOverflowError,
    EngineError,
    EngineLostError,
    PromptError,
    RecallbenchError,
    RequestError,
    RetryableRequestError,
)
from recallbench.runner.asking import Asker
from recallbench.schedule.standing import Standing
from recallbench.scoring import ScoringRule

TRIAL = Trial(trial_id="L5-D0.5-R0-x", length_tokens=5, depth=0.5, repeat=0)
PROMPT = Prompt(
    tokens=(whole_tokens(array("I", [1, 2, 3, 4, 5])),),
    head="",
    message=(),
    tail="",
    needle_span=(1, 2),
    achieved_depth=0.25,
    key="73914206",
)


class Waits(list[float]):
    """Remembers how long it was asked to wait, and does not."""

    async def __call__(self, seconds: float) -> None:
        self.append(seconds)


def asker(
    engine: ScriptedEngine,
    *,
    wait: Waits | None = None,
    build: Callable[[Trial], Prompt] = lambda _: PROMPT,
    say: Callable[[str], None] = lambda _: None,
) -> Asker:
    return Asker(
        variant="native",
        engine=engine,
        build=build,
        standing=Standing(None),
        budget=AnswerBudget(answer_tokens=8),
        rule=ScoringRule(),
        attempts=4,
        say=say,
        wait=Waits() if wait is None else wait,
    )


def ask(script: Script) -> TrialRecord:
    return asyncio.run(asker(ScriptedEngine(script)).ask(TRIAL))


def failing(error: RecallbenchError, times: int = 1000) -> Script:
    def script(prompt: Prompt, request: int) -> Completion:
        if request < times:
            raise error
        return perfect_recall(prompt, request)

    return script


def test_a_recalled_key_is_recorded_with_all_that_is_known() -> None:
    record = ask(perfect_recall)

    assert record.outcome is Outcome.RECALLED
    assert record.variant == "native"
    assert record.trial_id == TRIAL.trial_id
    assert record.key == "73914206"
    assert record.answer == "The pass key is 73914206."
    assert record.achieved_depth == 0.25
    assert record.prompt_sha256 == PROMPT.sha256
    assert (record.prompt_tokens, record.attempts, record.error) == (5, 1, None)
    assert record.fingerprint == "scripted"


def test_an_answer_without_the_key_is_a_miss() -> None:
    assert ask(no_recall).outcome is Outcome.MISSED


@pytest.mark.parametrize("counted", [4, 6, None])
def test_an_answer_to_another_number_of_tokens_is_errored_even_if_it_holds_the_key(
    counted: int | None,
) -> None:
    def script(prompt: Prompt, _request: int) -> Completion:
        return replace(answer(prompt, prompt.key), prompt_tokens=counted)

    record = ask(script)

    assert record.outcome is Outcome.ERRORED
    assert "5 were sent" in str(record.error)
    assert record.answer is None
    assert record.prompt_tokens == counted


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (ContextOverflowError("too long"), Outcome.OVERFLOW),
        (RequestError("refused"), Outcome.ERRORED),
    ],
)
def test_a_refusal_for_good_is_not_tried_again(error: RecallbenchError, outcome: Outcome) -> None:
    engine = ScriptedEngine(failing(error))

    record = asyncio.run(asker(engine).ask(TRIAL))

    assert record.outcome is outcome
    assert record.error == str(error)
    assert engine.requests == record.attempts == 1


def test_what_may_pass_is_tried_again_with_growing_jittered_waits_and_said() -> None:
    waits, said = Waits(), list[str]()
    engine = ScriptedEngine(failing(RetryableRequestError("overloaded"), times=3))

    record = asyncio.run(asker(engine, wait=waits, say=said.append).ask(TRIAL))

    assert record.outcome is Outcome.RECALLED
    assert record.attempts == 4
    assert [0.5 <= waits[0] <= 1, 1 <= waits[1] <= 2, 2 <= waits[2] <= 4] == [True] * 3
    assert [f"attempt {n} of 4" in line for n, line in enumerate(said, start=1)] == [True] * 3


def test_what_never_passes_is_errored_after_the_last_attempt() -> None:
    engine = ScriptedEngine(failing(RetryableRequestError("overloaded")))

    record = asyncio.run(asker(engine).ask(TRIAL))

    assert record.outcome is Outcome.ERRORED
    assert record.attempts == engine.requests == 4


def test_an_engine_that_is_gone_leaves_the_trial_owed() -> None:
    engine = ScriptedEngine(failing(RetryableRequestError("no connection")))
    engine.is_lost = True

    with pytest.raises(EngineLostError):
        asyncio.run(asker(engine).ask(TRIAL))


def test_a_refused_key_ends_the_engine() -> None:
    with pytest.raises(EngineError, match="401"):
        ask(failing(EngineError("401")))


def test_a_prompt_that_cannot_be_built_is_errored_and_not_sent() -> None:
    def build(_: Trial) -> Prompt:
        raise PromptError("no end of the haystack gives this many tokens")

    engine = ScriptedEngine(perfect_recall)
    record = asyncio.run(asker(engine, build=build).ask(TRIAL))

    assert record.outcome is Outcome.ERRORED
    assert engine.requests == 0


def shared(*, tokens: int = 40, length: int = 64) -> Prompt:
    return replace(
        PROMPT,
        tokens=(whole_tokens(array("I", range(length))),),
        shared=(SharedPrefix(name="haystack 1", tokens=tokens),),
        distractors=3,
    )


def in_turn(script: Script, *prompts: Prompt | PromptError) -> list[TrialRecord]:
    """Records of prompts asked one after another of one server with blocks of 16."""
    waiting = list(prompts)

    def build(_: Trial) -> Prompt:
        if isinstance(made := waiting.pop(0), PromptError):
            raise made
        return made

    one = replace(asker(ScriptedEngine(script), build=build), standing=Standing(16))

    async def asked() -> list[TrialRecord]:
        return [await one.ask(replace(TRIAL, length_tokens=64)) for _ in prompts]

    return asyncio.run(asked())


def test_a_record_holds_what_the_cache_should_have_had_when_it_was_sent() -> None:
    records = in_turn(perfect_recall, shared(), shared(tokens=20), shared())

    assert [record.expected_cached_tokens for record in records] == [0, 16, 32]
    assert {record.distractors for record in records} == {3}


def test_what_was_not_answered_leaves_nothing_in_the_cache() -> None:
    records = in_turn(failing(RequestError("refused"), times=1), shared(), shared(), shared())

    assert [record.expected_cached_tokens for record in records] == [0, 0, 32]


def test_a_prompt_that_cannot_be_built_expects_nothing_and_leaves_nothing() -> None:
    first, second = in_turn(perfect_recall, PromptError("does not fit"), shared())

    assert (first.expected_cached_tokens, first.distractors) == (None, 0)
    assert second.expected_cached_tokens == 0


def test_without_a_known_block_nothing_is_expected() -> None:
    assert ask(perfect_recall).expected_cached_tokens is None


@pytest.mark.parametrize(
    "script",
    [
        perfect_recall,
        no_recall,
        failing(RequestError("refused")),
        failing(ContextOverflowError("")),
    ],
    ids=["recalled", "missed", "errored", "overflow"],
)
def test_a_record_holds_the_text_around_the_needle_whatever_became_of_it(script: Script) -> None:
    text = "Read. One. It is 73914206. Two. What is it?"
    needle = (text.index("It"), text.index(" Two"))
    prompt = replace(
        PROMPT,
        message=(TextSlice(source=text, start=0, end=len(text)),),
        needle_chars=needle,
    )

    record = asyncio.run(asker(ScriptedEngine(script), build=lambda _: prompt).ask(TRIAL))

    assert record.needle_context == ("Read. One. ", "It is 73914206.", " Two. What is it?")


def test_without_a_prompt_there_is_no_text_around_a_needle() -> None:
    def build(_: Trial) -> Prompt:
        raise PromptError("does not fit")

    record = asyncio.run(asker(ScriptedEngine(perfect_recall), build=build).ask(TRIAL))

    assert record.needle_context is None
