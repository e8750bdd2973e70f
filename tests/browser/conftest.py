"""A watched page of a real browser. Skipped, with what to install, where a part is missing."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from support import browser as chromium


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for each file of tests.

    Not for the session: until it is stopped, playwright's event loop counts as running in this
    thread, and every ``asyncio.run`` of a later test would be refused.
    """
    executable = chromium.find_chromium(os.environ)
    if executable is None:
        pytest.skip(chromium.NO_BROWSER)
    with sync_playwright() as playwright:
        browser = chromium.launch(playwright, executable)
        yield browser
        browser.close()


@pytest.fixture
def watch(browser: Browser) -> Iterator[chromium.Watch]:
    """What ``page`` does; at the end, anything to complain of fails the test."""
    with chromium.watched(browser) as watch:
        yield watch


@pytest.fixture
def page(watch: chromium.Watch) -> Page:
    """A new page of a new context, watched."""
    return watch.page


@pytest.fixture(scope="session")
def accessibility() -> Callable[[Page], list[chromium.Violation]]:
    """Asks axe for what is serious or critical on a page."""
    if not chromium.AXE.exists():
        pytest.skip(chromium.NO_AXE)
    return chromium.accessibility
