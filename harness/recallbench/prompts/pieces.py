"""The order of a prompt's texts around its haystack, and the characters they end up at."""

from __future__ import annotations

from dataclasses import dataclass

from recallbench.domain import TextSlice
from recallbench.prompts.assembly import whole_slice


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptTexts:
    """The texts of one prompt, all but the haystack."""

    head: str
    """Chat template before the message."""
    opening: str
    """Instruction, and the blank line behind it."""
    needle: str
    """The planted sentences."""
    closing: str
    """Blank line and question."""
    tail: str
    """Chat template behind the message, and the begun answer."""
    key: str
    """The value in the needle."""
    start: int
    """Corpus character at which the haystack begins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """Where the haystack ends."""

    end: int
    """Corpus character."""
    fill: str
    """What closes the last sentence; empty where it is whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Where the needle goes."""

    at: int | None
    """Corpus character behind which it stands; None for either end of the haystack."""
    first: bool
    """With no character: before the haystack, else behind it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pieces:
    """A prompt's pieces and the characters at which its parts stand in the joined text."""

    pieces: tuple[TextSlice, ...]
    """In order: head and opening, then haystack and needle, then closing and tail."""
    needle: tuple[int, int]
    """The needle's characters, spaces around it not counted."""
    haystack: tuple[int, int]
    """From the haystack's first character (or the needle's, if it comes first) to its last."""


def pieces_of(texts: PromptTexts, cut: Cut, site: Site, corpus_text: str) -> Pieces:
    """Put the texts in order."""

    def hay(start: int, end: int) -> TextSlice:
        return TextSlice(source=corpus_text, start=start, end=end)

    begin = len(texts.head) + len(texts.opening)
    if site.at is not None:
        before, behind = hay(texts.start, site.at), hay(site.at, cut.end)
        middle = [before, whole_slice(f" {texts.needle}"), behind, whole_slice(cut.fill)]
        needle_start = begin + len(before) + 1
        haystack_end = begin + sum(map(len, middle))
    elif site.first:
        middle = [whole_slice(f"{texts.needle} "), hay(texts.start, cut.end), whole_slice(cut.fill)]
        needle_start = begin
        haystack_end = begin + sum(map(len, middle))
    else:
        middle = [hay(texts.start, cut.end), whole_slice(f"{cut.fill} {texts.needle}")]
        needle_start = begin + cut.end - texts.start + len(cut.fill) + 1
        haystack_end = needle_start - 1
    return Pieces(
        pieces=(
            whole_slice(texts.head + texts.opening),
            *middle,
            whole_slice(texts.closing + texts.tail),
        ),
        needle=(needle_start, needle_start + len(texts.needle)),
        haystack=(begin, haystack_end),
    )
