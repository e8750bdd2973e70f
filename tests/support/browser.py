"""A real Chromium for tests: found, started, watched for what a report must never do, asked by axe.

A watched page may open files, and what a test allows by name; each error that its scripts or its
Content-Security-Policy print, and each other request, is a complaint. The browser cannot resolve
any host but loopback, so nothing leaves the machine even where a page tries. It does not know what
the pages are about.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from playwright.sync_api import Browser, BrowserContext, Page, Playwright

BROWSER_VARIABLE = "RECALLBENCH_TEST_BROWSER"
"""May name the browser, by path or as a command."""
PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
NO_BROWSER = f"no Chromium: install Debian's package chromium, or name one in {BROWSER_VARIABLE}"
AXE = Path(__file__).parents[2] / ".venv/axe/node_modules/axe-core/axe.min.js"
"""The accessibility checker's one file, from npm."""
NO_AXE = "no axe-core: install npm, then run scripts/environment browser"
WAIT_MS = 60_000
"""For any one step; a test machine may have an engine on its other core."""
_LOCAL = ("file:", "data:", "blob:", "about:")
_QUIET = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-quic",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
    "--no-first-run",
)
_GRAVE = ("serious", "critical")
_RUN_AXE = """async () => (await axe.run(document, {resultTypes: ["violations"]})).violations.map(
  ({id, impact, help, nodes}) => [id, impact ?? "", help, nodes.map((node) => node.html)])"""


def find_chromium(environment: Mapping[str, str]) -> str | None:
    """Path of the browser that tests drive; None if there is none.

    Raises:
        ValueError: The environment names one that is not there.
    """
    path = environment.get("PATH")
    named = environment.get(BROWSER_VARIABLE)
    if named:
        if found := shutil.which(named, path=path):
            return found
        raise ValueError(f"{BROWSER_VARIABLE}={named}: want the path or name of a Chromium")
    return next((found for name in PROGRAMS if (found := shutil.which(name, path=path))), None)


def launch(playwright: Playwright, executable: str) -> Browser:
    """A headless Chromium of its own profile; to be closed by the caller."""
    # Chromium's sandbox refuses to work for root.
    sandbox = ("--no-sandbox",) if os.geteuid() == 0 else ()
    return playwright.chromium.launch(
        executable_path=executable, args=[*_QUIET, *sandbox], timeout=WAIT_MS
    )


class Watch:
    """What all pages of one browser context did that they must not."""

    def __init__(self, context: BrowserContext) -> None:
        """Listen from now on."""
        self._context = context
        self._errors: list[str] = []
        self._requests: list[str] = []
        self._allowed: tuple[str, ...] = _LOCAL
        context.set_default_timeout(WAIT_MS)
        context.on("console", lambda said: self._note(f"console {said.type}: {said.text}"))
        context.on("weberror", lambda error: self._note(f"page error: {error.error}"))
        context.on("request", lambda request: self._requests.append(request.url))

    @classmethod
    def new(cls, browser: Browser) -> Self:
        """Watch a new context with one page, 1280 by 800 pixels."""
        watch = cls(browser.new_context(viewport={"width": 1280, "height": 800}))
        watch._context.new_page()
        return watch

    @property
    def page(self) -> Page:
        """The context's first page."""
        return self._context.pages[0]

    def allow(self, origin: str) -> None:
        """Requests to this origin, such as ``http://127.0.0.1:8000``, are no complaint."""
        self._allowed += (origin.rstrip("/") + "/",)

    def complaints(self) -> list[str]:
        """Errors in the order they came, then requests that nobody allowed."""
        for page in self._context.pages:
            page.evaluate("0")  # what the page has said before this has then arrived
        strangers = [url for url in self._requests if not url.startswith(self._allowed)]
        return [*self._errors, *(f"request: {url}" for url in strangers)]

    def close(self) -> None:
        """Close the context and its pages."""
        self._context.close()

    def _note(self, what: str) -> None:
        if what.startswith(("console error", "page error")):
            self._errors.append(what)


@contextmanager
def watched(browser: Browser) -> Iterator[Watch]:
    """A watched new page; at the end, anything to complain of fails."""
    watch = Watch.new(browser)
    try:
        yield watch
        complaints = watch.complaints()
        assert complaints == [], complaints
    finally:
        watch.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """One rule of axe that a page breaks."""

    rule: str
    """axe's name, such as ``color-contrast``."""
    impact: str
    """``serious`` or ``critical``."""
    what: str
    """The rule in words."""
    places: tuple[str, ...]
    """HTML of the elements that break it."""


def accessibility(page: Page) -> list[Violation]:
    """What axe holds for serious or critical on the page as it now stands."""
    # Through the debugger: the page's own policy lets no script in.
    page.evaluate(AXE.read_text(encoding="utf-8"))
    return [
        Violation(rule=rule, impact=impact, what=what, places=tuple(places))
        for rule, impact, what, places in page.evaluate(_RUN_AXE)
        if impact in _GRAVE
    ]
