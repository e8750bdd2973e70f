"""The page of a history stands beside its runs, leads to their pages, and overwrites nobody's."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recallbench.artifacts.history import history_run
from recallbench.artifacts.history_file import (
    check_out,
    index_path,
    is_own_page,
    relative_link,
    write_history,
)
from recallbench.errors import SuiteError
from recallbench.journal import RunFolder
from support.histories import night
from support.records import HIT, always, records

NAMES = st.text(st.characters(exclude_characters="/\x00", codec="utf-8"), min_size=1).filter(
    lambda name: name not in {".", ".."}
)


def folders(*paths: Path) -> list[RunFolder]:
    return [RunFolder(path) for path in paths]


def test_the_page_stands_in_the_nearest_folder_that_holds_all_runs(tmp_path: Path) -> None:
    near = folders(tmp_path / "a", tmp_path / "b")
    far = folders(tmp_path / "x" / "a", tmp_path / "y" / "z" / "b")

    assert index_path(near) == tmp_path / "index.html"
    assert index_path(far) == tmp_path / "index.html"
    assert index_path(near[:1]) == tmp_path / "index.html"


def test_a_run_within_a_run_does_not_get_the_page_into_a_run(tmp_path: Path) -> None:
    assert index_path(folders(tmp_path / "a", tmp_path / "a" / "b")) == tmp_path / "index.html"


def test_a_page_of_somebody_else_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("<title>mine</title>", encoding="utf-8")

    with pytest.raises(SuiteError, match="not made by recallbench"):
        index_path(folders(tmp_path / "a"))


def test_the_root_of_all_files_gets_no_page() -> None:
    with pytest.raises(SuiteError, match="--out FILE"):
        index_path(folders(Path("/no-such-run"), Path("/neither")))


def test_an_earlier_page_is_known_and_written_again(tmp_path: Path) -> None:
    folder = RunFolder(night(tmp_path / "a", 0, {"v": records(always(HIT))}))
    path = index_path([folder])

    page = write_history(path, [(folder, history_run(folder))])

    assert page.title == "Recall over 1 run"
    assert is_own_page(path)
    assert index_path([folder]) == path
    assert not is_own_page(folder.facts_path)


@pytest.mark.parametrize("name", ["run.json", "trials.jsonl", "history", "history.csv"])
def test_a_history_is_written_over_nothing_that_is_no_page(tmp_path: Path, name: str) -> None:
    with pytest.raises(SuiteError, match=r"ends with \.html"):
        check_out(tmp_path / name, folders(tmp_path))


def test_a_history_is_not_written_over_the_page_of_a_run(tmp_path: Path) -> None:
    with pytest.raises(SuiteError, match="page of one of these runs"):
        check_out(tmp_path / "report.html", folders(tmp_path))


def test_a_page_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")

    with pytest.raises(SuiteError, match="cannot be written"):
        write_history(tmp_path / "file" / "index.html", [])


@given(NAMES)
def test_a_link_leads_to_the_file_whatever_its_folder_is_called(name: str) -> None:
    link = relative_link(Path("/r") / name / "report.html", Path("/r/index.html"))

    parts = urlsplit(link)
    assert (parts.scheme, parts.netloc, parts.query, parts.fragment) == ("", "", "", "")
    assert unquote(parts.path) == f"{name}/report.html"


def test_a_link_leads_up_where_the_page_stands_elsewhere() -> None:
    link = relative_link(Path("/r/a/report.html"), Path("/r/pages/index.html"))

    assert link == "../a/report.html"
