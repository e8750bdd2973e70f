"""The page of a history in a real browser: from disk, followed to its runs, on any screen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from recallbench.artifacts.history import history_run
from recallbench.artifacts.history_file import write_history
from recallbench.domain import Outcome
from recallbench.journal import RunFolder
from support.browser import Violation
from support.histories import change_facts, night
from support.pages import HOSTILE, hostile_run, written_page
from support.records import HIT, MISS, always, records

LENGTHS = (8000, 16_000, 32_000, 64_000, 131_072)
GOOD = records(always(HIT), lengths=LENGTHS)
BAD = records(lambda length, _depth, _repeat: MISS if length > 16_000 else HIT, lengths=LENGTHS)
NAME = HOSTILE["attribute"]
SCREENS = [(1280, "light"), (1280, "dark"), (390, "light"), (390, "dark")]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Good nights, an incomplete and a bad one, a hostile run, and one that is gone."""
    here = tmp_path_factory.mktemp("nights")
    held = [GOOD, GOOD, (*GOOD[:40], replace(GOOD[40], outcome=Outcome.ERRORED)), GOOD, BAD]
    folders = [
        night(here / f"night-{number}", number, {"v": each}, lengths=LENGTHS, gate={"floor": 0.8})
        for number, each in enumerate(held)
    ]
    change_facts(folders[-1], engine={"version": "0.33.0"})
    folders.append(hostile_run(here / "hostile #1%", [NAME]))
    for folder in folders:
        written_page(folder, folder / "report.html")
    runs = [RunFolder(folder) for folder in (*folders, here / "gone")]
    write_history(here / "index.html", [(folder, history_run(folder)) for folder in runs])
    return here / "index.html"


def widths(page: Page) -> tuple[int, int]:
    wide, inner = page.evaluate("[document.scrollingElement.scrollWidth, innerWidth]")
    return wide, inner


def test_it_opens_from_disk_with_the_latest_verdict_and_every_run(page: Page, index: Path) -> None:
    page.goto(index.as_uri())

    assert page.inner_text("h1") == "Recall over 7 runs"
    latest = page.inner_text(".latest li >> nth=0")
    assert "FAIL" in latest
    assert "significantly lower than in night-3 at 32,000, 64,000, 131,072 tokens" in latest
    names = page.locator("#series-0 .runs tbody th a").all_inner_texts()
    assert names == [f"night-{number}" for number in (4, 3, 2, 1, 0)]
    expect(page.locator("#unread")).to_contain_text("gone")
    expect(page.locator(".history-changes")).to_contain_text("vLLM 0.32.0 -> 0.33.0")


def test_a_run_leads_to_its_page_and_a_cell_to_its_trials(page: Page, index: Path) -> None:
    page.goto(index.as_uri())
    page.click("#series-0 .runs tbody th a >> nth=0")
    assert page.url == (index.parent / "night-4" / "report.html").as_uri()

    page.goto(index.as_uri())
    page.click("#series-0 .runs tbody tr >> nth=0 >> td.recall a >> nth=4")

    assert page.url.endswith("night-4/report.html#variant=v&length=131072")
    expect(page.locator("#trials-told")).to_contain_text("131,072 tokens")


def test_a_folder_with_any_name_is_led_to(page: Page, index: Path) -> None:
    page.goto(index.as_uri())

    page.get_by_role("link", name="hostile #1%").first.click()

    assert page.url == (index.parent / "hostile #1%" / "report.html").as_uri()
    expect(page.locator("#verdict-title")).to_contain_text("hostile #1%")


def test_a_hostile_name_is_shown_as_text(page: Page, index: Path) -> None:
    page.goto(index.as_uri())

    assert page.title() == "Recall over 7 runs - recallbench"
    expect(page.locator("h2").filter(has_text=NAME)).to_have_count(1)


def test_the_theme_is_switched_by_keyboard(page: Page, index: Path) -> None:
    page.emulate_media(color_scheme="light")
    page.goto(index.as_uri())
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")

    page.focus("#theme")
    page.keyboard.press("Enter")

    assert page.get_attribute("#theme", "aria-pressed") == "true"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != ground


@pytest.mark.parametrize(("width", "scheme"), SCREENS)
def test_it_fits_the_screen_and_is_accessible(
    page: Page,
    index: Path,
    accessibility: Callable[[Page], list[Violation]],
    width: int,
    scheme: str,
) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.goto(index.as_uri())

    wide, inner = widths(page)
    assert wide <= inner
    assert accessibility(page) == []
