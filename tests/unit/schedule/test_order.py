"""Leaders before followers, the next leader behind them, the deepest first."""

from __future__ import annotations

import random
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recallbench.domain import Trial
from recallbench.domain.layout import Haystacks, Layout
from recallbench.schedule.block_cache import BlockCache, score
from recallbench.schedule.branches import branch_of
from recallbench.schedule.order import SPARE_TOKENS, stages
from support.grids import HAYSTACKS, LAYOUTS, SHARED, grid, made_prompt, trial, trials

BLOCK = 4
DEPTHS = (0.0, 0.25, 0.5, 0.75, 1.0)


def names(found: tuple[tuple[Trial, ...], ...]) -> list[list[str]]:
    return [[one.trial_id for one in stage] for stage in found]


def computed(
    order: list[Trial], layout: Layout, haystacks: Haystacks, capacity: int | None = None
) -> int:
    prompts = (made_prompt(one, layout, haystacks).token_ids for one in order)
    return score(prompts, BlockCache(BLOCK, capacity)).computed_tokens


def test_unlike_haystacks_are_one_stage_as_given() -> None:
    given_order = [trial(200), trial(100), trial(300)]

    assert stages(given_order, "single", "trial") == (tuple(given_order),)


@pytest.mark.parametrize("haystacks", ["trial", "repeat", 2])
def test_no_trials_have_no_stages(haystacks: Haystacks) -> None:
    assert stages([], "single", haystacks) == ()


def test_the_next_leader_is_sent_when_the_followers_of_this_one_are() -> None:
    asked = grid((100, 200), (0.0, 1.0), 2)

    assert names(stages(asked, "single", "repeat")) == [
        ["200/1.0/0"],
        ["100/1.0/0", "200/0.0/0", "100/0.0/0"],
        ["200/1.0/1"],
        ["100/1.0/1", "200/0.0/1", "100/0.0/1"],
    ]


def test_where_the_cache_holds_everything_it_goes_before_them() -> None:
    asked = grid((100, 200), (0.0, 1.0), 2)
    # Twice the trunk to 200, 300 beyond depth 0, and what four trials may take besides.
    enough = 2 * (200 + 300 + 4 * SPARE_TOKENS)
    together = [
        ["200/1.0/0"],
        ["200/1.0/1", "100/1.0/0", "200/0.0/0", "100/0.0/0"],
        ["100/1.0/1", "200/0.0/1", "100/0.0/1"],
    ]

    assert names(stages(asked, "single", "repeat", capacity_tokens=enough)) == together
    assert stages(asked, "single", "repeat", capacity_tokens=enough - 1) == stages(
        asked, "single", "repeat"
    )


def test_haystacks_come_as_their_first_trials_do() -> None:
    asked = [trial(100, repeat=2), trial(100, repeat=0), trial(200, repeat=2)]

    assert names(stages(asked, "ladder", "repeat")) == [
        ["200/0.5/2"],
        ["100/0.5/2"],
        ["100/0.5/0"],
    ]


def test_a_haystack_of_one_trial_has_no_followers() -> None:
    asked = [trial(100, repeat=repeat) for repeat in range(3)]

    assert stages(asked, "single", "repeat") == tuple((one,) for one in asked)


def test_of_trials_that_go_equally_far_the_longer_leads_and_then_the_first() -> None:
    asked = [trial(100, 1.0), trial(200, 0.5), trial(200, 0.5, repeat=1), trial(400, 0.25)]

    assert names(stages(asked, "single", 1)) == [
        ["400/0.25/0"],
        ["200/0.5/0", "200/0.5/1", "100/1.0/0"],
    ]


def test_of_the_last_ladder_in_a_cache_that_holds_it_the_longest_shorter_one_leads() -> None:
    asked = grid((100, 200, 400), (0.0, 1.0), 2)

    assert names(stages(asked, "ladder", "repeat", capacity_tokens=100_000)) == [
        ["200/0.0/1", "400/0.0/0"],
        ["400/0.0/1", "400/1.0/0", "200/0.0/0", "200/1.0/0", "100/0.0/0", "100/1.0/0"],
        ["400/1.0/1", "200/1.0/1", "100/0.0/1", "100/1.0/1"],
    ]


def test_a_ladder_alone_is_led_halfway_too() -> None:
    asked = grid((100, 200), (0.5,), 1)

    assert names(stages(asked, "ladder", "repeat", capacity_tokens=10_000)) == [
        ["100/0.5/0", "200/0.5/0"]
    ]


@pytest.mark.parametrize(
    ("layout", "capacity", "lengths"),
    [
        ("single", 100_000, (100, 200)),
        ("ladder", None, (100, 200)),
        ("ladder", 100, (100, 200)),
        ("ladder", 100_000, (200,)),
    ],
    ids=str,
)
def test_nothing_leads_halfway_in_another_layout_a_small_cache_or_at_one_length(
    layout: Layout, capacity: int | None, lengths: tuple[int, ...]
) -> None:
    asked = grid(lengths, (0.0, 1.0), 2)
    found = stages(asked, layout, "repeat", capacity_tokens=capacity)

    (first, *_), *rest = found
    assert first.length_tokens == max(lengths)
    assert first.repeat == 0
    assert next(one for one in chain(*rest) if one.repeat == 1).length_tokens == max(lengths)


@given(trials(), SHARED, st.randoms(use_true_random=False))
def test_what_leads_halfway_costs_no_token(
    asked: list[Trial], haystacks: Haystacks, chance: random.Random
) -> None:
    ours = list(chain(*stages(asked, "ladder", haystacks, capacity_tokens=100_000)))
    other = chance.sample(asked, len(asked))

    assert computed(ours, "ladder", haystacks) <= computed(other, "ladder", haystacks)


@given(trials(), LAYOUTS, HAYSTACKS, st.none() | st.integers(1, 10_000))
def test_every_trial_is_in_one_stage_once(
    asked: list[Trial], layout: Layout, haystacks: Haystacks, capacity: int | None
) -> None:
    found = stages(asked, layout, haystacks, capacity_tokens=capacity)

    assert all(found)
    assert sorted(chain(*names(found))) == sorted(one.trial_id for one in asked)


@given(trials(), LAYOUTS, SHARED)
def test_nobody_goes_farther_along_than_who_went_before(
    asked: list[Trial], layout: Layout, haystacks: Haystacks
) -> None:
    reached: dict[str, int] = {}
    for one in chain(*stages(asked, layout, haystacks)):
        branch = branch_of(one, layout, haystacks)
        assert branch.tokens <= reached.setdefault(branch.trunk, branch.tokens)
        reached[branch.trunk] = branch.tokens


@given(trials(), LAYOUTS, HAYSTACKS, st.randoms(use_true_random=False))
def test_no_other_order_computes_fewer_tokens(
    asked: list[Trial], layout: Layout, haystacks: Haystacks, chance: random.Random
) -> None:
    ours = list(chain(*stages(asked, layout, haystacks)))
    other = chance.sample(asked, len(asked))

    assert computed(ours, layout, haystacks) <= computed(other, layout, haystacks)


@pytest.mark.parametrize("layout", ["single", "ladder"])
@pytest.mark.parametrize("capacity", [45, 60, 100])
def test_a_small_cache_costs_our_order_less_than_chance(layout: Layout, capacity: int) -> None:
    asked = grid((40, 80, 160), DEPTHS, 4)
    ours = list(chain(*stages(asked, layout, "repeat", capacity_tokens=BLOCK * capacity)))
    others = [random.Random(seed).sample(asked, len(asked)) for seed in range(20)]

    cheapest = min(computed(other, layout, "repeat", capacity) for other in others)
    assert computed(ours, layout, "repeat", capacity) < cheapest


@pytest.mark.parametrize(("layout", "capacity"), [("ladder", 43), ("single", 70)])
def test_it_needs_little_more_room_than_one_haystack(layout: Layout, capacity: int) -> None:
    asked = grid((40, 80, 160), DEPTHS, 4)
    ours = list(chain(*stages(asked, layout, "repeat")))

    assert computed(ours, layout, "repeat", capacity) == computed(ours, layout, "repeat")
