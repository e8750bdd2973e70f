"""Which trials share a haystack, and what it is called."""

from __future__ import annotations

import pytest

from recallbench.domain import Grid
from recallbench.domain.layout import Haystacks, haystack_name, haystack_number
from recallbench.suite.trials import trials_of

TRIALS = trials_of(Grid(lengths=(8000, 9000), depths=(0.0, 1.0), trials=4), "recipe")


@pytest.mark.parametrize(
    ("haystacks", "numbers"),
    [("trial", [None] * 4), ("repeat", [0, 1, 2, 3]), (3, [0, 1, 2, 0]), (1, [0, 0, 0, 0])],
)
def test_repeats_share_what_they_are_told_to(
    haystacks: Haystacks, numbers: list[int | None]
) -> None:
    assert [haystack_number(haystacks, repeat) for repeat in range(4)] == numbers


@pytest.mark.parametrize(("haystacks", "names"), [("trial", 16), ("repeat", 4), (3, 3), (1, 1)])
def test_as_many_names_as_haystacks(haystacks: Haystacks, names: int) -> None:
    assert len({haystack_name(haystacks, trial) for trial in TRIALS}) == names


def test_trials_share_a_name_at_every_length_and_depth() -> None:
    named = {trial.repeat: set[str]() for trial in TRIALS}
    for trial in TRIALS:
        named[trial.repeat].add(haystack_name("repeat", trial))

    assert [len(names) for names in named.values()] == [1, 1, 1, 1]
