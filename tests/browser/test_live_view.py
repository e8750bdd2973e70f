"""What ``recallbench view`` serves, in a real browser: it follows a run without being reloaded."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Expect, Locator, Page

from recallbench.journal import Journal, RunFolder
from support.browser import WAIT_MS, Violation, Watch
from support.records import MISS, always, records
from support.served import Served, served
from support.stored_runs import stored_run

CELL = 'a.cell[data-length="0"][data-depth="1"]'
"""Length 1,000, depth 25%."""
expect = Expect()
expect.set_options(timeout=WAIT_MS)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A run with half of its trials."""
    root = tmp_path / "results"
    root.mkdir()
    stored_run(root / "growing", {"native": records(always(MISS), repeats=range(5))})
    return root


@pytest.fixture
def server(root: Path, watch: Watch) -> Iterator[Served]:
    with served(root) as running:
        watch.allow(running.origin)
        yield running


@pytest.fixture
def run(page: Page, server: Served) -> Page:
    """The run's page, opened from the index, and marked to notice a reload."""
    page.goto(server.url)
    listed(page, "growing").click()
    expect(page.locator(CELL)).to_contain_text("0/5")
    page.evaluate("window.marked = true")
    return page


def listed(page: Page, name: str) -> Locator:
    """The link to a run from the index's table; the sentence on the latest run has another."""
    return page.get_by_role("rowheader").get_by_role("link", name=name, exact=True)


def grow(path: Path, repeats: range = range(5, 10)) -> None:
    """Trials that are asked meanwhile."""
    with Journal(RunFolder(path).journal_path) as journal:
        for each in records(always(MISS), repeats=repeats, variant="native"):
            journal.append(each)


@contextmanager
def unwatched(browser: Browser) -> Iterator[Page]:
    """A page that may say what it likes: a browser prints each failed request as an error."""
    context = browser.new_context()
    yield context.new_page()
    context.close()


def test_trials_appear_without_a_reload(run: Page, root: Path) -> None:
    grow(root / "growing")

    expect(run.locator(CELL)).to_contain_text("0/10")
    assert run.evaluate("window.marked")
    data = run.evaluate("JSON.parse(document.getElementById('run-data').textContent)")
    assert len(data["trials"]) == 50
    expect(run.locator("#live")).to_be_empty()


def test_a_run_leads_back_to_all_runs(run: Page, server: Served) -> None:
    run.get_by_role("link", name="All runs").click()

    run.wait_for_url(server.url)
    expect(listed(run, "growing")).to_be_visible()
    expect(run.get_by_role("link", name="All runs")).to_have_count(0)


def test_focus_and_place_are_kept(run: Page, root: Path) -> None:
    run.set_viewport_size({"width": 700, "height": 300})
    run.locator(CELL).focus()
    run.evaluate("scrollBy(0, 37)")
    before = run.evaluate("scrollY")
    grow(root / "growing")

    expect(run.locator(CELL)).to_contain_text("0/10")
    expect(run.locator(CELL)).to_be_focused()
    assert before > 37
    assert run.evaluate("scrollY") == before


def test_a_selected_cell_stays_selected(run: Page, root: Path) -> None:
    run.locator(CELL).click()
    url = run.url
    grow(root / "growing")

    expect(run.locator(CELL)).to_contain_text("0/10")
    expect(run.locator(CELL)).to_have_attribute("aria-current", "true")
    assert run.url == url
    assert run.evaluate("window.marked")


def test_what_is_unfolded_stays_so(run: Page, root: Path) -> None:
    details = run.locator("main details").first
    details.locator("summary").click()
    grow(root / "growing")

    expect(run.locator(CELL)).to_contain_text("0/10")
    expect(details).to_have_attribute("open", "")


def test_an_unfolded_trial_and_the_focus_in_it_stay(run: Page, root: Path) -> None:
    details = run.locator("#trial-list article").nth(3).locator("details").first
    before = run.locator("#trial-list article").nth(3).get_attribute("id")
    details.locator("summary").first.click()
    grow(root / "growing")

    expect(run.locator(CELL)).to_contain_text("0/10")
    unfolded = run.locator("#trial-list details[open]").first
    expect(unfolded).to_have_attribute("open", "")
    assert unfolded.evaluate("each => each.closest('article').id") == before
    expect(unfolded.locator("summary").first).to_be_focused()


def test_marked_text_is_not_taken_away(run: Page, root: Path) -> None:
    run.evaluate("getSelection().selectAllChildren(document.querySelector('h1'))")
    grow(root / "growing")

    expect(run.locator("#live")).to_contain_text("while text is marked; this is the state of ")
    expect(run.locator(CELL)).to_contain_text("0/5")
    run.evaluate("getSelection().removeAllRanges()")
    expect(run.locator(CELL)).to_contain_text("0/10")
    expect(run.locator("#live")).to_be_empty()


def test_a_page_that_nobody_sees_asks_nothing_until_it_is_seen(
    page: Page, server: Served, root: Path
) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.clock.install()
    page.goto(f"{server.url}growing/")
    page.evaluate(
        "Object.defineProperty(document, 'visibilityState', {value: 'hidden', writable: true})"
    )
    grow(root / "growing")
    page.clock.run_for(60_000)
    assert len(asked) == 1

    page.evaluate("document.visibilityState = 'visible'")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator(CELL)).to_contain_text("0/10")
    assert len(asked) == 2


def test_a_page_that_is_new_already_is_not_replaced(page: Page, server: Served) -> None:
    page.goto(f"{server.url}growing/")
    page.evaluate("document.addEventListener('recallbench:renewed', () => (window.renewed = true))")
    with page.expect_response(lambda response: response.status == 304):
        pass

    assert page.evaluate("window.renewed") is None


def test_the_index_takes_up_a_new_run(page: Page, server: Served, root: Path) -> None:
    page.goto(server.url)
    page.evaluate("window.marked = true")
    stored_run(root / "second", {"other": records(always(MISS))})

    expect(listed(page, "second")).to_be_visible()
    assert page.evaluate("window.marked")


def test_an_empty_folder_shows_its_first_run(page: Page, watch: Watch, tmp_path: Path) -> None:
    with served(tmp_path) as server:
        watch.allow(server.origin)
        page.goto(server.url)
        expect(page.get_by_role("heading")).to_contain_text("No runs under")
        stored_run(tmp_path / "first", {"native": records(always(MISS))})

        expect(listed(page, "first")).to_be_visible()


def test_a_run_that_is_mended_shows_itself(browser: Browser, root: Path) -> None:
    facts = root / "growing" / "run.json"
    sound = facts.read_text()
    facts.write_text("{")
    with served(root) as server, unwatched(browser) as page:
        page.goto(f"{server.url}growing/")
        expect(page.locator("main")).to_contain_text("damaged")
        facts.write_text(sound)

        expect(page.locator(CELL)).to_contain_text("0/5")


def test_a_run_that_breaks_stays_as_it_was_and_the_page_says_so(
    browser: Browser, root: Path
) -> None:
    facts = root / "growing" / "run.json"
    sound = facts.read_text()
    with served(root) as server, unwatched(browser) as page:
        page.goto(f"{server.url}growing/")
        facts.write_text("{")
        expect(page.locator("#live")).to_contain_text("The server cannot make this page now")
        expect(page.locator(CELL)).to_contain_text("0/5")
        facts.write_text(sound)

        expect(page.locator("#live")).to_be_empty()


def test_a_server_that_is_gone_is_told_of_until_it_is_back(
    browser: Browser, root: Path, accessibility: Callable[[Page], list[Violation]]
) -> None:
    with served(root) as server, unwatched(browser) as page:
        page.goto(f"{server.url}growing/")
        page.context.set_offline(True)
        line = page.get_by_role("status").first
        expect(line).to_contain_text("The server does not answer; this is the state of ")
        expect(page.locator(CELL)).to_contain_text("0/5")
        assert accessibility(page) == []
        page.context.set_offline(False)
        expect(line).to_be_empty()
        grow(root / "growing")

        expect(page.locator(CELL)).to_contain_text("0/10")
