"""A prompt's text and checksum are those of its parts."""

from __future__ import annotations

import hashlib
import struct
from array import array
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recallbench.domain import Prompt, TextSlice, whole_tokens
from recallbench.domain.prompt import CONTEXT_CHARS

LENGTHS = st.lists(st.integers(0, 3 * CONTEXT_CHARS), min_size=1, max_size=6)
"""Characters of a message's parts, in order."""


def test_text_and_checksum_follow_from_the_parts() -> None:
    corpus = "One. Two. Three."
    prompt = Prompt(
        tokens=(whole_tokens(array("I", [1, 2, 70000])),),
        head="<user>",
        message=(
            TextSlice(source=corpus, start=0, end=4),
            TextSlice(source=" Key.", start=0, end=5),
            TextSlice(source=corpus, start=4, end=9),
        ),
        tail="<assistant>",
        needle_span=(1, 2),
        achieved_depth=0.5,
        key="k",
    )

    assert prompt.message_text == "One. Key. Two."
    assert prompt.text == "<user>One. Key. Two.<assistant>"
    assert prompt.sha256 == hashlib.sha256(struct.pack("<3I", 1, 2, 70000)).hexdigest()
    assert [len(part) for part in prompt.message] == [4, 5, 5]


class Cut(str):
    """Remembers the longest stretch that was cut from any text."""

    __slots__ = ()
    longest = 0

    def __getitem__(self, place: Any) -> str:
        part = super().__getitem__(place)
        Cut.longest = max(Cut.longest, len(part))
        return part


def prompt_of(message: Sequence[TextSlice], needle: tuple[int, int] | None) -> Prompt:
    return Prompt(
        tokens=(),
        head="<user>",
        message=tuple(message),
        tail="<assistant>",
        needle_span=(0, 1),
        needle_chars=needle,
        achieved_depth=0.5,
        key="k",
    )


def message_of(lengths: Sequence[int]) -> list[TextSlice]:
    """Parts of so many characters, each from another place of one text of unlike characters."""
    source = "".join(map(chr, range(0x4E00, 0x4E00 + 1000)))
    return [
        TextSlice(source=source, start=7 * place, end=7 * place + length)
        for place, length in enumerate(lengths)
    ]


@given(LENGTHS, st.data())
def test_the_context_is_what_stands_around_the_needle_in_the_message(
    lengths: list[int], data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, sum(lengths)))
    end = data.draw(st.integers(start, sum(lengths)))
    prompt = prompt_of(message_of(lengths), (start, end))
    text = prompt.message_text

    assert prompt.needle_context == (
        text[:start][-CONTEXT_CHARS:],
        text[start:end],
        text[end:][:CONTEXT_CHARS],
    )


@pytest.mark.parametrize("off", [-1, 0, 1])
def test_the_context_ends_at_so_many_characters_and_with_the_message(off: int) -> None:
    around = "b" * (CONTEXT_CHARS + off)
    parts = [TextSlice(source=text, start=0, end=len(text)) for text in (around, "N.", around)]
    prompt = prompt_of(parts, (len(around), len(around) + 2))

    shown = "b" * min(CONTEXT_CHARS, len(around))
    assert prompt.needle_context == (shown, "N.", shown)


def test_no_more_of_a_long_text_is_copied_than_is_shown() -> None:
    Cut.longest, source = 0, Cut("x" * 50_000)
    before = TextSlice(source=source, start=10, end=20_000)
    behind = TextSlice(source=source, start=20_000, end=50_000)
    needle = TextSlice(source=" Key.", start=0, end=5)
    prompt = prompt_of((before, needle, behind), (19_991, 19_995))

    assert prompt.needle_context == ("x" * (CONTEXT_CHARS - 1) + " ", "Key.", "x" * CONTEXT_CHARS)
    assert Cut.longest == CONTEXT_CHARS


def test_where_only_tokens_are_known_there_is_no_context() -> None:
    assert prompt_of(message_of([5]), None).needle_context is None
