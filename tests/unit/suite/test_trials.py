"""Trials have stable names, and the whole grid is seen before any cell is asked again."""

from __future__ import annotations

from recallbench.domain import Grid
from recallbench.suite import trials_of

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
