"""Every named run stands on the page of a history, and whatever it is called stays text."""

from __future__ import annotations

import re
from dataclasses import replace

from recallbench.reports.page.history_page import history_page, history_page_html, run_names
from recallbench.reports.page.history_run import HistoryRun
from support.histories import entry_of, run_of
from support.records import HIT, MISS, always, records

GOOD, BAD = entry_of(records(always(HIT))), entry_of(records(always(MISS)), word="FAIL")
UNREAD = HistoryRun(path="results/gone", created=None, entries=(), error="no run here")
HOSTILE = "\"'><script>document.title = 'taken'</script>\x00\u202e"


def linked(*runs: HistoryRun) -> list[tuple[HistoryRun, str]]:
    return [(run, f"{run.path}/report.html") for run in runs]


def test_runs_are_sorted_by_their_time_whatever_their_order() -> None:
    runs = run_of(1, BAD, path="a"), run_of(0, GOOD, path="b"), run_of(2, GOOD, path="c")

    page = history_page(linked(*runs))

    assert [row.name for row in page.series[0].rows] == ["c", "a", "b"]
    assert page.title == "Recall over 3 runs"


def test_a_run_without_a_time_comes_before_those_with_one() -> None:
    undated = replace(run_of(5, GOOD, path="old"), created=None)

    page = history_page(linked(run_of(0, BAD), undated))

    assert [(row.name, row.time) for row in page.series[0].rows] == [
        ("night-0", "2026-11-20"),
        ("old", "no date"),
    ]


def test_suites_variants_and_layouts_are_series_of_their_own() -> None:
    others = [
        replace(GOOD, suite="weekly"),
        replace(GOOD, variant="fp8"),
        entry_of(records(always(HIT)), layout="ladder"),
    ]

    page = history_page(linked(run_of(0, GOOD, *others)))

    assert [series.title for series in page.series] == [
        "nightly: v", "weekly: v", "nightly: fp8", "nightly: v (ladder)",
    ]  # fmt: skip


def test_the_series_of_the_newest_run_stands_first() -> None:
    page = history_page(linked(run_of(1, replace(GOOD, variant="new")), run_of(0, GOOD)))

    assert [series.title for series in page.series] == ["nightly: new", "nightly: v"]


def test_a_run_that_cannot_be_read_is_listed_with_its_reason() -> None:
    page = history_page(linked(run_of(0, GOOD), UNREAD))

    assert [(run.name, run.error) for run in page.unread] == [("gone", "no run here")]
    assert "no run here" in history_page_html(page)


def test_a_page_of_unread_runs_alone_is_a_page() -> None:
    html = history_page_html(history_page(linked(UNREAD)))

    assert "No run with numbers." in html


def test_runs_of_one_name_are_told_apart_by_their_paths() -> None:
    assert run_names(["a/night", "b/night", "a/other"]) == ("a/night", "b/night", "other")
    assert run_names(["."]) == (".",)


def test_hostile_names_stay_text() -> None:
    entry = replace(
        GOOD, suite=HOSTILE, variant=HOSTILE, word="FAIL", reason=HOSTILE, version=HOSTILE,
        settings={HOSTILE: "1"},
    )  # fmt: skip
    other = replace(entry, settings={HOSTILE: HOSTILE})
    unread = replace(UNREAD, path=HOSTILE, error=HOSTILE)

    html = history_page_html(
        history_page(linked(run_of(0, entry, path=HOSTILE), run_of(1, other), unread))
    )

    assert "<script>document.title" not in html
    assert "&lt;script&gt;document.title" in html
    assert "\x00" not in html
    assert "\u202e" not in html


def test_the_page_runs_nothing_and_loads_nothing_but_its_own() -> None:
    html = history_page_html(history_page(linked(run_of(0, GOOD), run_of(1, BAD))))

    assert "default-src &#39;none&#39;" in html
    assert "connect-src" not in html
    assert not re.search(r"<[^>]+\sstyle=", html)
    assert not re.search(r"<[^>]+\son\w+=", html)
    assert not re.search(r'(?:src|href)="(?:https?:)?//', html)


def test_a_live_page_may_ask_its_own_server() -> None:
    page = history_page(linked(run_of(0, GOOD)))

    assert "connect-src &#39;self&#39;" in history_page_html(page, is_live=True)


def test_equal_runs_give_equal_bytes() -> None:
    runs = linked(run_of(0, GOOD), run_of(1, BAD))

    assert history_page_html(history_page(runs)) == history_page_html(history_page(runs[::-1]))
