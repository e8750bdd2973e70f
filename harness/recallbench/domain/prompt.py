"""A prompt: token ids first, and the text they are of."""

from __future__ import annotations

import hashlib
import sys
from array import array
from dataclasses import dataclass

from recallbench.domain.token_slice import TokenSlice, joined_ids


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


CONTEXT_CHARS = 160
"""Characters of the message that are shown on either side of a needle: two lines of print, enough
to see whether the needle stands between whole sentences, and little beside an answer."""
OPENING = "opening"
"""Name of what all prompts of a run begin with: chat template and instruction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedPrefix:
    """First tokens of a prompt that other prompts begin with too."""

    name: str
    """Of what is shared: all prompts with this name begin alike, as far as their ``tokens`` go."""
    tokens: int
    """How many of the prompt's first tokens are of it, at least."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """An exact prompt. ``token_ids`` are what the tokenizer makes of ``text``."""

    tokens: tuple[TokenSlice, ...]
    """Its tokens in order, by reference: a million-token haystack is not copied."""
    head: str
    """Text of the chat template before the user's message; empty for base models."""
    message: tuple[TextSlice, ...]
    """The user's message: instruction, haystack, needle, haystack, question."""
    tail: str
    """Text of the chat template after the user's message, and the begun answer if there is one."""
    needle_span: tuple[int, int]
    """First token of the needle and one past its last, as positions in ``token_ids``."""
    needle_chars: tuple[int, int] | None = None
    """First character of the needle and one past its last, as positions in ``message_text``; None
    where only the tokens are known."""
    achieved_depth: float
    """Haystack tokens before the needle over all haystack tokens, needle not counted, in [0, 1]."""
    key: str
    """The value planted in the needle."""
    shared: tuple[SharedPrefix, ...] = ()
    """What it begins with that other prompts of its run begin with too."""
    distractors: int = 0
    """Other needles in it, each with a label and a key of its own."""

    @property
    def length_tokens(self) -> int:
        """Number of tokens."""
        return sum(map(len, self.tokens))

    @property
    def token_ids(self) -> array[int]:
        """All ids, copied. Shape (length_tokens,), typecode ``I``."""
        return joined_ids(self.tokens)

    @property
    def message_text(self) -> str:
        """The user's message as one string."""
        return "".join(part.text for part in self.message)

    @property
    def text(self) -> str:
        """The whole prompt as one string, chat template included."""
        return self.head + self.message_text + self.tail

    @property
    def needle_context(self) -> tuple[str, str, str] | None:
        """The text before the needle, the needle, and the text behind it, all of the message.

        Before and behind are ``CONTEXT_CHARS`` characters, fewer at the ends of the message. None
        without ``needle_chars``.
        """
        if self.needle_chars is None:
            return None
        start, end = self.needle_chars
        return (
            self._message_part(start - CONTEXT_CHARS, start),
            self._message_part(start, end),
            self._message_part(end, end + CONTEXT_CHARS),
        )

    def _message_part(self, start: int, end: int) -> str:
        """Characters by their positions in ``message_text``, which is not joined for it."""
        found, at = [], 0
        for part in self.message:
            first, last = max(start - at, 0), min(end - at, len(part))
            if first < last:
                found.append(part.source[part.start + first : part.start + last])
            at += len(part)
        return "".join(found)

    @property
    def sha256(self) -> str:
        """SHA-256 of the token ids as little-endian uint32, in hexadecimal."""
        digest = hashlib.sha256()
        for part in self.tokens:
            if sys.byteorder == "big":
                ids = part.ids
                ids.byteswap()
                digest.update(ids)
            else:
                digest.update(memoryview(part.stock.ids)[part.start : part.end])
        return digest.hexdigest()
