"""Runs are found three levels deep, the latest first, and never through a link."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from recallbench.viewer.run_list import holds_run, names_of, run_at, runs_under


def made(path: Path, at_s: int = 1) -> Path:
    """The files of a run, written at a time."""
    path.mkdir(parents=True)
    for name in ("run.json", "trials.jsonl"):
        (path / name).write_text("{}")
        os.utime(path / name, (at_s, at_s))
    return path


def paths(root: Path) -> list[str]:
    return [run.path.relative_to(root).as_posix() for run in runs_under(root)]


def test_runs_are_found_on_three_levels(tmp_path: Path) -> None:
    for name in ("a", "b/c", "b/d/e", "b/d/f/too-deep"):
        made(tmp_path / name)

    assert sorted(paths(tmp_path)) == ["a", "b/c", "b/d/e"]


def test_the_run_written_last_comes_first(tmp_path: Path) -> None:
    for name, at_s in (("old", 10), ("new", 30), ("middle", 20)):
        made(tmp_path / name, at_s)
    os.utime(tmp_path / "old" / "trials.jsonl", (40, 40))

    assert paths(tmp_path) == ["old", "new", "middle"]


def test_runs_of_one_time_come_by_name_backwards(tmp_path: Path) -> None:
    for name in ("s-20260101", "s-20260103", "s-20260102"):
        made(tmp_path / name)

    assert paths(tmp_path) == ["s-20260103", "s-20260102", "s-20260101"]


def test_a_run_has_no_runs_in_it(tmp_path: Path) -> None:
    made(tmp_path / "a")
    made(tmp_path / "a" / "inner")

    assert paths(tmp_path) == ["a"]


def test_a_folder_that_is_a_run_is_the_only_one(tmp_path: Path) -> None:
    made(tmp_path / "a")

    assert paths(tmp_path / "a") == ["."]
    assert names_of(tmp_path, runs_under(tmp_path)[0]) == ("a",)


def test_a_run_without_a_journal_yet_is_one(tmp_path: Path) -> None:
    (made(tmp_path / "a") / "trials.jsonl").unlink()

    assert paths(tmp_path) == ["a"]


def test_hidden_folders_are_left_out(tmp_path: Path) -> None:
    made(tmp_path / ".trash" / "a")

    assert paths(tmp_path) == []


def test_a_link_to_a_folder_is_not_followed(tmp_path: Path) -> None:
    made(tmp_path / "outside")
    root = tmp_path / "root"
    root.mkdir()
    (root / "link").symlink_to(tmp_path / "outside")
    (root / "up").symlink_to(tmp_path)

    assert paths(root) == []
    assert run_at(root, ("link",)) is None
    assert run_at(root, ("up", "outside")) is None


@pytest.mark.parametrize("name", ["run.json", "trials.jsonl"])
def test_a_run_whose_files_are_links_is_none(tmp_path: Path, name: str) -> None:
    path = made(tmp_path / "a")
    (path / name).rename(tmp_path / name)
    (path / name).symlink_to(tmp_path / name)

    assert not holds_run(path)
    assert run_at(tmp_path, ("a",)) is None


def test_a_run_is_found_by_its_names(tmp_path: Path) -> None:
    path = made(tmp_path / "a" / "b")

    found = run_at(tmp_path, ("a", "b"))
    assert found is not None
    assert found.path == path
    assert run_at(tmp_path, ("a",)) is None
    assert run_at(tmp_path, ("a", "c")) is None
    assert run_at(path, ()) is not None


def test_a_run_that_is_not_listed_is_not_found(tmp_path: Path) -> None:
    made(tmp_path / "a" / "b" / "c" / "d")

    assert run_at(tmp_path, ("a", "b", "c", "d")) is None
