"""The watched browser itself: it opens files; each fault that it is to notice is planted once."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from support.browser import BROWSER_VARIABLE, NO_BROWSER, Violation, Watch, find_chromium, watched

STRICT = """<meta http-equiv="Content-Security-Policy" content="default-src 'none'">"""


def html(body: str, head: str = "") -> str:
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8">{head}'
        f"<title>A page</title></head><body><main><h1>A page</h1>{body}</main></body></html>"
    )


@contextmanager
def served(body: str) -> Iterator[str]:
    """The origin of a server that has one page."""

    class OnePage(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), OnePage) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def seen(browser: Browser, tmp_path: Path) -> Iterator[Callable[[str], list[str]]]:
    """Opens a page from disk as ``watch`` does; gives what there is to complain of."""
    watches = []

    def complaints(page: str) -> list[str]:
        (tmp_path / "page.html").write_text(page, encoding="utf-8")
        watches.append(Watch.new(browser))
        watches[-1].page.goto((tmp_path / "page.html").as_uri(), wait_until="load")
        return watches[-1].complaints()

    yield complaints
    for watch in watches:
        watch.close()


def test_a_page_opens_from_disk_and_its_scripts_run(page: Page, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text(html("<p>…</p><script>document.querySelector('p').id = 'found'</script>"))

    page.goto(path.as_uri())

    assert page.inner_text("#found") == "…"


def test_a_good_page_gives_no_complaint(seen: Callable[[str], list[str]]) -> None:
    assert seen(html("<p>good</p><script>console.log('fine')</script>")) == []


@pytest.mark.parametrize(
    ("page", "fault"),
    [
        (html("<script>console.error('told')</script>"), "console error: told"),
        (html("<script>throw new Error('thrown')</script>"), "page error: thrown"),
        (html("<script>Promise.reject(new Error('late'))</script>"), "page error: late"),
        (html("<script>1</script>", STRICT), "Content Security Policy"),
        (html('<p style="color: red">red</p>', STRICT), "Content Security Policy"),
        (html('<img alt="" src="http://192.0.2.1/a.png">', STRICT), "Content Security Policy"),
        (html('<img alt="" src="https://example.com/a">'), "request: https://example.com/a"),
    ],
)
def test_a_fault_is_a_complaint(seen: Callable[[str], list[str]], page: str, fault: str) -> None:
    assert any(fault in complaint for complaint in seen(page))


def test_a_page_opened_by_a_page_is_watched_too(seen: Callable[[str], list[str]]) -> None:
    opened = "<script>open('about:blank').eval(\"console.error('from there')\")</script>"

    assert "console error: from there" in seen(html(opened))


def test_a_server_is_a_stranger_until_it_is_allowed(browser: Browser) -> None:
    watch = Watch.new(browser)
    with served(html("<p>served</p>", '<link rel="icon" href="data:,">')) as origin:
        watch.page.goto(origin)
        before = watch.complaints()
        watch.allow(origin)

        assert before == [f"request: {origin}/"]
        assert watch.complaints() == []
    watch.close()


def test_an_allowed_origin_does_not_allow_those_that_begin_like_it(browser: Browser) -> None:
    watch = Watch.new(browser)
    with served(html("<p>served</p>")) as origin:
        watch.allow(origin[:-1])
        watch.page.goto(origin)

        assert f"request: {origin}/" in watch.complaints()
    watch.close()


def test_a_complaint_fails_the_test_when_its_page_is_done_with(browser: Browser) -> None:
    fault = html("<script>console.error('told')</script>")

    with pytest.raises(AssertionError, match="console error: told"), watched(browser) as watch:
        watch.page.set_content(fault)

    with watched(browser) as watch:
        watch.page.set_content(html("<p>good</p>"))


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        ('<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">', "image-alt"),
        ('<p id="pale">pale</p>', "color-contrast"),
        ("<button></button>", "button-name"),
    ],
)
def test_axe_finds_a_planted_fault_under_a_strict_policy(
    page: Page, accessibility: Callable[[Page], list[Violation]], body: str, rule: str
) -> None:
    policy = STRICT.replace("'none'", "'none'; img-src data:; style-src 'unsafe-inline'")
    page.set_content(html(body, f"{policy}<style>#pale {{ color: #ccc }}</style>"))

    (violation,) = accessibility(page)

    assert violation.rule == rule
    assert violation.impact in {"serious", "critical"}
    assert body.partition(">")[0] in violation.places[0]


def test_axe_finds_nothing_on_a_good_page(
    page: Page, accessibility: Callable[[Page], list[Violation]]
) -> None:
    page.set_content(html("<p>good</p>", STRICT))

    assert accessibility(page) == []


def program(folder: Path, name: str) -> str:
    path = folder / name
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return str(path)


def test_the_first_browser_of_the_path_is_found_and_a_named_one_goes_before(
    tmp_path: Path,
) -> None:
    chrome, chromium = program(tmp_path, "google-chrome"), program(tmp_path, "chromium")
    environment = {"PATH": str(tmp_path)}

    assert find_chromium(environment) == chromium
    assert find_chromium({**environment, BROWSER_VARIABLE: "google-chrome"}) == chrome
    assert find_chromium({**environment, BROWSER_VARIABLE: chrome}) == chrome
    assert find_chromium({**environment, BROWSER_VARIABLE: ""}) == chromium


def test_without_a_browser_there_is_none_and_the_reason_says_what_to_install(
    tmp_path: Path,
) -> None:
    assert find_chromium({"PATH": str(tmp_path)}) is None
    assert "Debian's package chromium" in NO_BROWSER
    assert BROWSER_VARIABLE in NO_BROWSER


def test_a_named_browser_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=f"{BROWSER_VARIABLE}=nosuch"):
        find_chromium({"PATH": str(tmp_path), BROWSER_VARIABLE: "nosuch"})
