"""What was asked of the RoPE stands beside what runs, and what was not read is not guessed."""

from __future__ import annotations

from typing import Any

from recallbench.reports.page.rope_lines import RopeLine, rope_lines

ASKED = {"rope_type": "yarn", "factor": 4.0}


def entry(settings: dict[str, Any], tables: tuple[dict[str, Any], ...] = ()) -> dict[str, Any]:
    return {
        "rope_parameters": ASKED,
        "max_model_len": 32_768,
        "rope_effective": {"settings": settings, "tables": list(tables)},
    }


def test_what_was_not_read_is_left_open_and_differs_from_nothing() -> None:
    lines = rope_lines(entry({}))

    assert lines == (
        RopeLine(name="rope_type", asked="yarn", runs=None),
        RopeLine(name="factor", asked="4.0", runs=None),
        RopeLine(name="max_model_len", asked="32,768", runs=None),
    )
    assert not any(line.differs for line in lines)


def test_another_value_a_value_that_nobody_asked_for_and_another_context_are_seen() -> None:
    read = {**ASKED, "factor": 2.0, "mscale": True}

    lines = {
        line.name: line for line in rope_lines(entry({"rope_parameters": read, "max_model_len": 1}))
    }

    assert lines["factor"].differs
    assert lines["max_model_len"].differs
    assert lines["mscale"] == RopeLine(name="mscale", asked=None, runs="True")
    assert not lines["rope_type"].differs


def test_an_engine_whose_rope_was_left_as_deployed_tells_what_runs() -> None:
    deployed = {**entry({"rope_parameters": ASKED}), "rope_parameters": None}

    assert [(line.asked, line.runs) for line in rope_lines(deployed)][:2] == [
        (None, "yarn"),
        (None, "4.0"),
    ]
