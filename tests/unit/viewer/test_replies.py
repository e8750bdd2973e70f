"""A page is sent with its own policy and its state; a file is sent so that nothing in it runs."""

from __future__ import annotations

from html.parser import HTMLParser
from http import HTTPStatus

import pytest

from recallbench.reports.page.notice_page import Notice, notice_html
from recallbench.viewer.replies import NOTHING, file_reply, page_reply, unchanged

HTML = notice_html(Notice(title="t </head> \ud800", reason="r"), is_live=True)


class Metas(HTMLParser):
    """The contents of ``meta`` by name."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "meta":
            name = given.get("name") or given.get("http-equiv") or ""
            self.found[name] = given.get("content") or ""


def test_the_policy_sent_is_the_pages_own_and_forbids_frames() -> None:
    policy = page_reply(HTML, "s").policy
    metas = Metas()
    metas.feed(HTML)

    assert policy == f"{metas.found['Content-Security-Policy']}; frame-ancestors 'none'"
    assert "default-src 'none'" in policy
    assert "connect-src 'self'" in policy
    assert "unsafe" not in policy


def test_the_page_knows_its_state() -> None:
    reply = page_reply(HTML, "s")
    metas = Metas()
    metas.feed(reply.body.decode())

    assert metas.found["recallbench-state"] == '"s"'
    assert "recallbench-index" not in metas.found
    assert reply.state == "s"
    assert reply.kind == "text/html; charset=utf-8"


def test_the_page_knows_the_way_back() -> None:
    metas = Metas()
    metas.feed(page_reply(HTML, "s", index='../"').body.decode())

    assert metas.found["recallbench-index"] == '../"'


def test_a_page_without_a_policy_is_never_sent() -> None:
    with pytest.raises(ValueError, match="unpack"):
        page_reply("<html><head></head></html>", "s")


@pytest.mark.parametrize("ending", [".svg", ".xml", ".json"])
def test_a_file_is_shut_in(ending: str) -> None:
    reply = file_reply(b"<svg><script>", ending)
    rules = [rule.strip() for rule in reply.policy.split(";")]

    assert "sandbox" in rules
    assert "default-src 'none'" in rules
    assert not any(rule.startswith("script-src") for rule in rules)
    assert reply.body == b"<svg><script>"
    assert "html" not in reply.kind


def test_what_is_known_is_sent_without_a_body() -> None:
    assert unchanged("s").status is HTTPStatus.NOT_MODIFIED
    assert unchanged("s").body == b""


def test_nothing_tells_nothing() -> None:
    assert NOTHING.body == b"not found\n"
    assert NOTHING.state is None
