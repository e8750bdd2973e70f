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
