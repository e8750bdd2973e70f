"""``gate`` on stored runs: the verdict, its exit code, and what CI systems are given."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from recallbench.__main__ import run as recallbench
from recallbench.domain import Outcome
from support.records import HIT, MISS, always, records
from support.stored_runs import published, stored_run

MANY = range(20)


def healthy(tmp_path: Path, gate: dict[str, object] | None = None) -> Path:
    held = records(always(HIT), repeats=MANY)
    return stored_run(tmp_path / "run", {"v": held}, gate=gate, trials=20)


@pytest.mark.parametrize(
    ("outcome", "number", "expected"),
    [(HIT, 20, (0, "PASS")), (MISS, 20, (1, "FAIL")), (HIT, 2, (4, "INCONCLUSIVE"))],
)
def test_pass_fail_and_inconclusive_have_their_exit_codes(
    outcome: Outcome,
    number: int,
    expected: tuple[int, str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    held = records(always(outcome), repeats=range(number))
    folder = stored_run(tmp_path / "run", {"v": held}, gate={"floor": 0.95}, trials=number)

    assert recallbench(["gate", str(folder)]) == expected[0]
    assert f"v: {expected[1]}" in capsys.readouterr().out


@pytest.mark.parametrize(("taken_for", "code"), [("pass", 0), ("fail", 1), ("inconclusive", 4)])
def test_what_inconclusive_counts_as_is_the_users_to_say(
    taken_for: str, code: int, tmp_path: Path
) -> None:
    held = records(always(HIT), repeats=range(2))
    folder = stored_run(tmp_path / "run", {"v": held}, gate={"floor": 0.95}, trials=2)

    assert recallbench(["gate", str(folder), "--inconclusive", taken_for]) == code


def test_missing_trials_are_incomplete_before_they_are_undecided_and_a_fail_is_a_fail(
    tmp_path: Path,
) -> None:
    few = stored_run(tmp_path / "few", {"v": records(always(HIT))}, gate={"floor": 0.9}, trials=20)
    bad = stored_run(tmp_path / "bad", {"v": records(always(MISS))}, gate={"floor": 0.9}, trials=20)

    assert recallbench(["gate", str(few)]) == 3
    assert recallbench(["gate", str(bad)]) == 1


def test_errors_leave_it_incomplete_unless_so_many_are_allowed(tmp_path: Path) -> None:
    held = records(
        lambda _length, depth, repeat: Outcome.ERRORED if (depth, repeat) == (0.5, 3) else HIT,
        repeats=MANY,
    )
    folder = stored_run(tmp_path / "run", {"v": held}, gate={"floor": 0.95}, trials=20)

    assert recallbench(["gate", str(folder)]) == 3
    assert recallbench(["gate", str(folder), "--errors", "1"]) == 0
    assert recallbench(["gate", str(folder), "--errors", "0"]) == 1


def test_a_fail_is_told_with_its_cells_and_how_to_ask_its_trials_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = published("rope-h200", tmp_path / "run")

    code = recallbench(["gate", str(folder), "--floor", "8160=0.95"])

    out = capsys.readouterr().out
    assert code == 1
    assert "native: FAIL" in out
    assert "8,160  40/50" in out
    assert f"recallbench run {folder} --variant native --trial L8160-D0-R0-fe53ac7b53" in out
    assert "no floor at 16,000, 32,000 tokens" in " ".join(out.split())


def test_json_holds_the_verdict_and_nothing_else_is_on_stdout(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert recallbench(["gate", str(healthy(tmp_path, {"floor": 0.95})), "--format", "json"]) == 0

    told = json.loads(capsys.readouterr().out)
    assert told["verdict"] == "pass"
    (variant,) = told["variants"]
    assert variant["judgements"][0]["k"] == variant["judgements"][0]["n"] == 100


def test_junit_and_the_summary_are_written_into_the_folder(tmp_path: Path) -> None:
    folder = stored_run(
        tmp_path / "run", {"v": records(always(MISS), repeats=MANY)}, gate={"floor": 0.9}, trials=20
    )
    recallbench(["gate", str(folder)])

    suites = ET.parse(folder / "junit.xml").getroot()  # noqa: S314 - our own file
    assert suites.get("failures") == "1"
    assert "**FAIL**" in (folder / "summary.md").read_text(encoding="utf-8")


def test_the_summary_is_added_to_a_github_jobs_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "job.md"
    page.write_text("before\n", encoding="utf-8")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(page))

    recallbench(["gate", str(healthy(tmp_path, {"floor": 0.95}))])

    text = page.read_text(encoding="utf-8")
    assert text.startswith("before\n")
    assert text.count("**PASS**") == 1


def test_a_job_summary_that_cannot_be_written_changes_no_verdict(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "none" / "job.md"))

    assert recallbench(["gate", str(healthy(tmp_path, {"floor": 0.95}))]) == 0
    assert "GITHUB_STEP_SUMMARY" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ([], ["no gate", "--floor", "--rules gate"]),
        (["--floor", "much"], ["--floor", "'much'", "0.95"]),
        (["--floor", "32x=0.9"], ["--floor", "32x"]),
        (["--floor", "1.5"], ["gate.floor", "1.5"]),
        (["--floor", "0.05"], ["tolerance"]),
        (["--max-drop", "0.1"], ["--max-drop", "--baseline"]),
        (["--baseline", "nowhere"], ["nowhere", "run.json"]),
        (["--baseline", ":other"], ["other", "v"]),
        (["--rules", "smoke"], ["smoke", "no gate"]),
        (["--effective-length", "far"], ["--effective-length", "far"]),
    ],
)
def test_what_is_wrong_is_told_with_what_is_allowed(
    options: list[str], words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert recallbench(["gate", str(healthy(tmp_path)), *options]) == 2

    told = capsys.readouterr().err
    assert [word for word in words if word not in told] == []


def test_the_rules_of_another_suite_can_be_taken(tmp_path: Path) -> None:
    assert recallbench(["gate", str(healthy(tmp_path)), "--rules", "gate"]) == 0


def test_a_stored_baseline_is_a_folder_of_two_files(tmp_path: Path) -> None:
    bf16 = stored_run(tmp_path / "bf16", {"bf16": records(always(HIT), repeats=MANY)}, trials=20)
    worse = stored_run(
        tmp_path / "fp8",
        {"fp8": records(lambda _length, depth, _: MISS if depth > 0.6 else HIT, repeats=MANY)},
        trials=20,
    )
    assert sorted(path.name for path in bf16.iterdir()) == ["run.json", "trials.jsonl"]

    assert recallbench(["gate", str(worse), "--baseline", str(bf16)]) == 1
    assert recallbench(["gate", str(bf16), "--baseline", str(bf16)]) == 0
    assert recallbench(["gate", str(worse), "--baseline", str(bf16), "--max-drop", "0.6"]) == 0


def test_a_variant_of_the_same_run_can_be_the_baseline(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    held = records(always(HIT), repeats=MANY)
    folder = stored_run(tmp_path / "run", {"bf16": held, "fp8": held}, trials=20)

    assert recallbench(["gate", str(folder), "--baseline", ":bf16"]) == 0
    out = capsys.readouterr().out
    assert "fp8: PASS" in out
    assert "it is the baseline itself" in " ".join(out.split())


def test_a_baseline_whose_trials_were_drawn_makes_the_comparison_sequential(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """65 pairs without a loss rule out a drop of .05 at one look, and not at one a round."""
    held = records(always(HIT), repeats=range(13))
    fixed = stored_run(tmp_path / "fixed", {"bf16": held}, trials=13)
    drawn = stored_run(
        tmp_path / "drawn", {"bf16": held}, gate={"floor": 0.9, "until": "decided"}, trials=13
    )
    fp8 = stored_run(tmp_path / "fp8", {"fp8": held}, trials=13)

    assert recallbench(["gate", str(fp8), "--baseline", str(fixed)]) == 0
    assert recallbench(["gate", str(fp8), "--baseline", str(drawn)]) == 4
    assert "way to a pass" in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize(("state", "code"), [("started", 3), ("asked", 4)])
def test_a_drawing_that_was_stopped_is_incomplete_and_one_at_its_end_undecided(
    state: str, code: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    held = records(always(HIT), repeats=range(3))
    gate = {"floor": 0.95, "until": "decided"}
    folder = stored_run(tmp_path / "run", {"v": held}, gate=gate, trials=1, state=state)

    assert recallbench(["gate", str(folder)]) == code
    assert ("--resume" in capsys.readouterr().out) == (code == 3)


def test_a_drawing_that_was_stopped_after_its_verdict_has_one(tmp_path: Path) -> None:
    held = records(always(HIT), repeats=range(10))
    gate = {"floor": 0.95, "until": "decided"}
    folder = stored_run(tmp_path / "run", {"v": held}, gate=gate, trials=1, state="started")

    assert recallbench(["gate", str(folder)]) == 0
