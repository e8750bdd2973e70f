"""``report``: one run as ever; of several a page of their history, or nothing at all."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from recallbench.__main__ import run as recallbench
from support.histories import night
from support.records import HIT, MISS, always, records

GOOD, BAD = records(always(HIT)), records(always(MISS))


@pytest.fixture
def nights(tmp_path: Path) -> list[str]:
    """Two runs, good and then bad."""
    held = (GOOD, BAD)
    return [str(night(tmp_path / f"night-{n}", n, {"v": each})) for n, each in enumerate(held)]


def test_several_runs_get_their_reports_and_a_page_beside_them(
    tmp_path: Path, nights: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert recallbench(["report", *nights]) == 0

    out = capsys.readouterr().out
    assert str(tmp_path / "index.html") in out.splitlines()
    assert "Recall is significantly lower than in night-0" in " ".join(out.split())
    html = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert html.index('href="night-1/report.html"') < html.index('href="night-0/report.html"')
    assert all((Path(path) / "report.html").exists() for path in nights)
    assert all((Path(path) / "summary.csv").exists() for path in nights)


def test_one_run_gets_no_page_of_its_history_but_where_it_is_asked_for(
    tmp_path: Path, nights: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert recallbench(["report", nights[0]]) == 0
    assert not (tmp_path / "index.html").exists()

    out = tmp_path / "pages" / "one.html"
    assert recallbench(["report", nights[0], "--out", str(out)]) == 0

    assert "../night-0/report.html" in out.read_text(encoding="utf-8")
    assert str(out) in capsys.readouterr().out


def test_a_run_named_twice_is_one_run(
    tmp_path: Path, nights: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    again = f"{tmp_path}/night-1/../night-0"

    assert recallbench(["report", nights[0], again, "--format", "json"]) == 0

    assert json.loads(capsys.readouterr().out)["run"] == nights[0]


def test_json_of_several_runs_is_a_list_of_what_one_run_gives(
    nights: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    ones = []
    for path in nights:
        assert recallbench(["report", path, "--format", "json"]) == 0
        ones.append(json.loads(capsys.readouterr().out))

    assert recallbench(["report", *nights, "--format", "json"]) == 0

    assert json.loads(capsys.readouterr().out) == ones


def test_nothing_is_written_where_one_run_cannot_be_read(
    tmp_path: Path, nights: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "notes.txt").write_text("", encoding="utf-8")
    empty = tmp_path / "empty"
    empty.mkdir()

    assert recallbench(["report", *nights, str(empty), str(tmp_path / "notes.txt")]) == 2

    err = capsys.readouterr().err
    assert str(empty) in err
    assert "notes.txt" in err
    assert not (tmp_path / "index.html").exists()
    assert not any((Path(path) / "report.html").exists() for path in nights)


def test_the_page_of_an_earlier_history_is_no_run_and_no_error(
    tmp_path: Path, nights: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """``report results/*`` must work a second time."""
    index = str(tmp_path / "index.html")
    assert recallbench(["report", *nights]) == 0
    capsys.readouterr()

    assert recallbench(["report", index, *nights]) == 0

    assert f"{index}: is the page of an earlier history" in capsys.readouterr().err
    assert recallbench(["report", index]) == 2


@pytest.mark.parametrize("name", ["night-0/run.json", "night-0/report.html"])
def test_no_file_of_a_run_is_overwritten(tmp_path: Path, nights: list[str], name: str) -> None:
    before = (tmp_path / "night-0" / "run.json").read_bytes()

    assert recallbench(["report", *nights, "--out", str(tmp_path / name)]) == 2

    assert (tmp_path / "night-0" / "run.json").read_bytes() == before
    assert not (tmp_path / "night-0" / "report.html").exists()
