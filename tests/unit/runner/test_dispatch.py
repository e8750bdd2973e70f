"""Trials go out in order, bounded, and stop at the first sign that they should."""

from __future__ import annotations

import asyncio
from array import array
from collections.abc import Iterable, Iterator

import pytest

from recallbench.domain import AnswerBudget, Completion, Prompt, Trial, TrialRecord, whole_tokens
from recallbench.engines.scripted import ScriptedEngine, perfect_recall
from recallbench.errors import EngineLostError, RunFolderError
from recallbench.runner.asking import Asker
from recallbench.runner.dispatch import dispatch
from recallbench.runner.interrupt import Interrupt
from recallbench.runner.line import Line
from recallbench.schedule.flow import Flow
from recallbench.schedule.standing import Standing
from recallbench.scoring import ScoringRule

TRIALS = tuple(
    Trial(trial_id=str(number), length_tokens=1, depth=0.0, repeat=number) for number in range(20)
)


def prompt(trial: Trial) -> Prompt:
    return Prompt(
        tokens=(whole_tokens(array("I", [trial.repeat])),),
        head="",
        message=(),
        tail="",
        needle_span=(0, 1),
        achieved_depth=0.0,
        key="73914206",
    )


class Gate(ScriptedEngine):
    """Counts requests in flight; lets them go once ``width`` are there, or all that will come."""

    def __init__(self, width: int) -> None:
        super().__init__(perfect_recall)
        self.width = width
        self.in_flight = 0
        self.most = 0
        self._full = asyncio.Event()

    async def complete(self, prompt: Prompt, budget: AnswerBudget) -> Completion:
        self.in_flight += 1
        self.most = max(self.most, self.in_flight)
        if self.in_flight == self.width:
            self._full.set()
        await self._full.wait()
        self.in_flight -= 1
        return await super().complete(prompt, budget)


def asker(engine: ScriptedEngine) -> Asker:
    return Asker(
        variant="v",
        engine=engine,
        build=prompt,
        standing=Standing(None),
        budget=AnswerBudget(answer_tokens=8),
        rule=ScoringRule(),
        attempts=1,
        say=lambda _: None,
    )


def line(trials: Iterable[Trial]) -> Line:
    """Trials one by one, in their order."""
    return Line(((trial,) for trial in trials), Flow("single", "trial", None, 8))


def run(
    engine: ScriptedEngine, interrupt: Interrupt | None = None, concurrency: int = 1
) -> list[TrialRecord]:
    kept: list[TrialRecord] = []
    asyncio.run(
        dispatch(
            asker(engine),
            line(TRIALS),
            concurrency=concurrency,
            interrupt=interrupt or Interrupt(lambda _: None),
            keep=kept.append,
        )
    )
    return kept


def test_all_trials_are_asked_once_and_in_order() -> None:
    kept = run(ScriptedEngine(perfect_recall))

    assert [record.trial_id for record in kept] == [trial.trial_id for trial in TRIALS]


def test_no_more_requests_are_in_flight_than_asked_for() -> None:
    engine = Gate(width=4)

    assert len(run(engine, concurrency=4)) == 20
    assert engine.most == 4


def test_an_interrupt_lets_what_is_in_flight_end_and_begins_nothing_new() -> None:
    interrupt = Interrupt(lambda _: None)

    def script(prompt: Prompt, request: int) -> Completion:
        interrupt.stopping = request >= 4
        return perfect_recall(prompt, request)

    assert len(run(ScriptedEngine(script), interrupt)) == 5


def test_a_lost_engine_ends_the_variant_and_keeps_what_was_measured() -> None:
    kept: list[TrialRecord] = []

    def script(prompt: Prompt, request: int) -> Completion:
        if request == 7:
            raise EngineLostError("gone")
        return perfect_recall(prompt, request)

    engine = ScriptedEngine(script)

    def dispatched() -> None:
        asyncio.run(
            dispatch(
                asker(engine),
                line(TRIALS),
                concurrency=3,
                interrupt=Interrupt(lambda _: None),
                keep=kept.append,
            )
        )

    with pytest.raises(EngineLostError, match="gone"):
        dispatched()
    assert 7 <= len(kept) < len(TRIALS)
    assert engine.requests < len(TRIALS)


def test_a_prompt_is_built_only_when_it_is_due() -> None:
    taken = 0

    def owed() -> Iterator[Trial]:
        nonlocal taken
        for trial in TRIALS:
            taken += 1
            yield trial

    def script(prompt: Prompt, request: int) -> Completion:
        assert taken == request + 1
        return perfect_recall(prompt, request)

    asyncio.run(
        dispatch(
            asker(ScriptedEngine(script)),
            line(owed()),
            concurrency=1,
            interrupt=Interrupt(lambda _: None),
            keep=lambda _: None,
        )
    )
    assert taken == 20


def test_a_record_that_cannot_be_kept_ends_it_with_its_own_error() -> None:
    def full(record: TrialRecord) -> None:
        raise RunFolderError(f"{record.trial_id}: disk full")

    interrupt = Interrupt(lambda _: None)
    asked = dispatch(
        asker(ScriptedEngine(perfect_recall)),
        line(TRIALS),
        concurrency=3,
        interrupt=interrupt,
        keep=full,
    )

    with pytest.raises(RunFolderError, match="disk full"):
        asyncio.run(asked)
