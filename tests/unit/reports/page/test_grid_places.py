"""A trial's length and depth are found in the page's tables, or the trial is named."""

from __future__ import annotations

import pytest

from recallbench.reports.page.grid_places import GridPlaces
from support.records import record


def test_a_trial_stands_where_the_tables_have_its_length_and_depth() -> None:
    places = GridPlaces((500, 1000), (0.0, 0.5, 1.0))

    assert places.of(record(1000, 0.5)) == (1, 1)
    assert places.of(record(500, 1.0)) == (0, 2)


@pytest.mark.parametrize("trial", [record(2000, 0.5), record(500, 0.25)])
def test_a_trial_outside_the_grid_is_refused_by_name(trial: object) -> None:
    places = GridPlaces((500, 1000), (0.0, 0.5, 1.0))

    with pytest.raises(ValueError, match=r"^trial L(2000|500)-.*of \[500, 1000\] and depth of"):
        places.of(trial)  # type: ignore[arg-type]
