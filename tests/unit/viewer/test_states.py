"""A run's state changes with its files, and a browser's word for it is understood."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from recallbench.journal import RunFolder
from recallbench.viewer.states import is_known, state_of, state_of_all, tag_of


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    (tmp_path / "run.json").write_text("{}")
    (tmp_path / "trials.jsonl").write_text("{}\n")
    for name in ("run.json", "trials.jsonl"):
        os.utime(tmp_path / name, ns=(1, 1))
    return RunFolder(tmp_path)


def test_a_run_that_rests_keeps_its_state(folder: RunFolder) -> None:
    before = state_of(folder)
    (folder.path / "summary.csv").write_text("")

    assert state_of(folder) == before


@pytest.mark.parametrize("name", ["run.json", "trials.jsonl"])
def test_more_bytes_newer_ones_and_none_are_other_states(folder: RunFolder, name: str) -> None:
    path = folder.path / name
    seen = [state_of(folder)]
    os.utime(path, ns=(2, 2))
    seen.append(state_of(folder))
    path.write_text("{}\n{}\n")
    os.utime(path, ns=(2, 2))
    seen.append(state_of(folder))
    path.unlink()
    seen.append(state_of(folder))

    assert len(set(seen)) == 4


def test_a_new_run_and_a_changed_one_change_the_state_of_all(folder: RunFolder) -> None:
    seen = [state_of_all([]), state_of_all([folder])]
    folder.journal_path.unlink()
    seen += [state_of_all([folder]), state_of_all([folder, folder])]

    assert len(set(seen)) == 4


def test_a_browsers_word_is_compared_as_a_whole() -> None:
    assert tag_of("a1") == '"a1"'
    assert is_known("a1", '"a1"')
    assert is_known("a1", '"b", W/"a1"')
    assert not any(is_known("a1", header) for header in (None, "", "a1", '"a1', '"a", "1"', "*"))
