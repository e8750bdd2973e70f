"""What ``report`` shows of a stored run: JSON that a script can read, or text."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from recallbench.__main__ import run as recallbench
from recallbench.domain import TrialRecord
from recallbench.journal import RunFolder
from support.records import HIT, MISS, always, record, records
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


def cached(repeat: int, cached_tokens: int) -> TrialRecord:
    return replace(
        record(repeat=repeat),
        prompt_tokens=1000,
        cached_tokens=cached_tokens,
        expected_cached_tokens=800 if repeat else 0,
        attempts=1,
    )


def with_facts(folder: Path, **facts: Any) -> Path:
    run = RunFolder(folder)
    run.write_facts({**run.read_facts(), **facts})
    return folder


def test_the_prefix_cache_is_told_in_text_page_and_json(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    held = [cached(number, 0) for number in range(5)]
    folder = stored_run(tmp_path / "run", {"v": held}, trials=1)

    cache = report(folder, capsys)["variants"][0]["prefix_cache"]
    assert (cache["finding"], cache["expected_tokens"], cache["reported_tokens"]) == (
        "off",
        3200,
        0,
    )
    recallbench(["report", str(folder)])
    shown = " ".join(capsys.readouterr().out.split())
    page = (folder / "summary.md").read_text(encoding="utf-8")
    for text in (shown, page):
        assert "prefix cache: shared; 64% of 5,000 prompt tokens expected, none reported" in text
        assert "--enable-prefix-caching" in text


def test_a_block_is_the_engines_and_cold_is_the_suites(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = stored_run(tmp_path / "run", {"v": [cached(0, 0), cached(1, 700)]}, trials=1)
    facts = RunFolder(folder).read_facts()
    entry = facts["variants"][0]
    blocks = [{**entry, "engine": {**entry["engine"], "block_size": 128, "kv_cache_tokens": 4096}}]

    def finding() -> str:
        told: str = report(folder, capsys)["variants"][0]["prefix_cache"]["finding"]
        return told

    assert finding() == "short"
    with_facts(folder, variants=blocks)
    assert finding() == "fine"
    engine = {**facts["suite"]["engine"], "cache": "cold"}
    with_facts(folder, suite={**facts["suite"], "engine": engine})
    assert finding() == "not cold"


def test_a_runs_layout_and_haystacks_are_its_reports(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = stored_run(tmp_path / "run", {"v": records(always(HIT), repeats=MANY)}, trials=20)
    with_facts(folder, prompts={"layout": "ladder", "haystacks": "repeat"})

    (variant,) = report(folder, capsys)["variants"]

    assert (variant["layout"], variant["overall"]["haystacks"]) == ("ladder", 20)
    assert "ladder" in (folder / "summary.csv").read_text(encoding="utf-8")


def test_where_the_time_went_is_told_in_text_and_page(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = stored_run(tmp_path / "run", {"v": records(always(HIT)), "w": []}, trials=1)
    assert recallbench(["report", str(folder)]) == 0
    assert "start-up" not in capsys.readouterr().out + (folder / "summary.md").read_text()
    kept = RunFolder(folder)
    facts = kept.read_facts()
    facts["variants"][0]["time"] = {
        "startup_s": 5.0,
        "waited_s": 5.0,
        "asking_s": 3.0,
        "busy_s": 2.5,
        "idle_s": 0.5,
        "prefill_s": 2.0,
        "decode_s": 0.5,
        "client_s": 0.1,
        "shutdown_s": 1.0,
    }
    kept.write_facts({key: value for key, value in facts.items() if key != "schema"})

    assert recallbench(["report", str(folder)]) == 0

    line = "v: 9.0 s: start-up 5.0, prefill about 2.0, decode about 0.5, idle 0.5, shut-down 1.0"
    assert line in " ".join(capsys.readouterr().out.split())
    assert f"- {line}" in (folder / "summary.md").read_text()
