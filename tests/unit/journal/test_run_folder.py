"""``run.json`` is replaced whole, and a used folder is not used twice."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from recallbench.errors import RunFolderError
from recallbench.journal import RunFolder


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    made = RunFolder(tmp_path / "runs" / "first")
    made.create()
    made.write_facts({"suite": "s"})
    return made


def test_facts_come_back_with_their_format(folder: RunFolder) -> None:
    assert folder.read_facts() == {"schema": 1, "suite": "s"}


def test_facts_are_replaced_in_one_step_and_leave_nothing_beside(folder: RunFolder) -> None:
    with folder.facts_path.open(encoding="utf-8") as reader:
        folder.write_facts({"suite": "another"})

        assert json.load(reader) == {"schema": 1, "suite": "s"}
    assert folder.read_facts()["suite"] == "another"
    assert [path.name for path in folder.path.iterdir()] == ["run.json"]


def test_a_used_folder_is_refused_with_the_three_ways_out(folder: RunFolder) -> None:
    with pytest.raises(RunFolderError, match=r"--resume .*--out DIR.*remove it"):
        folder.create()


def test_an_empty_folder_may_be_used(tmp_path: Path) -> None:
    RunFolder(tmp_path).create()


def test_a_folder_that_cannot_be_made_is_told_of(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")

    with pytest.raises(RunFolderError, match="cannot be made"):
        RunFolder(tmp_path / "file" / "run").create()


def test_facts_that_are_no_utf8_are_told_of(folder: RunFolder) -> None:
    folder.facts_path.write_bytes(b'{"schema": 1, "suite": "\xff"}')

    with pytest.raises(RunFolderError, match=r"run\.json: damaged"):
        folder.read_facts()


def test_a_folder_without_facts_is_no_run(tmp_path: Path) -> None:
    with pytest.raises(RunFolderError, match=r"no run here: run\.json cannot be read"):
        RunFolder(tmp_path).read_facts()


@pytest.mark.parametrize(
    ("content", "words"),
    [("{", "damaged"), ("[]", "not in format 1"), ('{"schema": 2}', "not in format 1")],
)
def test_facts_that_cannot_be_read_are_told_of(folder: RunFolder, content: str, words: str) -> None:
    folder.facts_path.write_text(content, encoding="utf-8")

    with pytest.raises(RunFolderError, match=words):
        folder.read_facts()


def test_a_run_from_before_there_were_proofs_is_unverified_with_a_reason(
    folder: RunFolder,
) -> None:
    now = {"status": "proved", "reasons": ["why"], "tables": [{"sha256": "a"}]}
    folder.write_facts(
        {
            "variants": [
                {"name": "old", "rope_effective": "unverified"},
                {"name": "new", "rope_effective": now},
                {"name": "oldest"},
            ]
        }
    )

    old, new, oldest = folder.read_facts()["variants"]

    assert old["rope_effective"] == {
        "status": "unverified",
        "reasons": ["its RoPE was not read when this run was made"],
        "tables": [],
        "against_asked": [],
        "settings": {},
    }
    assert new["rope_effective"] == now
    assert oldest == {"name": "oldest"}


@pytest.mark.parametrize(
    ("variant", "name"),
    [("yarn4", "heatmap-yarn4.png"), ("a/b c", "heatmap-a_b_c.png"), ("..", "heatmap-...png")],
)
def test_a_variants_name_stays_inside_the_folder(
    folder: RunFolder, variant: str, name: str
) -> None:
    assert folder.heatmap_path(variant) == folder.path / name
    assert folder.heatmap_svg_path(variant) == folder.path / f"{name.removesuffix('png')}svg"
