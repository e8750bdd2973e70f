"""A trial goes out as soon as it may, each once, and something always goes where nothing is out."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Coroutine, Iterator, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recallbench.domain import Trial
from recallbench.domain.layout import Haystacks, Layout
from recallbench.runner.line import Line
from recallbench.runner.sources import line_of, source_of
from recallbench.schedule.flow import SURE_S, Flow
from recallbench.schedule.order import stages
from recallbench.suite import Serving, parse_suite, plan_run, resolve
from support.grids import HAYSTACKS, LAYOUTS, grid, trial, trials

ANSWER = 10
LEADER, *FOLLOWERS = (trial(200, depth) for depth in (1.0, 0.9, 0.8))
OTHER = trial(200, 1.0, repeat=1)


class Clock:
    """Stands still until it is told to go on."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


class Takers:
    """Take trials from a line beside each other; which of them are done, the test says."""

    def __init__(self, line: Line, count: int) -> None:
        self.line = line
        self.out: list[Trial] = []
        self.taken: list[Trial] = []
        self._tasks = [asyncio.create_task(self._take()) for _ in range(count)]

    async def _take(self) -> None:
        trial = await self.line.take()
        if trial is not None:
            self.taken.append(trial)
            self.out.append(trial)

    async def settled(self) -> list[Trial]:
        """What is out once all that may go has gone."""
        for _ in range(3):
            await asyncio.sleep(0)
        return self.out

    async def done(self, trial: Trial, *, stands: bool = True) -> list[Trial]:
        """One is done, and whoever had it comes for another."""
        self.out.remove(trial)
        self.line.done(trial, stands=stands)
        self._tasks.append(asyncio.create_task(self._take()))
        return await self.settled()

    async def gone(self) -> bool:
        """Whether nobody waits any more."""
        await self.settled()
        return all(task.done() for task in self._tasks)


def run(test: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(test())


def single(*, in_order: bool = False) -> Flow:
    return Flow("single", "repeat", None, ANSWER, in_order=in_order)


def test_followers_go_as_soon_as_their_leader_is_answered() -> None:
    async def held() -> None:
        takers = Takers(Line([(LEADER,), FOLLOWERS], single()), 3)
        assert await takers.settled() == [LEADER]
        assert await takers.done(LEADER) == FOLLOWERS

    run(held)


def test_a_leader_without_an_answer_is_replaced_by_one_follower() -> None:
    async def held() -> None:
        takers = Takers(Line([(LEADER,), FOLLOWERS], single()), 3)
        await takers.settled()
        assert await takers.done(LEADER, stands=False) == [FOLLOWERS[0]]
        assert await takers.done(FOLLOWERS[0]) == [FOLLOWERS[1]]

    run(held)


def test_one_that_must_wait_does_not_hold_up_those_behind_it() -> None:
    async def held() -> None:
        takers = Takers(Line([(LEADER, *FOLLOWERS, OTHER)], single()), 8)
        assert await takers.settled() == [LEADER, OTHER]

    run(held)


def test_a_stage_begins_when_all_of_the_one_before_are_sent() -> None:
    async def held() -> None:
        takers = Takers(Line([(LEADER, *FOLLOWERS), (OTHER,)], single()), 4)
        assert await takers.settled() == [LEADER]
        assert await takers.done(LEADER) == [*FOLLOWERS, OTHER]

    run(held)


def test_a_stage_without_trials_is_passed_over() -> None:
    async def held() -> None:
        takers = Takers(Line([(), (LEADER,), (), (OTHER,)], single()), 3)
        assert await takers.settled() == [LEADER, OTHER]
        assert not await takers.done(LEADER) or await takers.gone()

    run(held)


def test_with_nothing_left_nobody_waits() -> None:
    async def held() -> None:
        takers = Takers(Line([(LEADER,)], single()), 3)
        assert await takers.settled() == [LEADER]
        assert await takers.gone()

    run(held)


def test_where_the_end_is_told_all_who_wait_go_when_the_next_is_done() -> None:
    is_over = False

    async def held() -> None:
        nonlocal is_over
        takers = Takers(Line([(LEADER,), FOLLOWERS], single(), is_over=lambda: is_over), 3)
        await takers.settled()
        assert not await takers.gone()
        is_over = True
        assert await takers.done(LEADER) == []
        assert await takers.gone()

    run(held)


def test_in_an_engine_that_keeps_the_order_an_earlier_answer_lets_followers_go() -> None:
    clock = Clock()

    async def held() -> None:
        line = Line([(OTHER, LEADER), FOLLOWERS], single(in_order=True), clock=clock)
        takers = Takers(line, 4)
        assert await takers.settled() == [OTHER, LEADER]
        clock.now_s += SURE_S
        assert await takers.done(OTHER) == [LEADER, *FOLLOWERS]

    run(held)


def drawn_from(given: Sequence[Trial], drawn: list[Trial]) -> Iterator[tuple[Trial]]:
    for one in given:
        drawn.append(one)
        yield (one,)


@pytest.mark.parametrize("drawn_ahead", [1, 2, 3])
def test_no_trial_is_drawn_before_it_is_due(drawn_ahead: int) -> None:
    drawn: list[Trial] = []
    asked = [LEADER, *FOLLOWERS, OTHER]

    async def held() -> None:
        line = Line(drawn_from(asked, drawn), single(), drawn_ahead=drawn_ahead)
        takers = Takers(line, 8)
        assert drawn == []
        await takers.settled()
        # Behind the leader one more is drawn to see whether it may go, and then no more than asked.
        assert len(drawn) == max(drawn_ahead, 2)
        assert line.upcoming(9) == drawn[1:]
        await takers.done(LEADER)
        assert drawn == asked

    run(held)


def test_what_is_drawn_meanwhile_may_pass_what_waits() -> None:
    async def held() -> None:
        drawn: list[Trial] = []
        line = Line(drawn_from([LEADER, FOLLOWERS[0], OTHER], drawn), single(), drawn_ahead=3)
        assert await Takers(line, 3).settled() == [LEADER, OTHER]

    run(held)


def test_what_is_upcoming_are_those_that_wait_and_the_next_stage_of_a_fixed_plan() -> None:
    async def held() -> None:
        line = Line([(LEADER, *FOLLOWERS), (OTHER,), (trial(1),)], single())
        assert line.upcoming(9) == [LEADER, *FOLLOWERS]
        await Takers(line, 1).settled()
        assert line.upcoming(9) == [*FOLLOWERS, OTHER]
        assert line.upcoming(1) == FOLLOWERS[:1]

    run(held)


def test_it_is_told_when_something_was_taken_and_once_for_each_time() -> None:
    async def held() -> None:
        line = Line([(LEADER, OTHER)], single())
        watch = asyncio.create_task(line.moved())
        await asyncio.sleep(0)
        assert not watch.done()
        await line.take()
        await watch
        again = asyncio.create_task(line.moved())
        await asyncio.sleep(0)
        assert not again.done()
        await line.take()
        await again

    run(held)


def test_those_that_wait_look_once_at_what_may_go_when_one_is_done() -> None:
    looks = 0

    class Watched(Flow):
        def may_go(self, trial: Trial) -> bool:
            nonlocal looks
            looks += 1
            return super().may_go(trial)

    others = [trial(50, repeat=repeat) for repeat in range(1, 20)]

    async def held() -> None:
        nonlocal looks
        flow = Watched("single", "repeat", None, ANSWER)
        takers = Takers(Line([(LEADER, *others), FOLLOWERS], flow), 100)
        await takers.settled()
        looks = 0
        await takers.done(others[0])
        assert looks == len(FOLLOWERS)

    run(held)


@given(
    trials(),
    LAYOUTS,
    HAYSTACKS,
    st.none() | st.integers(1, 400),
    st.integers(1, 8),
    st.sampled_from([0, 1, 4]),
    st.booleans(),
    st.booleans(),
    st.randoms(use_true_random=False),
)
def test_every_trial_goes_once_in_whatever_order_they_are_done(  # noqa: PLR0917 - hypothesis gives them
    asked: list[Trial],
    layout: Layout,
    haystacks: Haystacks,
    capacity: int | None,
    at_once: int,
    drawn_ahead: int,
    in_order: bool,  # noqa: FBT001 - hypothesis gives it
    is_drawn: bool,  # noqa: FBT001 - hypothesis gives it
    chance: random.Random,
) -> None:
    clock = Clock()
    fixed = stages(asked, layout, haystacks, capacity_tokens=capacity)
    given_stages = ((one,) for stage in fixed for one in stage) if is_drawn else fixed
    flow = Flow(layout, haystacks, capacity, ANSWER, in_order=in_order)

    async def held() -> None:
        line = Line(given_stages, flow, drawn_ahead=drawn_ahead, clock=clock)
        takers = Takers(line, at_once)
        while await takers.settled():
            assert len(takers.out) <= at_once
            clock.now_s += chance.choice([0.0, SURE_S])
            await takers.done(chance.choice(takers.out), stands=chance.random() < 0.7)
        assert await takers.gone()
        assert sorted(one.trial_id for one in takers.taken) == sorted(one.trial_id for one in asked)

    run(held)


@given(LAYOUTS, HAYSTACKS, st.integers(1, 8), st.integers(0, 99))
def test_answers_in_the_same_order_give_the_same_order_of_trials(
    layout: Layout, haystacks: Haystacks, at_once: int, seed: int
) -> None:
    asked = grid((16, 40, 100), (0.0, 0.5, 1.0), 2)
    found: list[list[Trial]] = []

    async def held() -> None:
        chance = random.Random(seed)
        takers = Takers(
            Line(
                stages(asked, layout, haystacks),
                Flow(layout, haystacks, None, ANSWER),
            ),
            at_once,
        )
        while await takers.settled():
            await takers.done(chance.choice(takers.out))
        found.append(takers.taken)

    run(held)
    run(held)

    assert found[0] == found[1]


def line_for(
    *,
    haystacks: Haystacks = "repeat",
    cache: str = "shared",
    kv_cache_tokens: int | None = None,
    is_gated: bool = False,
) -> Line:
    """What a suite of two lengths, two depths and two trials in each cell makes."""
    gate = {"floor": 0.9, "until": "decided"} if is_gated else None
    form = parse_suite(
        {
            "suite": "s",
            "model": "m",
            "grid": {"lengths": [100, 200], "depths": [0.0, 1.0], "trials": 2},
            "prompt": {"haystacks": haystacks},
            "engine": {"concurrency": 3, "cache": cache},
            "gate": gate,
        },
        "test",
    )
    plan = plan_run(resolve(form), {"m": None}, Serving(vllm_version="0.32.0"))
    return line_of(
        plan,
        source_of(plan, plan.variants[0], []),
        kv_cache_tokens=kv_cache_tokens,
        in_order=False,
        is_over=lambda: False,
    )


def sent_first(line: Line) -> list[str]:
    found: list[Trial] = []

    async def held() -> None:
        found.extend(await Takers(line, 9).settled())

    run(held)
    return [one.identity for one in found]


def test_a_plans_trials_wait_for_the_leader_of_their_haystack() -> None:
    first, *others = sent_first(line_for())

    assert first == "200/1.0/0"
    # At depth 0 nothing is shared, and nothing waited for.
    assert all("/0.0/" in name for name in others)


@pytest.mark.parametrize(
    ("haystacks", "cache"), [("trial", "shared"), ("repeat", "cold"), ("trial", "cold")]
)
def test_trials_that_find_nothing_of_others_wait_for_nobody(
    haystacks: Haystacks, cache: str
) -> None:
    found = sent_first(line_for(haystacks=haystacks, cache=cache))

    assert len(found) == 8
    # Nor is there an order that would help.
    assert found == sent_first(line_for(haystacks="trial"))


def test_no_more_of_a_plan_is_sent_than_the_engines_cache_holds() -> None:
    assert len(sent_first(line_for(haystacks="trial", kv_cache_tokens=500))) < 8


def test_a_gates_trials_are_drawn_one_by_one_the_deepest_of_a_round_first() -> None:
    line = line_for(is_gated=True)

    async def held() -> None:
        takers = Takers(line, 3)
        (first, *_) = await takers.settled()
        assert first.depth == 1.0
        # Three are drawn for three requests at once, and none behind them.
        assert len(takers.out) + len(line.upcoming(9)) == 3

    run(held)
