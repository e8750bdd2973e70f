"""A path means the index, a run's page, a harmless file of a run, or nothing."""

from __future__ import annotations

from urllib.parse import unquote_to_bytes, urljoin

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recallbench.viewer.addresses import (
    KINDS,
    Index,
    RunFile,
    RunPage,
    address_of,
    link_back,
    link_to,
)

NAMES = st.text(
    st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1
).filter(lambda name: not name.startswith("."))


def test_nothing_behind_the_token_is_the_index() -> None:
    assert address_of("") == Index()


@pytest.mark.parametrize(
    ("path", "address"),
    [
        ("a/", RunPage(run=("a",))),
        ("a/b/c/", RunPage(run=("a", "b", "c"))),
        ("a%20b/", RunPage(run=("a b",))),
        ("a/summary.csv", RunFile(run=("a",), file="summary.csv")),
        ("heatmap-x%25.svg", RunFile(run=(), file="heatmap-x%.svg")),
    ],
)
def test_a_slash_at_the_end_is_a_run_and_a_known_ending_a_file(
    path: str, address: RunPage | RunFile
) -> None:
    assert address_of(path) == address


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "//",
        "a//",
        "../",
        "a/../b/",
        "%2e%2e/",
        "%2E./x.csv",
        "a/%2e%2e%2fb/",
        "a%2fb/",
        "a/..%2f..%2fx.csv",
        "a/%00x.csv",
        "a/.hidden.csv",
        ".git/",
        "a",
        "a/server-native.log",
        "a/report.html",
        "a/report.HTML",
        "a/notes.txt",
        "a/.csv",
    ],
)
def test_all_else_means_nothing(path: str) -> None:
    assert address_of(path) is None


def test_an_escape_is_decoded_once() -> None:
    assert address_of("%252e%252e/") == RunPage(run=("%2e%2e",))


@given(st.text(st.sampled_from("a.%2efF/\\:~\0 ")))
def test_no_address_leads_upwards(path: str) -> None:
    found = address_of(path)
    names = [] if found is None or isinstance(found, Index) else list(found.run)
    if isinstance(found, RunFile):
        names.append(found.file)

    assert [name for name in names if name in {"", ".", ".."} or "/" in name or "\0" in name] == []


@given(st.lists(NAMES, min_size=1, max_size=3))
def test_a_link_leads_to_its_run(run: list[str]) -> None:
    link = link_to(run)

    assert link.isascii()
    assert address_of(link.removeprefix("./")) == RunPage(run=tuple(run))


@given(st.lists(NAMES, min_size=1, max_size=3))
def test_the_way_back_from_a_run_leads_to_the_index(run: list[str]) -> None:
    page = urljoin("http://h/token/", link_to(run))

    assert urljoin(page, link_back(run)) == "http://h/token/"


def test_a_name_that_is_no_unicode_has_a_link() -> None:
    (name,) = (b"r\xff".decode("utf-8", "surrogateescape"),)

    assert unquote_to_bytes(link_to([name])) == b"./r\xff/"
    assert address_of("r%FF/") == RunPage(run=(name,))


def test_no_kind_of_file_is_taken_for_a_program() -> None:
    assert {".html", ".htm", ".js", ".log", ".xhtml", ""} & set(KINDS) == set()
    assert not any("html" in kind or "javascript" in kind for kind in KINDS.values())
