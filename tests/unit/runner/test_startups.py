"""Engines come up in their turn or beside the one at work; none is left up, none ends too early."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import pytest

from recallbench.domain import TrialRecord
from recallbench.engines.opened import EngineFacts, OpenedEngine
from recallbench.engines.scripted import ScriptedEngine, perfect_recall
from recallbench.errors import EngineStartError, SuiteError
from recallbench.rope.proof import unverified
from recallbench.runner.startups import Startups
from recallbench.runner.timeline import Timeline
from recallbench.suite import PlannedVariant, Serving, parse_suite, plan_run, resolve

NAMES = ("one", "two", "three")
ONE, TWO, THREE = plan_run(
    resolve(
        parse_suite(
            {
                "suite": "s",
                "model": "m",
                "grid": {"lengths": [100]},
                "variants": [{"name": name} for name in NAMES],
            },
            "test",
        )
    ),
    {"m": None},
    Serving(vllm_version="0.32.0"),
).variants


class Told:
    """Remembers what is said."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def say(self, text: str) -> None:
        self.said.append(text)

    def phase(self, variant: str, text: str) -> None:
        del variant, text

    def begin(self, variant: str, done: int, total: int, *, at_most: bool = False) -> None:
        del variant, done, total, at_most

    def trial(self, record: TrialRecord) -> None:
        del record

    def end(self) -> None:
        pass


class Stage:
    """Engines that come up and end when they are let, and what happened in which order."""

    def __init__(self, *, room: Mapping[str, str | None] | None = None) -> None:
        """``room`` tells by variant why there is none for it; None starts one after another."""
        self.events: list[str] = []
        self.told = Told()
        self.now_s = 0.0
        self.faults: dict[str, Exception] = {}
        self.may_start = {name: asyncio.Event() for name in NAMES}
        self.may_end = {name: asyncio.Event() for name in NAMES}
        for each in (*self.may_start.values(), *self.may_end.values()):
            each.set()
        self.times: dict[str, dict[str, Any]] = {}
        self._room = room
        self._engines: list[AbstractAsyncContextManager[OpenedEngine]] = []

    def startups(self) -> Startups:
        return Startups(
            self._kept,
            room=None if self._room is None else self._why,
            listener=self.told,
            clock=lambda: self.now_s,
        )

    def timeline(self, planned: PlannedVariant) -> Timeline:
        def keep(facts: dict[str, Any]) -> None:
            self.times[planned.variant.name] = facts

        return Timeline(None, keep, clock=lambda: self.now_s)

    @property
    def up(self) -> list[str]:
        """Engines that were begun and have not ended."""
        ended = {event.split()[0] for event in self.events if event.endswith(("ended", "undone"))}
        begun = [event.split()[0] for event in self.events if event.endswith("starting")]
        return [name for name in begun if name not in ended]

    async def _why(self, planned: PlannedVariant) -> str | None:
        self.events.append(f"{planned.variant.name} room asked")
        assert self._room is not None
        return self._room.get(planned.variant.name)

    def _fail(self, name: str) -> None:
        if fault := self.faults.get(name):
            raise fault

    def _kept(self, planned: PlannedVariant) -> AbstractAsyncContextManager[OpenedEngine]:
        """Held, so that none ends because it is forgotten."""
        self._engines.append(self._open(planned))
        return self._engines[-1]

    @asynccontextmanager
    async def _open(self, planned: PlannedVariant) -> AsyncIterator[OpenedEngine]:
        name = planned.variant.name
        self.events.append(f"{name} starting")
        try:
            await self.may_start[name].wait()
            self._fail(name)
        except BaseException:
            self.events.append(f"{name} undone")
            raise
        self.events.append(f"{name} up")
        try:
            yield OpenedEngine(
                engine=ScriptedEngine(perfect_recall),
                facts=EngineFacts(kind="scripted", api="completions"),
                proof=unverified("scripted"),
            )
        finally:
            self.events.append(f"{name} ending")
            await self.may_end[name].wait()
            self.events.append(f"{name} ended")


async def settled() -> None:
    """Let all tasks go on until none can."""
    for _ in range(20):
        await asyncio.sleep(0)


def play(scene: Callable[[], Awaitable[None]]) -> None:
    async def within() -> None:
        await scene()
        rest = asyncio.all_tasks() - {asyncio.current_task()}
        assert not rest

    asyncio.run(within())


def test_without_overlap_an_engine_starts_when_the_one_before_has_ended() -> None:
    async def scene() -> None:
        stage = Stage()
        async with stage.startups() as startups:
            for planned in (ONE, TWO):
                async with startups.turn(planned, stage.timeline(planned)):
                    startups.prepare(THREE)
                    await settled()
        assert stage.events == [
            *("one starting", "one up", "one ending", "one ended"),
            *("two starting", "two up", "two ending", "two ended"),
        ]

    play(scene)


def test_with_room_the_next_comes_up_while_the_present_works_and_then_the_old_one_ends() -> None:
    async def scene() -> None:
        stage = Stage(room={})
        async with stage.startups() as startups:
            async with startups.turn(ONE, stage.timeline(ONE)):
                startups.prepare(TWO)
                startups.prepare(THREE)  # one at a time
                await settled()
                assert stage.up == ["one", "two"]
            async with startups.turn(TWO, stage.timeline(TWO)):
                await settled()
                assert stage.up == ["two"]
        assert stage.events == [
            *("one starting", "one up", "two room asked", "two starting", "two up"),
            *("one ending", "one ended", "two ending", "two ended"),
        ]
        assert stage.told.said == []

    play(scene)


def test_the_old_engine_keeps_its_memory_until_the_new_one_has_measured_it() -> None:
    async def scene() -> None:
        stage = Stage(room={})
        stage.may_start["two"].clear()
        stage.may_end["one"].clear()
        async with stage.startups() as startups:
            async with startups.turn(ONE, stage.timeline(ONE)):
                startups.prepare(TWO)
                await settled()

            async def second() -> None:
                async with startups.turn(TWO, stage.timeline(TWO)):
                    # Nobody waits for the end of the first.
                    assert stage.events[-2:] == ["two starting", "two up"]
                    startups.prepare(THREE)
                    await settled()
                    # Its memory would come free while the third measures what there is.
                    assert stage.events[-1] == "one ending"
                    stage.may_end["one"].set()
                    await settled()
                    assert stage.up == ["two", "three"]

            turn = asyncio.create_task(second())
            await settled()
            assert stage.up == ["one", "two"]
            assert "one ending" not in stage.events
            stage.may_start["two"].set()
            await turn
        assert stage.events.index("one ended") < stage.events.index("three room asked")
        assert stage.up == []

    play(scene)


def test_without_room_it_is_said_once_and_the_start_waits_for_the_end_of_the_old_one() -> None:
    async def scene() -> None:
        stage = Stage(room={"two": "2.0 GiB are free, and it takes 9.0 GiB"})
        async with stage.startups() as startups:
            async with startups.turn(ONE, stage.timeline(ONE)):
                startups.prepare(TWO)
                await settled()
                startups.prepare(TWO)
                await settled()
                assert stage.up == ["one"]
            async with startups.turn(TWO, stage.timeline(TWO)):
                pass
        assert stage.told.said == ["two: not overlapped: 2.0 GiB are free, and it takes 9.0 GiB"]
        assert stage.events == [
            *("one starting", "one up", "two room asked", "one ending", "one ended"),
            *("two starting", "two up", "two ending", "two ended"),
        ]

    play(scene)


def test_a_failed_start_is_raised_in_its_turn_and_the_next_one_starts_after_the_old_is_gone() -> (
    None
):
    async def scene() -> None:
        stage = Stage(room={})
        stage.faults["two"] = EngineStartError("out of memory")
        async with stage.startups() as startups:
            async with startups.turn(ONE, stage.timeline(ONE)):
                startups.prepare(TWO)
                await settled()
                assert "two undone" in stage.events
            with pytest.raises(EngineStartError, match="out of memory"):
                async with startups.turn(TWO, stage.timeline(TWO)):
                    raise AssertionError("it is not up")
            assert stage.up == []
            async with startups.turn(THREE, stage.timeline(THREE)):
                assert stage.up == ["three"]

    play(scene)


def test_what_came_up_in_vain_ends_before_another_turn() -> None:
    async def scene() -> None:
        stage = Stage(room={})
        async with stage.startups() as startups:
            async with startups.turn(ONE, stage.timeline(ONE)):
                startups.prepare(TWO)
                await settled()
            async with startups.turn(THREE, stage.timeline(THREE)):
                assert stage.up == ["three"]

    play(scene)


@pytest.mark.parametrize("is_up", [True, False])
@pytest.mark.parametrize("waits_for_it", [True, False])
def test_an_interrupt_ends_the_engine_at_work_and_the_one_that_comes_up(
    *, is_up: bool, waits_for_it: bool
) -> None:
    async def scene() -> None:
        stage = Stage(room={})
        if not is_up:
            stage.may_start["two"].clear()

        async def session() -> None:
            async with stage.startups() as startups:
                async with startups.turn(ONE, stage.timeline(ONE)):
                    startups.prepare(TWO)
                    await settled()
                    if not waits_for_it:
                        await asyncio.Event().wait()
                async with startups.turn(TWO, stage.timeline(TWO)):
                    await asyncio.Event().wait()

        running = asyncio.create_task(session())
        await settled()
        await settled()
        assert stage.up == (["two"] if waits_for_it and is_up else ["one", "two"])

        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running

        assert stage.up == []

    play(scene)


@pytest.mark.parametrize("fault", [EngineStartError("never told"), SuiteError("nor this")])
def test_a_start_that_nobody_waits_for_any_more_fails_unheard(fault: Exception) -> None:
    async def scene() -> None:
        stage = Stage(room={})
        stage.faults["two"] = fault
        async with stage.startups() as startups, startups.turn(ONE, stage.timeline(ONE)):
            startups.prepare(TWO)
            await settled()
        assert stage.up == []

    play(scene)


def test_an_error_in_a_turn_goes_on_and_ends_all() -> None:
    async def scene() -> None:
        stage = Stage(room={})

        async def session() -> None:
            async with stage.startups() as startups, startups.turn(ONE, stage.timeline(ONE)):
                startups.prepare(TWO)
                await settled()
                raise SuiteError("of the session")

        with pytest.raises(SuiteError):
            await session()
        assert stage.up == []

    play(scene)


def test_a_start_beside_another_costs_only_what_is_waited_for() -> None:
    async def scene() -> None:
        stage = Stage(room={})
        stage.may_start["two"].clear()
        async with stage.startups() as startups:
            async with startups.turn(ONE, stage.timeline(ONE)):
                startups.prepare(TWO)
                await settled()
                stage.now_s = 30.0

            async def second() -> None:
                async with startups.turn(TWO, stage.timeline(TWO)):
                    stage.may_end["two"].clear()
                    stage.now_s = 50.0

            turn = asyncio.create_task(second())
            await settled()
            stage.now_s = 37.0
            stage.may_start["two"].set()
            await settled()
            stage.now_s = 52.0
            stage.may_end["two"].set()
            await turn
        times = stage.times["two"]
        assert (times["startup_s"], times["waited_s"], times["shutdown_s"]) == (37.0, 7.0, 2.0)

    play(scene)


def test_a_start_in_its_turn_is_waited_for_as_a_whole_and_told_also_if_it_fails() -> None:
    async def scene() -> None:
        stage = Stage()
        stage.may_start["one"].clear()
        stage.faults["one"] = EngineStartError("no")

        async def first(startups: Startups) -> None:
            with pytest.raises(EngineStartError):
                async with startups.turn(ONE, stage.timeline(ONE)):
                    pass

        async with stage.startups() as startups:
            turn = asyncio.create_task(first(startups))
            await settled()
            stage.now_s = 9.0
            stage.may_start["one"].set()
            await turn
        times = stage.times["one"]
        assert (times["startup_s"], times["waited_s"], times["shutdown_s"]) == (9.0, 9.0, 0.0)

    play(scene)
