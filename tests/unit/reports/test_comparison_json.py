"""JSON holds the numbers themselves, null for no data, and no NaN."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from recallbench.gate.comparison import Comparison
from recallbench.reports.arms import arm_of
from recallbench.reports.comparison_json import SCHEMA, comparison_value

Make = Callable[..., Comparison]
CELLS = {
    (8000, 0.0): ("r" * 10, "r" * 9 + "m"),
    (8000, 1.0): ("rmm", "rre"),
    (9000, 0.0): ("e", "r"),
}


def value_of(comparison: Comparison, entry: dict[str, Any]) -> dict[str, Any]:
    arms = arm_of({**entry, "engine": None}, "base", None), arm_of(entry, "fp8", None)
    value = comparison_value(comparison, arms)
    assert json.loads(json.dumps(value, allow_nan=False)) == value
    return value


def test_the_keys_are_these(make_comparison: Make, run_entry: dict[str, Any]) -> None:
    value = value_of(make_comparison(CELLS), run_entry)

    assert list(value) == [
        "schema",
        "a",
        "b",
        "margin",
        "confidence",
        "verdict",
        "headline",
        "is_same",
        "layout",
        "haystacks",
        "unpaired",
        "overall",
        "lengths",
        "cells",
        "lost",
        "gained",
        "arms",
    ]
    assert value["schema"] == SCHEMA
    assert (value["a"], value["b"], value["verdict"]) == ("base", "fp8", "inconclusive")
    assert type(value["verdict"]) is str


def test_a_part_has_all_numbers(make_comparison: Make, run_entry: dict[str, Any]) -> None:
    comparison = make_comparison(CELLS)

    part = value_of(comparison, run_entry)["lengths"][0]

    held = comparison.lengths[0]
    assert held.interval is not None
    assert part == {
        "length_tokens": 8000,
        "depth": None,
        "a": {"k": 11, "n": 12, "recall": 11 / 12},
        "b": {"k": 11, "n": 12, "recall": 11 / 12},
        "lost": 1,
        "gained": 1,
        "unanswered": 1,
        "difference": 0.0,
        "interval": {"low": held.interval.low, "high": held.interval.high},
        "mcnemar_p": 1.0,
        "mcnemar_adjusted": 1.0,
        "p_inferior": held.p_inferior,
        "p_not_inferior": held.p_not_inferior,
        "p_superior": held.p_superior,
        "verdict": "inconclusive",
    }
    assert held.p_inferior not in {None, held.p_not_inferior}


def test_no_pairs_are_null(make_comparison: Make, run_entry: dict[str, Any]) -> None:
    part = value_of(make_comparison(CELLS), run_entry)["cells"][2]

    assert {key for key, value in part.items() if value is None} == {
        "difference",
        "interval",
        "mcnemar_p",
        "mcnemar_adjusted",
        "p_inferior",
        "p_not_inferior",
        "p_superior",
    }
    assert part["a"] == {"k": 0, "n": 0, "recall": None}


def test_trials_are_named(make_comparison: Make, run_entry: dict[str, Any]) -> None:
    value = value_of(make_comparison(CELLS), run_entry)

    assert (value["lost"], value["gained"]) == (["8000-0-9"], ["8000-1-1"])


@pytest.mark.parametrize(("a", "b", "unpaired"), [("rr", "r", [1, 0]), ("r", "rrr", [0, 2])])
def test_trials_of_one_alone_are_counted(
    make_comparison: Make, run_entry: dict[str, Any], a: str, b: str, unpaired: list[int]
) -> None:
    value = value_of(make_comparison({(8000, 0.5): (a, b)}), run_entry)

    assert list(value["unpaired"].values()) == unpaired


def test_arms_have_values_and_null(make_comparison: Make, run_entry: dict[str, Any]) -> None:
    arms = value_of(make_comparison(CELLS), run_entry)["arms"]

    assert arms["b"]["title"] == "fp8"
    assert arms["b"]["facts"]["startup_s"] == {"value": 61.7, "n": None}
    assert arms["a"]["facts"]["startup_s"] == {"value": None, "n": None}
