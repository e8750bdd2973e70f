"""A run's page is made of values alone; each part of it can be made by hand."""

from __future__ import annotations

from typing import Any

from recallbench.diagnosis import Diagnosis, Pattern
from recallbench.reports.page.embedded_json import embedded_json
from recallbench.reports.page.headline import Headline
from recallbench.reports.page.latency_by_length import CostCharts
from recallbench.reports.page.run_page import RunPage, run_html

FALL = Diagnosis(
    pattern=Pattern.MISSES_SHALLOW,
    what="misses stand at depth 0%",
    why="the window slides",
    next_command="recallbench run x --depths 0",
    evidence=("0%: 0/10",),
)


def page_of(**more: Any) -> str:
    parts: dict[str, Any] = {
        "title": "nightly",
        "headline": Headline(
            word="PASS", reason="all holds", rope="RoPE proved", missing=None, command=None
        ),
        "remarks": (),
        "cards": (),
        "tables": (),
        "diagnoses": {"v": ()},
        "preflight": {"v": []},
        "costs": CostCharts(latency=None, computed=None),
        "times": None,
        "facts": (("seed", "1"),),
        "notes": (),
        "data": embedded_json({}),
        "interval_head": "Wilson 95%",
        **more,
    }
    return run_html(RunPage(**parts))


def test_the_title_says_the_verdict() -> None:
    assert "<title>PASS: nightly - recallbench</title>" in page_of()


def test_a_diagnosis_stands_whole() -> None:
    page = page_of(diagnoses={"v": (FALL,)})

    for text in ("v: misses-shallow", FALL.what, FALL.why, FALL.next_command, *FALL.evidence):
        assert text in page
    assert "No pattern of misses was found" not in page
    assert "No pattern of misses was found" in page_of()


def test_findings_that_are_kept_that_are_none_and_that_are_not_kept_are_told_apart() -> None:
    finding = {
        "rule": "theta-lost",
        "severity": "error",
        "what": "no rope_theta",
        "why": "10,000 runs",
        "fix": "name it",
        "setting": None,
        "allowed": False,
    }
    page = page_of(preflight={"a": [finding], "b": [], "c": None})

    assert "<code>theta-lost</code>" in page
    assert "no rope_theta: 10,000 runs." in page
    assert "(allowed)" not in page
    assert "b: nothing was found." in page
    assert "c: this run did not keep its findings" in page


def test_what_is_not_known_of_cost_and_time_is_said() -> None:
    page = page_of()

    assert "No trial has an answer with a latency." in page
    assert "The server tells nothing of its prefix cache" in page
    assert "this run kept no times" in page
