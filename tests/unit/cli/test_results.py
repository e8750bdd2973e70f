"""What ``report`` shows of a stored run: JSON that a script can read, or text."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from recallbench.__main__ import run as recallbench
from support.records import HIT, MISS, always, records
from support.stored_runs import published, stored_run

MANY = range(20)


def value(text: str) -> dict[str, Any]:
    """Strictly JSON: Python alone reads NaN and Infinity."""

    def refused(constant: str) -> float:
        raise AssertionError(constant)

    told: dict[str, Any] = json.loads(text, parse_constant=refused)
    return told


def report(folder: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    capsys.readouterr()
    assert recallbench(["report", str(folder), "--format", "json"]) == 0
    return value(capsys.readouterr().out)


def test_json_has_every_variant_and_no_gate_where_the_suite_has_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    held = records(always(HIT), repeats=MANY)
    folder = stored_run(tmp_path / "run", {"bf16": held, "fp8": held[:10]}, trials=20)

    told = report(folder, capsys)

    assert told["run"] == str(folder)
    assert [each["variant"] for each in told["variants"]] == ["bf16", "fp8"]
    assert [each["overall"]["k"] for each in told["variants"]] == [100, 10]
    assert told["gate"] is None
    assert told["drawn"] is False


def test_json_has_the_verdict_where_the_suite_has_a_gate(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """``report`` itself ends with 0: it tells, and ``gate`` judges."""
    held = records(always(MISS), repeats=MANY)
    folder = stored_run(tmp_path / "run", {"v": held}, gate={"floor": 0.9}, trials=20)

    told = report(folder, capsys)

    assert told["gate"]["verdict"] == "fail"
    assert recallbench(["gate", str(folder), "--format", "json"]) == 1
    assert value(capsys.readouterr().out) == told["gate"]


def test_a_run_without_a_single_record_is_json_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = stored_run(tmp_path / "run", {"v": []}, gate={"floor": 0.9}, state="owed")

    told = report(folder, capsys)

    assert told["variants"][0]["overall"]["recall"] is None
    assert told["gate"]["verdict"] == "inconclusive"


def test_a_drawn_run_says_so_and_is_complete_where_it_was_asked_to_its_end(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    held = records(always(HIT), repeats=MANY)
    gate = {"floor": 0.9, "until": "decided"}
    folder = stored_run(tmp_path / "run", {"v": held}, gate=gate, trials=20)

    told = report(folder, capsys)

    assert told["drawn"] is told["gate"]["drawn"] is True
    assert told["variants"][0]["overall"]["owed"] == 0


def test_a_published_run_is_reported_as_it_was_recorded(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = report(published("rope-h200", tmp_path / "run"), capsys)

    native = told["variants"][0]
    assert native["variant"] == "native"
    at_8160 = next(each for each in native["lengths"] if each["length_tokens"] == 8160)
    assert (at_8160["k"], at_8160["n"]) == (40, 50)


def test_text_ends_with_the_verdict_and_the_files(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    held = records(always(HIT), repeats=MANY)
    folder = stored_run(tmp_path / "run", {"v": held}, gate={"floor": 0.9}, trials=20)

    assert recallbench(["report", str(folder)]) == 0

    lines = capsys.readouterr().out.splitlines()
    files = [line for line in lines if line.startswith(str(folder)) and Path(line).is_file()]
    assert lines[-len(files) :] == files
    assert {Path(line).name for line in files} >= {"summary.md", "junit.xml", "summary.csv"}
    assert any("v: PASS" in line for line in lines)


def test_text_without_a_gate_has_no_verdict(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = stored_run(tmp_path / "run", {"v": records(always(HIT))})

    recallbench(["report", str(folder)])

    out = capsys.readouterr().out
    assert [word for word in ("PASS", "FAIL", "INCONCLUSIVE") if word in out] == []


@pytest.mark.parametrize("command", ["report", "gate"])
@pytest.mark.parametrize("form", ["text", "json"])
def test_a_jobs_summary_gets_the_page_once(
    command: str, form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "job.md"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(page))
    held = records(always(HIT), repeats=MANY)
    folder = stored_run(tmp_path / "run", {"v": held}, gate={"floor": 0.9}, trials=20)

    recallbench([command, str(folder), "--format", form])

    text = (folder / "summary.md").read_text(encoding="utf-8")
    assert page.read_text(encoding="utf-8") == f"{text}\n"
