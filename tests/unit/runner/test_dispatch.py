"""Trials go out in order, bounded, and stop at the first sign that they should."""

from __future__ import annotations

import asyncio
import random
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recallbench.domain import (
    AnswerBudget,
    Completion,
    Outcome,
    Prompt,
    Trial,
    TrialRecord,
    whole_tokens,
)
from recallbench.domain.layout import Haystacks, Layout
from recallbench.engines.scripted import ScriptedEngine, perfect_recall
from recallbench.errors import EngineLostError, PromptError, RequestError, RunFolderError
from recallbench.runner.asking import Asker
from recallbench.runner.dispatch import dispatch
from recallbench.runner.interrupt import Interrupt
from recallbench.runner.line import Line
from recallbench.schedule.flow import Flow
from recallbench.schedule.order import stages
from recallbench.schedule.standing import Standing
from recallbench.scoring import ScoringRule
from support.grids import HAYSTACKS, LAYOUTS, grid, trials

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


def ladder_line(is_over: Interrupt | None = None) -> Line:
    """A leader, its followers, and the leader behind them."""
    leader, *followers, other = TRIALS[:8]
    # Length 1 and depth 0 share nothing: as a ladder they do.
    planned = [[leader], followers, [other]]
    flow = Flow("ladder", 1, None, 8)
    if is_over is None:
        return Line(planned, flow)
    return Line(planned, flow, is_over=lambda: is_over.stopping)


def dispatched(
    asking: Asker, waiting: Line, concurrency: int, interrupt: Interrupt | None = None
) -> list[TrialRecord]:
    kept: list[TrialRecord] = []
    asyncio.run(
        dispatch(
            asking,
            waiting,
            concurrency=concurrency,
            interrupt=interrupt or Interrupt(lambda _: None),
            keep=kept.append,
        )
    )
    return kept


@pytest.mark.parametrize("concurrency", [1, 3, 8])
def test_while_a_leader_is_computed_only_prompts_are_made(concurrency: int) -> None:
    leader, *others = TRIALS[:8]
    built: list[Trial] = []
    in_flight: list[int] = []

    class Slow(ScriptedEngine):
        async def complete(self, prompt: Prompt, budget: AnswerBudget) -> Completion:
            in_flight.append(prompt.token_ids[0])
            if in_flight == [leader.repeat]:
                for _ in range(40):
                    await asyncio.sleep(0)
                assert in_flight == [leader.repeat]
                # One alone has not looked at the followers yet, nor at what comes behind them.
                assert built == [leader, *(others if concurrency > 1 else others[:-1])]
            return await super().complete(prompt, budget)

    def build(trial: Trial) -> Prompt:
        built.append(trial)
        return prompt(trial)

    asking = replace(asker(Slow(perfect_recall)), build=build)
    kept = dispatched(asking, ladder_line(), concurrency)

    assert sorted(record.repeat for record in kept) == [one.repeat for one in TRIALS[:8]]
    assert len(built) == 8


@pytest.mark.parametrize("concurrency", [1, 3, 8])
def test_a_prompt_that_cannot_be_built_ahead_is_an_error_of_its_own_trial_only(
    concurrency: int,
) -> None:
    broken = TRIALS[3]

    def build(trial: Trial) -> Prompt:
        if trial == broken:
            raise PromptError("does not fit")
        return prompt(trial)

    asking = replace(asker(ScriptedEngine(perfect_recall)), build=build)
    kept = dispatched(asking, ladder_line(), concurrency)

    outcomes = {record.trial_id: record.outcome for record in kept}
    assert outcomes.pop(broken.trial_id) is Outcome.ERRORED
    assert set(outcomes.values()) == {Outcome.RECALLED}
    assert len(kept) == 8


@pytest.mark.parametrize("knows", [True, False])
def test_an_interrupt_while_followers_wait_ends_all_of_them(*, knows: bool) -> None:
    """Whether or not the line itself knows of the interrupt."""
    interrupt = Interrupt(lambda _: None)

    def script(prompt: Prompt, request: int) -> Completion:
        interrupt.stopping = True
        return perfect_recall(prompt, request)

    waiting = ladder_line(interrupt if knows else None)
    kept = dispatched(asker(ScriptedEngine(script)), waiting, 8, interrupt)

    assert [record.trial_id for record in kept] == [TRIALS[0].trial_id]


def test_a_leader_that_is_refused_is_replaced_and_everything_is_asked() -> None:
    class Refusing(ScriptedEngine):
        in_flight = 0

        async def complete(self, prompt: Prompt, budget: AnswerBudget) -> Completion:
            self.in_flight += 1
            if self.requests < 3:
                await asyncio.sleep(0)
                assert self.in_flight == 1
            self.in_flight -= 1
            return await super().complete(prompt, budget)

    def script(prompt: Prompt, request: int) -> Completion:
        if request < 2:
            raise RequestError("refused")
        return perfect_recall(prompt, request)

    kept = dispatched(asker(Refusing(script)), ladder_line(), 8)

    assert [record.outcome for record in kept[:2]] == [Outcome.ERRORED] * 2
    assert [record.trial_id for record in kept] == [one.trial_id for one in TRIALS[:8]]


@given(
    trials(),
    LAYOUTS,
    HAYSTACKS,
    st.integers(1, 8),
    st.booleans(),
    st.integers(0, 999),
)
def test_everything_is_asked_once_however_slow_and_failing_the_server_is(  # noqa: PLR0917 - hypothesis gives them
    asked: list[Trial],
    layout: Layout,
    haystacks: Haystacks,
    concurrency: int,
    in_order: bool,  # noqa: FBT001 - hypothesis gives it
    seed: int,
) -> None:
    chance = random.Random(seed)

    class Unsteady(ScriptedEngine):
        async def complete(self, prompt: Prompt, budget: AnswerBudget) -> Completion:
            for _ in range(chance.randrange(12)):
                await asyncio.sleep(0)
            if chance.random() < 0.3:
                raise RequestError("refused")
            return await super().complete(prompt, budget)

    def build(trial: Trial) -> Prompt:
        if chance.random() < 0.1:
            raise PromptError("does not fit")
        return prompt(trial)

    flow = Flow(layout, haystacks, None, 8, in_order=in_order)
    now_s = iter(range(0, 10**9, 2))
    waiting = Line(stages(asked, layout, haystacks), flow, clock=lambda: next(now_s))
    asking = replace(asker(Unsteady(perfect_recall)), build=build)
    kept = dispatched(asking, waiting, concurrency)

    assert sorted(record.trial_id for record in kept) == sorted(one.trial_id for one in asked)


def requested(concurrency: int) -> list[str]:
    """The prompts in the order in which the server gets them."""
    asked = grid((16, 40), (0.0, 1.0), 3)
    came: list[str] = []

    def build(trial: Trial) -> Prompt:
        return replace(prompt(trial), key=trial.trial_id)

    def script(prompt: Prompt, request: int) -> Completion:
        came.append(prompt.key)
        return perfect_recall(prompt, request)

    waiting = Line(stages(asked, "single", "repeat"), Flow("single", "repeat", None, 8))
    dispatched(replace(asker(ScriptedEngine(script)), build=build), waiting, concurrency)
    return came


@pytest.mark.parametrize("concurrency", [1, 3, 8])
def test_every_run_sends_its_prompts_in_the_same_order(concurrency: int) -> None:
    assert requested(concurrency) == requested(concurrency)


def test_one_at_a_time_goes_as_the_stages_say() -> None:
    planned = stages(grid((16, 40), (0.0, 1.0), 3), "single", "repeat")

    assert requested(1) == [one.trial_id for stage in planned for one in stage]
