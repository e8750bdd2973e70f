"""A summary is added where a CI job wants one, and never stands in a verdict's way."""

from __future__ import annotations

from pathlib import Path

import pytest

from recallbench.cli.job_summary import VARIABLE, append_job_summary


def test_the_variable_is_the_one_github_actions_sets() -> None:
    assert VARIABLE == "GITHUB_STEP_SUMMARY"


def test_what_stands_there_is_kept_and_what_is_added_ends_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "page.md"
    monkeypatch.setenv(VARIABLE, str(page))

    append_job_summary("# one: 数")
    append_job_summary("# two")

    assert page.read_bytes() == "# one: 数\n# two\n".encode()


@pytest.mark.parametrize("value", [None, ""])
def test_without_a_file_nothing_is_written_or_said(
    value: str | None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(VARIABLE, raising=False)
    if value is not None:
        monkeypatch.setenv(VARIABLE, value)

    append_job_summary("# one")

    assert list(tmp_path.iterdir()) == []
    assert capsys.readouterr() == ("", "")


def test_a_file_that_cannot_be_written_is_told_of_on_stderr_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path))

    append_job_summary("# one")

    told = capsys.readouterr()
    assert told.out == ""
    assert f"{VARIABLE} {tmp_path}: not written: " in told.err
