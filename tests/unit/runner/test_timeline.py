"""Each part of a variant's time stands in run.json as soon as it is known, sessions added up."""

from __future__ import annotations

import asyncio
from array import array
from typing import Any

import pytest

from recallbench.domain import AnswerBudget, Prompt, whole_tokens
from recallbench.engines.scripted import ScriptedEngine, perfect_recall
from recallbench.errors import EngineLostError, RequestError
from recallbench.runner.timeline import TimedEngine, Timeline

PROMPT = Prompt(
    tokens=(whole_tokens(array("I", [7] * 10)),),
    head="",
    message=(),
    tail="",
    needle_span=(0, 1),
    achieved_depth=0.5,
    key="73914206",
)
BUDGET = AnswerBudget(answer_tokens=8)
HALF = {"first_token_s": 1.0, "first_tokens": 2, "whole_s": 2.0, "requests": 2}


class Clock:
    """Tells the time it is set to."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


class Kept:
    """The timeline of one session, and what it kept last."""

    def __init__(self, earlier: dict[str, Any] | None = None) -> None:
        self.facts: dict[str, Any] = {}
        self.wall, self.cpu = Clock(), Clock()
        self.timeline = Timeline(earlier, self._keep, clock=self.wall, cpu_clock=self.cpu)

    def _keep(self, facts: dict[str, Any]) -> None:
        self.facts = facts

    def request(self, seconds: float) -> None:
        """A request alone in flight."""
        with self.timeline.in_flight():
            self.wall.now_s += seconds


def session(earlier: dict[str, Any] | None = None, counts: dict[str, Any] | None = HALF) -> Kept:
    """5 s of start, 10 s of asking with requests of 4 and 2 s, 1 s of end."""
    kept = Kept(earlier)
    kept.timeline.started(5.0, 5.0)
    kept.wall.now_s = 100.0
    with kept.timeline.asking():
        kept.wall.now_s += 1.0
        kept.request(4.0)
        kept.wall.now_s += 3.0
        kept.request(2.0)
        kept.cpu.now_s += 0.25
        kept.timeline.counted(counts)
    kept.timeline.stopped(1.0)
    return kept


WHOLE = {
    "startup_s": 5.0,
    "waited_s": 5.0,
    "asking_s": 10.0,
    "busy_s": 6.0,
    "idle_s": 4.0,
    "prefill_s": 3.0,
    "decode_s": 3.0,
    "client_s": 0.25,
    "shutdown_s": 1.0,
}


def test_a_session_is_taken_apart() -> None:
    assert session().facts == WHOLE


def test_a_further_session_is_added() -> None:
    assert session(session().facts).facts == {name: 2 * part for name, part in WHOLE.items()}


def test_a_split_that_one_session_lacks_is_unknown_for_all() -> None:
    for facts in (session(session().facts, None).facts, session(session(None, None).facts).facts):
        assert (facts["prefill_s"], facts["decode_s"]) == (None, None)
        assert facts["busy_s"] == 12.0


def test_an_engine_that_does_not_come_up_costs_its_start_and_leaves_the_split_known() -> None:
    kept = Kept(session().facts)
    kept.timeline.started(7.0, 2.0)

    assert kept.facts == {**WHOLE, "startup_s": 12.0, "waited_s": 7.0}


def test_what_a_session_cut_short_took_is_kept() -> None:
    kept = Kept()

    def lose() -> None:
        with kept.timeline.asking(), kept.timeline.in_flight():
            kept.wall.now_s += 3.0
            raise EngineLostError("gone")

    with pytest.raises(EngineLostError):
        lose()

    assert (kept.facts["asking_s"], kept.facts["busy_s"], kept.facts["idle_s"]) == (3.0, 3.0, 0.0)
    assert kept.facts["prefill_s"] is None


def refused(prompt: Prompt, request: int) -> Any:
    del prompt, request
    raise RequestError("refused")


def test_requests_of_an_engine_are_in_flight_from_sending_to_answer_or_failure() -> None:
    kept = Kept()

    class Slow(ScriptedEngine):
        async def complete(self, prompt: Prompt, budget: AnswerBudget) -> Any:
            kept.wall.now_s += 2.0
            return await super().complete(prompt, budget)

    async def scenario() -> None:
        with kept.timeline.asking():
            await TimedEngine(Slow(perfect_recall), kept.timeline).complete(PROMPT, BUDGET)
            kept.wall.now_s += 1.0
            with pytest.raises(RequestError):
                await TimedEngine(Slow(refused), kept.timeline).complete(PROMPT, BUDGET)

    asyncio.run(scenario())

    assert (kept.facts["busy_s"], kept.facts["idle_s"]) == (4.0, 1.0)


def test_the_first_request_is_told_of_once_and_all_else_is_the_engines() -> None:
    inner, told = ScriptedEngine(perfect_recall), list[int]()
    timed = TimedEngine(inner, Kept().timeline, lambda: told.append(inner.requests))

    async def scenario() -> str:
        await timed.complete(PROMPT, BUDGET)
        completion = await timed.complete(PROMPT, BUDGET)
        await timed.aclose()
        inner.is_lost = True
        with pytest.raises(EngineLostError):
            await timed.check()
        return completion.text

    assert PROMPT.key in asyncio.run(scenario())
    assert told == [0]
    assert (inner.requests, inner.is_closed) == (2, True)
