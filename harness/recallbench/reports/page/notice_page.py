"""A page that stands where another one cannot be made: what is not shown, and why.

Knows nothing about runs; all texts are handed over and stay text.
"""

from __future__ import annotations

from dataclasses import dataclass

from recallbench.reports.page.rendering import rendered


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What stands on it."""

    title: str
    """What is not shown; no full stop."""
    reason: str = ""
    """Why, and what to do; may have several lines, and be empty."""
    links: tuple[tuple[str, str], ...] = ()
    """What can be shown: a text and an address each."""


def notice_html(notice: Notice, *, is_live: bool) -> str:
    """The page.

    Args:
        notice: what stands on it.
        is_live: whether it asks the server it comes from for news.
    """
    return rendered("notice.html.j2", {"notice": notice}, is_live=is_live)
