"""What is sent: bytes, what they are, and what a browser may do with them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape, unescape
from http import HTTPStatus

from recallbench.viewer.addresses import KINDS
from recallbench.viewer.states import tag_of

_POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">')
_INERT = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox"
_ALONE = "frame-ancestors 'none'"
_PAGE_KIND = "text/html; charset=utf-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """The answer to a request."""

    status: HTTPStatus
    """As HTTP has it."""
    body: bytes = b""
    """What is sent."""
    kind: str = "text/plain; charset=utf-8"
    """Content type."""
    policy: str = f"{_INERT}; {_ALONE}"
    """Content-Security-Policy; as it stands, nothing runs and nothing is loaded."""
    state: str | None = None
    """Of what is told, for requests that have it already; None is not asked about."""


NOTHING = Reply(status=HTTPStatus.NOT_FOUND, body=b"not found\n")
"""For every path that means nothing, whatever the reason."""


def page_reply(
    html: str, state: str, *, index: str | None = None, status: HTTPStatus = HTTPStatus.OK
) -> Reply:
    """A page of ours.

    Its policy is sent ahead too, and what ``live.js`` has to know stands in its head.

    Args:
        html: the page, with its policy in a ``meta``.
        state: of what it shows.
        index: address of the page of all runs; None where there is none, or this is it.
        status: what to say of it.
    """
    (policy,) = _POLICY.findall(html.partition("</head>")[0])
    known = {"state": tag_of(state)} | ({} if index is None else {"index": index})
    metas = "".join(
        f'<meta name="recallbench-{name}" content="{escape(text)}">\n'
        for name, text in known.items()
    )
    return Reply(
        status=status,
        body=html.replace("</head>", f"{metas}</head>", 1).encode(errors="backslashreplace"),
        kind=_PAGE_KIND,
        policy=f"{unescape(policy)}; {_ALONE}",
        state=state,
    )


def file_reply(content: bytes, ending: str) -> Reply:
    """A file of a run; a browser shows it and runs nothing in it.

    Args:
        content: the bytes.
        ending: of its name, one of ``KINDS``.
    """
    return Reply(status=HTTPStatus.OK, body=content, kind=KINDS[ending])


def unchanged(state: str) -> Reply:
    """For whoever has the present state already."""
    return Reply(status=HTTPStatus.NOT_MODIFIED, state=state)
