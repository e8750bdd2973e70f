"""A run's folder gets every report, all made of the same results."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

from recallbench.artifacts.run_files import results_markdown, write_files
from recallbench.artifacts.run_results import RunResults, read_results
from recallbench.journal import RunFolder
from support.records import HIT, MISS, always, records
from support.stored_runs import stored_run


def written(folder: Path) -> tuple[RunResults, tuple[Path, ...]]:
    held = {"good": records(always(HIT)), "bad": records(always(MISS))}
    run = RunFolder(stored_run(folder, held, gate={"floor": 0.9}))
    results = read_results(run)
    return results, write_files(run, results)


def test_every_file_of_a_run_is_written_and_named(tmp_path: Path) -> None:
    _, paths = written(tmp_path / "run")

    assert [path.name for path in paths] == [
        "trials.csv",
        "summary.csv",
        "diagnosis.json",
        "junit.xml",
        "summary.md",
        "report.html",
        "heatmap-good.png",
        "heatmap-good.svg",
        "heatmap-bad.png",
        "heatmap-bad.svg",
    ]
    assert all(path.stat().st_size for path in paths)


def test_the_files_say_the_same(tmp_path: Path) -> None:
    results, paths = written(tmp_path / "run")
    by_name = {
        path.name: path.read_text(encoding="utf-8") for path in paths if path.suffix != ".png"
    }

    assert by_name["summary.md"] == results_markdown(results)
    assert by_name["summary.md"].endswith("run/report.html\n")
    assert "| bad | FAIL | unverified | 0/50 |" in by_name["summary.md"]
    assert "good,overall" in by_name["summary.csv"]
    assert "FAIL" in by_name["report.html"]
    assert [each["pattern"] for each in json.loads(by_name["diagnosis.json"])["bad"]]
    assert ET.fromstring(by_name["junit.xml"]).get("failures") == "1"  # noqa: S314 - our own


def test_made_again_they_are_the_same_to_the_byte(tmp_path: Path) -> None:
    results, paths = written(tmp_path / "run")
    before = {path: path.read_bytes() for path in paths}

    write_files(RunFolder(tmp_path / "run"), results)

    assert {path: path.read_bytes() for path in paths} == before
