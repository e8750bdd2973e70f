"""One line a variant says where its time went; an estimate is called one."""

from __future__ import annotations

from typing import Any

import pytest

from recallbench.reports.time_text import TimePart, time_lines, time_parts

TIME: dict[str, float | None] = {
    "startup_s": 41.21,
    "waited_s": 41.21,
    "asking_s": 54.5,
    "busy_s": 53.9,
    "idle_s": 0.6,
    "prefill_s": 52.0,
    "decode_s": 1.9,
    "client_s": 2.08,
    "shutdown_s": 0.4,
}


def facts(**changed: float | None) -> dict[str, Any]:
    return {"variants": [{"name": "native", "time": {**TIME, **changed}}]}


def test_all_parts_stand_in_one_line() -> None:
    (line,) = time_lines(facts())

    assert line == (
        "native: 96.1 s: start-up 41.2, prefill about 52.0, decode about 1.9, idle 0.6, "
        "shut-down 0.4; client 2.1 s of CPU"
    )


def test_of_a_start_beside_another_variant_only_the_wait_counts_in_the_whole() -> None:
    (line,) = time_lines(facts(waited_s=3.0))

    assert line.startswith(
        "native: 57.9 s: start-up 3.0 (38.2 more beside another variant), prefill about 52.0"
    )


@pytest.mark.parametrize("unknown", ["prefill_s", "decode_s"])
def test_without_a_split_prefill_and_decode_are_one(unknown: str) -> None:
    (line,) = time_lines(facts(**{unknown: None}))

    assert "start-up 41.2, at work 53.9, idle 0.6" in line
    assert "about" not in line


@pytest.mark.parametrize(
    ("unknown", "left_out"),
    [("idle_s", "idle"), ("client_s", "client"), ("shutdown_s", "shut-down")],
)
def test_what_is_not_known_is_left_out(unknown: str, left_out: str) -> None:
    (line,) = time_lines(facts(**{unknown: None}))

    assert left_out not in line
    assert "None" not in line


def test_a_whole_with_an_unknown_part_is_not_known() -> None:
    assert time_lines(facts(asking_s=None))[0].startswith("native: ? s: start-up 41.2")


def test_variants_never_started_and_runs_of_older_versions_have_no_line() -> None:
    variants = [{"name": "one", "time": None}, {"name": "two"}, *facts()["variants"]]

    assert [line.split(":")[0] for line in time_lines({"variants": variants})] == ["native"]


def test_parts_are_those_of_the_line() -> None:
    assert time_parts({**TIME, "decode_s": None, "shutdown_s": None}) == (
        TimePart("start-up", 41.21),
        TimePart("at work", 53.9),
        TimePart("idle", 0.6),
    )
