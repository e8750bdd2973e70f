"""A notice says what is not shown and why, and all of it stays text."""

from __future__ import annotations

from recallbench.reports.page.notice_page import Notice, notice_html

HOSTILE = "<script>alert(1)</script>\x00\u202e"


def test_texts_from_outside_stay_text() -> None:
    notice = Notice(title=HOSTILE, reason=HOSTILE, links=((HOSTILE, './"><b>'),))
    html = notice_html(notice, is_live=False)

    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)" in html
    assert "\x00" not in html
    assert "\u202e" not in html
    assert "<b>" not in html


def test_a_reason_keeps_its_lines_and_links_lead_on() -> None:
    notice = Notice(title="t", reason="one\ntwo", links=(("a", "./a/"),))
    html = notice_html(notice, is_live=False)

    assert "one\ntwo" in html
    assert '<a href="./a/">a</a>' in html


def test_only_a_live_notice_asks_for_news() -> None:
    notice = Notice(title="t", reason="r")
    still, live = (notice_html(notice, is_live=is_live) for is_live in (False, True))

    assert "livePoll" not in still
    assert "connect-src" not in still
    assert "connect-src &#39;self&#39;" in live
    assert "livePoll" in live
