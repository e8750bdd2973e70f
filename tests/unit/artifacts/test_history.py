"""A history is counted from the runs' own files; one that cannot be read hides no other."""

from __future__ import annotations

from pathlib import Path

import pytest

from recallbench.artifacts.history import history_run
from recallbench.journal import RunFolder
from recallbench.reports.page.history_page import history_page, history_page_html
from support.histories import FIRST, change_facts, night
from support.records import HIT, MISS, always, records
from support.stored_runs import published

GOOD, BAD = records(always(HIT)), records(always(MISS))


def history_html(*folders: Path) -> str:
    """The page of some runs, each linked by its name."""
    runs = [(history_run(RunFolder(folder)), f"/{folder.name}") for folder in folders]
    return history_page_html(history_page(runs))


def test_a_run_is_kept_with_its_time_and_the_counts_of_each_variant(tmp_path: Path) -> None:
    folder = night(tmp_path / "run", 0, {"bf16": GOOD, "fp8": BAD})

    run = history_run(RunFolder(folder))

    assert run.path == str(folder)
    assert run.created == FIRST
    assert [(e.suite, e.variant, e.word) for e in run.entries] == [
        ("stored", "bf16", "NO GATE"),
        ("stored", "fp8", "NO GATE"),
    ]
    assert [len(entry.records) for entry in run.entries] == [50, 50]
    assert {entry.version for entry in run.entries} == {"0.32.0"}


def test_a_variant_has_its_own_verdict(tmp_path: Path) -> None:
    variants = {"bf16": GOOD, "fp8": BAD}
    folder = night(tmp_path / "run", 0, variants, gate={"floor": 0.9})

    assert [entry.word for entry in history_run(RunFolder(folder)).entries] == ["PASS", "FAIL"]


def test_a_variant_with_owed_trials_is_incomplete(tmp_path: Path) -> None:
    folder = night(tmp_path / "run", 0, {"v": GOOD}, gate={"floor": 0.5}, trials=11)

    (entry,) = history_run(RunFolder(folder)).entries

    assert entry.word == "INCOMPLETE"
    assert entry.missing


def test_a_drawn_run_is_known_to_be_one(tmp_path: Path) -> None:
    (entry,) = history_run(RunFolder(published("gate-h200/native", tmp_path / "run"))).entries

    assert entry.is_drawn
    assert entry.settings["vLLM"] == "0.26.0"
    assert entry.recipe["seed"] == "1"


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"schema": 1}', '{"schema": 1, "variants": [5]}', '{"schema": 99}']
)
def test_what_is_no_run_has_its_reason(tmp_path: Path, text: str) -> None:
    (tmp_path / "run.json").write_text(text, encoding="utf-8")

    run = history_run(RunFolder(tmp_path))

    assert run.entries == ()
    assert run.error
    assert str(tmp_path) in run.error


def test_a_page_has_good_runs_and_bad_ones(tmp_path: Path) -> None:
    good = night(tmp_path / "good", 0, {"v": GOOD})

    html = history_html(good, tmp_path / "gone")

    assert 'href="/good"' in html
    assert "50/50" in html
    assert "no run here" in html


def test_a_change_of_the_server_is_told_with_its_night(tmp_path: Path) -> None:
    first = night(tmp_path / "a", 0, {"v": GOOD})
    second = night(tmp_path / "b", 1, {"v": GOOD}, engine={"version": "0.33.0"})
    change_facts(second, recallbench="9.9")

    html = history_html(first, second)

    assert "2026-11-21, <bdi>b</bdi>: vLLM 0.32.0 -&gt; 0.33.0." in html
