"""Prompts are built ahead, each once, and what goes wrong is told in the trial's own turn."""

from __future__ import annotations

import asyncio
import random
from array import array
from collections.abc import Callable, Coroutine
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recallbench.domain import Prompt, Trial, whole_tokens
from recallbench.errors import PromptError
from recallbench.runner.line import Line
from recallbench.runner.prepared import Prepared
from recallbench.schedule.flow import Flow
from recallbench.schedule.order import stages
from support.grids import trial, trials

LEADER, *FOLLOWERS = (trial(200, 1 - number / 40) for number in range(40))
KEPT = 16


class Builder:
    """Remembers what it built; cannot build some."""

    def __init__(self, *broken: Trial) -> None:
        self.built: list[Trial] = []
        self._broken = broken

    def __call__(self, trial: Trial) -> Prompt:
        self.built.append(trial)
        if trial in self._broken:
            raise PromptError(f"{trial.trial_id} does not fit")
        return Prompt(
            tokens=(whole_tokens(array("I", [trial.repeat])),),
            head="",
            message=(),
            tail="",
            needle_span=(0, 1),
            achieved_depth=trial.depth,
            key=trial.trial_id,
        )


def run(test: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(test())


async def idle(turns: int = 60) -> None:
    """As the loop is while requests are in flight."""
    for _ in range(turns):
        await asyncio.sleep(0)


def line(*given_stages: list[Trial]) -> Line:
    return Line(given_stages, Flow("single", "repeat", None, 8))


def test_a_prompt_that_is_not_there_is_built_when_it_is_taken() -> None:
    build = Builder()

    assert Prepared(build).take(LEADER).key == LEADER.trial_id
    assert build.built == [LEADER]


def test_nothing_is_built_ahead_before_the_first_request_is_on_its_way() -> None:
    async def held() -> None:
        build = Builder()
        ahead = asyncio.create_task(Prepared(build).keep_up(line([LEADER], FOLLOWERS)))
        await idle()
        assert build.built == []
        ahead.cancel()

    run(held)


def test_while_a_leader_is_computed_some_of_its_followers_are_built() -> None:
    async def held() -> None:
        build = Builder()
        prepared, waiting = Prepared(build), line([LEADER], FOLLOWERS)
        ahead = asyncio.create_task(prepared.keep_up(waiting))
        await waiting.take()
        prepared.take(LEADER)
        await idle()
        assert build.built == [LEADER, *FOLLOWERS[:KEPT]]

        prepared.take(FOLLOWERS[0])
        assert build.built == [LEADER, *FOLLOWERS[:KEPT]]
        ahead.cancel()

    run(held)


def test_a_prompt_is_built_at_a_time_and_requests_come_between() -> None:
    async def held() -> None:
        build = Builder()
        waiting = line([LEADER], FOLLOWERS)
        ahead = asyncio.create_task(Prepared(build).keep_up(waiting))
        await waiting.take()
        counts = []
        for _ in range(8):
            await asyncio.sleep(0)
            counts.append(len(build.built))
        assert all(after - before <= 1 for before, after in pairwise(counts))
        assert counts[-1] > 1
        ahead.cancel()

    run(held)


def test_what_cannot_be_built_ahead_is_told_in_its_own_turn_and_only_then() -> None:
    async def held() -> None:
        first, broken, last = FOLLOWERS[:3]
        build = Builder(broken)
        prepared, waiting = Prepared(build), line([LEADER], [first, broken, last])
        ahead = asyncio.create_task(prepared.keep_up(waiting))
        await waiting.take()
        await idle()
        assert build.built == [first, broken, last]
        assert not ahead.done()

        assert prepared.take(last).key == last.trial_id
        assert prepared.take(first).key == first.trial_id
        with pytest.raises(PromptError, match="does not fit"):
            prepared.take(broken)
        assert len(build.built) == 3
        ahead.cancel()

    run(held)


def test_what_is_taken_while_others_are_built_ahead_is_not_built_again() -> None:
    async def held() -> None:
        build = Builder()
        prepared, waiting = Prepared(build), line([LEADER], FOLLOWERS)
        ahead = asyncio.create_task(prepared.keep_up(waiting))
        await waiting.take()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        waiting.done(LEADER, stands=True)
        for _ in range(10):
            taken = await waiting.take()
            assert taken
            prepared.take(taken)
        await idle()
        assert len(build.built) == len(set(build.built)) == 10 + KEPT
        ahead.cancel()

    run(held)


@given(trials(), st.integers(1, 8), st.integers(0, 99))
def test_every_prompt_is_built_once_however_requests_end(
    asked: list[Trial], at_once: int, seed: int
) -> None:
    build, chance = Builder(), random.Random(seed)

    async def held() -> None:
        prepared = Prepared(build)
        waiting = Line(stages(asked, "single", "repeat"), Flow("single", "repeat", None, 8))
        ahead = asyncio.create_task(prepared.keep_up(waiting))

        async def worker() -> None:
            while (one := await waiting.take()) is not None:
                assert prepared.take(one).key == one.trial_id
                await idle(chance.randrange(6))
                waiting.done(one, stands=chance.random() < 0.7)

        async with asyncio.TaskGroup() as group:
            for _ in range(at_once):
                group.create_task(worker())
        ahead.cancel()

    run(held)

    assert sorted(one.trial_id for one in build.built) == sorted(one.trial_id for one in asked)
