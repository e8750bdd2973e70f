"""Trials have stable names, and the whole grid is seen before any cell is asked again."""

from __future__ import annotations

import pytest

from recallbench.domain import Grid
from recallbench.errors import SuiteError
from recallbench.suite import trials_of
from recallbench.suite.trials import ladder_digest, trials_named

GRID = Grid(lengths=(100, 200), depths=(0.0, 0.25, 1.0), trials=3)


def test_every_cell_has_its_trials_under_names_of_their_own() -> None:
    trials = trials_of(GRID, "recipe")

    assert len(trials) == 18
    assert len({trial.trial_id for trial in trials}) == 18
    cells = [(trial.length_tokens, trial.depth) for trial in trials]
    assert {cells.count(cell) for cell in cells} == {3}


def test_the_first_trial_of_all_cells_comes_before_the_second_of_any() -> None:
    assert [trial.repeat for trial in trials_of(GRID, "recipe")] == [0] * 6 + [1] * 6 + [2] * 6


def test_a_name_is_the_same_for_ever() -> None:
    assert trials_of(GRID, "recipe")[1].trial_id == "L100-D0.25-R0-a549d61b72"


def test_a_name_changes_with_the_recipe_and_not_with_the_rest_of_the_grid() -> None:
    larger = Grid(lengths=(50, 100, 200), depths=(0.0, 0.25, 0.5, 1.0), trials=4)
    names = {trial.trial_id for trial in trials_of(GRID, "recipe")}

    assert names < {trial.trial_id for trial in trials_of(larger, "recipe")}
    assert not names & {trial.trial_id for trial in trials_of(GRID, "another")}


def test_named_trials_are_those_of_the_grid_each_once_in_the_order_of_their_names() -> None:
    known = trials_of(GRID, "recipe")
    names = [known[7].trial_id, known[2].trial_id, known[7].trial_id]

    assert trials_named(names, GRID, "recipe") == (known[7], known[2])


def test_a_trial_can_be_named_whatever_the_number_of_trials_in_a_cell() -> None:
    """A gate draws far more than the grid has, and a name tells its own number."""
    drawn = trials_of(Grid(lengths=GRID.lengths, depths=GRID.depths, trials=40), "recipe")[-1]

    assert trials_named([drawn.trial_id], GRID, "recipe") == (drawn,)


def test_a_high_number_in_a_name_costs_no_more_than_a_low_one() -> None:
    with pytest.raises(SuiteError, match="this suite has none of that name"):
        trials_named(["L100-D0-R999999-0123456789"], GRID, "recipe")


@pytest.mark.parametrize("depth", [1e-05, 1e-7, 0.3333333333333333])
def test_depths_that_python_writes_oddly_have_names_that_are_read(depth: float) -> None:
    grid = Grid(lengths=(100,), depths=(depth,), trials=1)
    (trial,) = trials_of(grid, "recipe")

    assert trials_named([trial.trial_id], grid, "recipe") == (trial,)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("L100-D0.25", ["no name of a trial", "L8000-D0.5-R0-0123456789", "trials.jsonl"]),
        ("L100-D0.25-R0-a549d61b72x", ["no name of a trial"]),
        ("L100-D0.25-R0-A549D61B72", ["no name of a trial"]),
        ("L100-D0.5-R0-a549d61b72", ["this suite has none", "L100-D0-R0-", "recallbench run RUN"]),
        ("L100-D0.25-R1-a549d61b72", ["this suite has none", "another seed, prompt"]),
    ],
)
def test_a_name_of_no_trial_is_refused_with_one_that_is(name: str, words: list[str]) -> None:
    with pytest.raises(SuiteError) as caught:
        trials_named([name], GRID, "recipe")

    told = str(caught.value)
    assert told.startswith(f"trial {name}: ")
    assert [word for word in words if word not in told] == []


def test_a_name_of_another_recipe_is_refused() -> None:
    name = trials_of(GRID, "another")[0].trial_id

    with pytest.raises(SuiteError, match=f"trial {name}: this suite has none of that name"):
        trials_named([trials_of(GRID, "recipe")[0].trial_id, name], GRID, "recipe")


def test_a_ladders_digest_is_of_lengths_and_depths_and_not_of_the_number_of_trials() -> None:
    others = [
        Grid(lengths=(100, 200, 300), depths=GRID.depths, trials=3),
        Grid(lengths=GRID.lengths, depths=(0.0, 1.0), trials=3),
    ]
    digest = ladder_digest("recipe", GRID)
    more = Grid(lengths=GRID.lengths, depths=GRID.depths, trials=9)

    assert digest == ladder_digest("recipe", more)
    assert len({digest, "recipe", ladder_digest("another", GRID)}) == 3
    assert digest not in [ladder_digest("recipe", grid) for grid in others]
