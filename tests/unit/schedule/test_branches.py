"""A branch says from the grid's numbers alone what prompts share."""

from __future__ import annotations

from recallbench.schedule.branches import Branch, branch_of
from support.grids import trial


def test_a_single_needle_leaves_its_haystack_where_it_lies() -> None:
    assert branch_of(trial(1000, 0.25), "single", 1) == Branch(trunk="haystack 0", tokens=250)
    assert branch_of(trial(1000, 0.0), "single", 1).tokens == 0


def test_a_ladder_goes_along_to_its_end_at_every_depth() -> None:
    assert branch_of(trial(1000, 0.25), "ladder", "repeat").tokens == 1000


def test_repeats_take_turns_with_the_haystacks() -> None:
    trunks = [branch_of(trial(100, repeat=repeat), "single", 2).trunk for repeat in range(4)]

    assert trunks == ["haystack 0", "haystack 1", "haystack 0", "haystack 1"]


def test_each_repeat_has_a_haystack_of_its_own() -> None:
    trunks = [branch_of(trial(100, repeat=repeat), "single", "repeat").trunk for repeat in range(3)]

    assert trunks == ["haystack 0", "haystack 1", "haystack 2"]


def test_trials_that_share_nothing_have_trunks_of_their_own() -> None:
    asked = [trial(100, 0.5), trial(100, 0.6), trial(101, 0.5), trial(100, 0.5, repeat=1)]

    assert len({branch_of(one, "single", "trial").trunk for one in asked}) == 4
