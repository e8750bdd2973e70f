"""The page has the pictures' colours, as classes."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest

from recallbench.reports.difference_grid import LEAST_END, SCALE_ENDS
from recallbench.reports.page.colours import DIFFERENCE_STEPS, data_colours, recall_class
from recallbench.reports.palette import contrast, difference_colour, recall_colour

RULES = {
    name: (ground, ink)
    for name, ground, ink in re.findall(
        r"^\.(\w+)\{--cell:(#\w{6});--on-cell:(#\w{6})\}$", data_colours(), flags=re.MULTILINE
    )
}

SCRIPT = (files("recallbench.reports.page") / "assets" / "differences.js").read_text("utf-8")


@pytest.mark.parametrize(
    ("recall", "name"),
    [(None, "none"), (0.0, "r0"), (0.001, "r1"), (0.874, "r87"), (0.9999, "r99"), (1.0, "r100")],
)
def test_only_all_and_nothing_have_the_ends_of_the_scale(recall: float | None, name: str) -> None:
    assert recall_class(recall) == name


def test_every_percent_has_the_colour_of_the_pictures() -> None:
    for percent in range(101):
        assert RULES[f"r{percent}"][0] == recall_colour(percent / 100)


def test_every_step_of_a_difference_has_the_colour_of_the_pictures() -> None:
    for step in range(DIFFERENCE_STEPS + 1):
        share = step / DIFFERENCE_STEPS
        assert RULES[f"loss{step}"][0] == difference_colour(-share, 1.0) or step == 0
        assert RULES[f"gain{step}"][0] == difference_colour(share, 1.0)


def test_the_script_has_the_scale_of_the_pictures_and_the_steps_of_the_stylesheet() -> None:
    values = dict(re.findall(r"^const (\w+) = (.+);$", SCRIPT, flags=re.MULTILINE))

    assert tuple(map(float, values["SCALE_ENDS"].strip("[]").split(","))) == SCALE_ENDS
    assert float(values["LEAST_END"]) == LEAST_END
    assert int(values["DIFFERENCE_STEPS"]) == DIFFERENCE_STEPS


def test_text_on_every_colour_has_the_contrast_that_wcag_asks_for() -> None:
    assert len(RULES) == 101 + 2 * (DIFFERENCE_STEPS + 1)
    assert min(contrast(*pair) for pair in RULES.values()) >= 4.5
