"""What may be sent: nothing that another is just computing, nothing that does not fit."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recallbench.domain import Trial
from recallbench.domain.layout import Haystacks, Layout
from recallbench.schedule.branches import branch_of
from recallbench.schedule.flow import SURE_S, Flow
from recallbench.schedule.order import stages
from support.grids import HAYSTACKS, LAYOUTS, trial, trials

ANSWER = 10
CAPACITIES = st.none() | st.integers(1, 400)


def single(capacity: int | None = None, haystacks: Haystacks = "repeat") -> Flow:
    return Flow("single", haystacks, capacity, ANSWER)


def test_a_follower_waits_until_its_leader_is_answered() -> None:
    leader, follower = trial(200, 1.0), trial(100, 0.5)
    flow = single()
    flow.began(leader)
    assert not flow.may_go(follower)

    flow.ended(leader, stands=True)
    flow.began(follower)
    assert flow.may_go(trial(100, 0.4))
    assert flow.may_go(trial(100, 1.0))


def test_a_trial_of_another_haystack_does_not_wait() -> None:
    flow = single()
    flow.began(trial(200, 1.0))

    assert flow.may_go(trial(200, 1.0, repeat=1))


def test_what_shares_nothing_with_the_leader_does_not_wait() -> None:
    flow = single()
    flow.began(trial(200, 1.0))

    assert flow.may_go(trial(200, 0.0))


def test_where_the_leader_failed_the_next_leads() -> None:
    first, second, third = trial(200, 1.0), trial(200, 0.9), trial(200, 0.8)
    flow = single()
    flow.began(first)
    flow.ended(first, stands=False)
    assert flow.may_go(second)

    flow.began(second)
    assert not flow.may_go(third)


def test_one_that_goes_farther_than_stands_holds_those_that_do_too() -> None:
    flow = single()
    flow.began(trial(200, 0.5))
    flow.ended(trial(200, 0.5), stands=True)
    flow.began(trial(200, 1.0))

    assert not flow.may_go(trial(200, 0.9))
    assert flow.may_go(trial(200, 0.5))


def test_what_stands_stays_when_a_shorter_one_ends() -> None:
    flow = single()
    for depth in (1.0, 0.2):
        flow.began(trial(200, depth))
        flow.ended(trial(200, depth), stands=True)
    flow.began(trial(200, 0.9))

    assert flow.may_go(trial(200, 0.8))


def test_unlike_haystacks_wait_for_nobody() -> None:
    flow = single(haystacks="trial")
    flow.began(trial(200, 1.0))

    assert flow.may_go(trial(200, 1.0, repeat=1))
    assert flow.may_go(trial(100, 1.0))


def test_salted_requests_wait_for_nobody_and_take_their_whole_length() -> None:
    flow = Flow("ladder", "repeat", 500, ANSWER, is_cold=True)
    flow.began(trial(200, 1.0))

    assert flow.may_go(trial(200, 0.5))
    assert flow.tokens_in_flight == 210
    assert flow.may_go(trial(280, 0.5))
    assert not flow.may_go(trial(281, 0.5))


def test_a_haystack_in_flight_takes_its_place_once() -> None:
    flow = single()
    leader = trial(200, 1.0)
    flow.began(leader)
    flow.ended(leader, stands=True)
    assert flow.tokens_in_flight == 0

    for follower in (trial(200, 0.5), trial(200, 0.4)):
        flow.began(follower)
    # 100 of the haystack; 100 and 120 beyond the needles; two answers.
    assert flow.tokens_in_flight == 100 + 100 + 120 + 2 * ANSWER


def test_requests_in_flight_fit_the_cache() -> None:
    flow = single(capacity=400, haystacks="trial")
    flow.began(trial(180))

    assert flow.may_go(trial(200))
    assert not flow.may_go(trial(201))


def test_a_follower_needs_room_for_its_own_part_only() -> None:
    flow = Flow("ladder", "repeat", 200 + 2 * ANSWER, ANSWER)
    leader, follower = trial(200, 1.0), trial(200, 0.5)
    flow.began(leader)
    flow.ended(leader, stands=True)
    flow.began(follower)

    assert flow.may_go(trial(100, 0.5))
    assert not flow.may_go(trial(100, 0.5, repeat=1))


def test_what_does_not_fit_goes_alone() -> None:
    flow = single(capacity=100)
    assert flow.may_go(trial(200))

    flow.began(trial(200))
    assert not flow.may_go(trial(16, 0.0, repeat=1))


def test_a_trial_begins_once_and_ends_once() -> None:
    flow = single()
    with pytest.raises(ValueError, match=r"200/0.5/0 is not in flight"):
        flow.ended(trial(200), stands=True)

    flow.began(trial(200))
    with pytest.raises(ValueError, match=r"200/0.5/0 is in flight already"):
        flow.began(trial(200))


BEFORE, LEADER, FOLLOWER = trial(50, repeat=1), trial(200, 1.0), trial(200, 0.5)


def queued(*, in_order: bool = True) -> Flow:
    """One, and a leader a second behind it."""
    flow = Flow("single", "repeat", None, ANSWER, in_order=in_order)
    flow.began(BEFORE, 100.0)
    flow.began(LEADER, 101.0)
    return flow


def test_where_the_order_is_kept_an_earlier_answer_tells_that_a_leader_has_come() -> None:
    flow = queued()
    flow.ended(BEFORE, stands=True, now_s=101.0 + SURE_S)

    assert flow.may_go(FOLLOWER)


def test_an_answer_within_seconds_says_nothing_of_those_behind() -> None:
    flow = queued()
    flow.ended(BEFORE, stands=True, now_s=100.9 + SURE_S)

    assert not flow.may_go(FOLLOWER)


def test_a_failure_says_nothing_of_those_behind() -> None:
    flow = queued()
    flow.ended(BEFORE, stands=False, now_s=101.0 + SURE_S)

    assert not flow.may_go(FOLLOWER)


def test_an_answer_to_one_that_was_sent_later_says_nothing() -> None:
    flow, later = queued(), trial(50, repeat=2)
    flow.began(later, 102.0)
    flow.ended(later, stands=True, now_s=102.0 + SURE_S)

    assert not flow.may_go(FOLLOWER)


def test_where_the_order_is_not_known_to_be_kept_only_the_leaders_own_answer_counts() -> None:
    flow = queued(in_order=False)
    flow.ended(BEFORE, stands=True, now_s=101.0 + SURE_S)
    assert not flow.may_go(FOLLOWER)

    flow.ended(LEADER, stands=True, now_s=102.0 + SURE_S)
    flow.began(trial(200, 0.9), 103.0 + SURE_S)
    assert flow.may_go(FOLLOWER)


def test_what_goes_farther_than_the_leader_that_the_server_has_still_waits() -> None:
    flow = queued()
    flow.ended(BEFORE, stands=True, now_s=101.0 + SURE_S)
    flow.began(trial(400, 1.0), 102.0 + SURE_S)

    assert flow.may_go(FOLLOWER)
    assert not flow.may_go(trial(400, 0.9))


@given(
    trials(),
    LAYOUTS,
    HAYSTACKS,
    CAPACITIES,
    st.sampled_from([None, 100_000]),
    st.integers(1, 8),
    st.booleans(),
    st.booleans(),
    st.randoms(use_true_random=False),
)
def test_every_trial_is_sent_in_whatever_order_they_end(  # noqa: PLR0917 - hypothesis gives them
    asked: list[Trial],
    layout: Layout,
    haystacks: Haystacks,
    capacity: int | None,
    order_for: int | None,
    at_once: int,
    is_cold: bool,  # noqa: FBT001 - hypothesis gives it
    in_order: bool,  # noqa: FBT001 - hypothesis gives it
    chance: random.Random,
) -> None:
    flow = Flow(layout, haystacks, capacity, ANSWER, is_cold=is_cold, in_order=in_order)
    now_s = 0.0
    sent, flying = 0, list[Trial]()
    for stage in stages(asked, layout, haystacks, capacity_tokens=order_for):
        owed = list(stage)
        while owed:
            ready = [one for one in owed if flow.may_go(one)]
            if ready and len(flying) < at_once:
                flow.began(ready[0], now_s)
                owed.remove(ready[0])
                flying.append(ready[0])
                sent += 1
                assert capacity is None or len(flying) == 1 or flow.tokens_in_flight <= capacity
                continue
            assert flying, "nothing in flight, and nothing may go"
            ended = flying.pop(chance.randrange(len(flying)))
            now_s += SURE_S / 2
            flow.ended(ended, stands=chance.random() < 0.7, now_s=now_s)
    for one in flying:
        flow.ended(one, stands=True)

    assert flow.tokens_in_flight == 0
    assert sent == len(asked)


@given(trials(), LAYOUTS, HAYSTACKS, st.randoms(use_true_random=False))
def test_nothing_shared_is_computed_by_two_at_once(
    asked: list[Trial], layout: Layout, haystacks: Haystacks, chance: random.Random
) -> None:
    flow = Flow(layout, haystacks, None, ANSWER)
    flying: list[Trial] = []
    answered: list[Trial] = []

    def shared(one: Trial, other: Trial) -> int:
        ours, theirs = (branch_of(each, layout, haystacks) for each in (one, other))
        return min(ours.tokens, theirs.tokens) if ours.trunk == theirs.trunk else 0

    for one in asked:
        if flying and chance.random() < 0.5:
            answered.append(flying.pop(chance.randrange(len(flying))))
            flow.ended(answered[-1], stands=True)
        found = max((shared(one, other) for other in answered), default=0)
        twice = any(shared(one, other) > found for other in flying)
        assert flow.may_go(one) != twice
        if not twice:
            flow.began(one)
            flying.append(one)
