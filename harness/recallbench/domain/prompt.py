"""A prompt: token ids first, and the text they are of."""

from __future__ import annotations

import hashlib
import sys
from array import array
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class TextSlice:
    """A stretch of a longer text, kept by reference: a million-token haystack is not copied."""

    source: str
    """The text it is cut from."""
    start: int
    """First character."""
    end: int
    """One past the last character."""

    @property
    def text(self) -> str:
        """The characters themselves."""
        return self.source[self.start : self.end]

    def __len__(self) -> int:
        """Number of characters."""
        return self.end - self.start


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """An exact prompt. ``token_ids`` are what the tokenizer makes of ``text``."""

    token_ids: array[int]
    """Shape (length_tokens,), typecode ``I``; not to be changed."""
    head: str
    """Text of the chat template before the user's message; empty for base models."""
    message: tuple[TextSlice, ...]
    """The user's message: instruction, haystack, needle, haystack, question."""
    tail: str
    """Text of the chat template after the user's message, and the begun answer if there is one."""
    needle_span: tuple[int, int]
    """First token of the needle and one past its last, as positions in ``token_ids``."""
    achieved_depth: float
    """Haystack tokens before the needle over all haystack tokens, needle not counted, in [0, 1]."""
    key: str
    """The value planted in the needle."""

    @property
    def message_text(self) -> str:
        """The user's message as one string."""
        return "".join(part.text for part in self.message)

    @property
    def text(self) -> str:
        """The whole prompt as one string, chat template included."""
        return self.head + self.message_text + self.tail

    @property
    def sha256(self) -> str:
        """SHA-256 of the token ids as little-endian uint32, in hexadecimal."""
        ids = self.token_ids
        if sys.byteorder == "big":
            ids = array("I", ids)
            ids.byteswap()
        return hashlib.sha256(ids.tobytes()).hexdigest()
