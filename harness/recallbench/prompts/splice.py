"""Joins texts whose tokens are known without tokenizing them again.

Tokens merge across a seam (``.`` + ``July`` is ``.J`` ``uly`` to some tokenizers), so two token
lists may not simply be put together. Around each seam a window of text is tokenized afresh, and the
fresh tokens are taken from where they agree with the known ones: same ids over the same characters,
``RUN`` tokens in a row, ``MARGIN`` tokens away from the window's own cut edge. Where a window shows
no such agreement it has to be widened, in the end to the whole text; so the result is what the
tokenizer makes of the joined text, at the cost of a few hundred tokens a seam.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

from recallbench.domain import Encoding

MARGIN = 8
"""Tokens at a window's cut edge that are never taken: they miss their context."""
RUN = 12
"""Tokens in a row that must agree before known and fresh ones are taken for the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """The end of a run of tokens that is the same in two tokenizations of the same characters."""

    known: int
    """Position in the known tokens, just behind the run."""
    fresh: int
    """Position in the window's tokens, just behind the run."""


def meet_left(known: Encoding, fresh: Encoding, offset: int, *, until: int) -> Meeting | None:
    """Where fresh tokens may first take over from the known ones.

    Args:
        known: tokens of a long text.
        fresh: tokens of a window that begins inside that text and goes on with something else.
        offset: added to a character of the window, it gives the same character of the long text.
        until: character of the window up to which it is that text.
    """
    end = bisect_right(fresh.ends, until)
    return _first_meeting(known, fresh, offset, range(MARGIN + RUN - 1, end))


def meet_right(known: Encoding, fresh: Encoding, offset: int, *, since: int) -> Meeting | None:
    """Where known tokens may take over from the fresh ones, as late as possible.

    Args:
        known: tokens of a long text.
        fresh: tokens of a window that begins with something else and ends inside that text.
        offset: added to a character of the window, it gives the same character of the long text.
        since: character of the window from which on it is that text.
    """
    first = bisect_right(fresh.ends, since) + RUN  # one token more may reach across ``since``
    return _first_meeting(known, fresh, offset, range(len(fresh.ids) - MARGIN - 1, first - 1, -1))


def clean_cut(encoding: Encoding, position: int) -> int:
    """The nearest token position at or before ``position`` that splits no character."""
    starts, ends = encoding.starts, encoding.ends
    while 0 < position < len(ends) and starts[position] < ends[position - 1]:
        position -= 1
    return position


def _first_meeting(
    known: Encoding, fresh: Encoding, offset: int, candidates: Iterable[int]
) -> Meeting | None:
    for last in candidates:
        end = fresh.ends[last] + offset
        position = bisect_right(known.ends, end) - 1
        if position < RUN - 1 or known.ends[position] != end:
            continue
        behind = Meeting(known=position + 1, fresh=last + 1)
        if clean_cut(fresh, behind.fresh) == behind.fresh and _agree(known, fresh, behind, offset):
            return behind
    return None


def _agree(known: Encoding, fresh: Encoding, behind: Meeting, offset: int) -> bool:
    """Whether the RUN tokens before a place agree in ids and in the characters they end at."""
    ours = slice(behind.known - RUN, behind.known)
    theirs = slice(behind.fresh - RUN, behind.fresh)
    if known.ids[ours] != fresh.ids[theirs]:
        return False
    pairs = zip(known.ends[ours], fresh.ends[theirs], strict=True)
    return all(our_end == their_end + offset for our_end, their_end in pairs)
