"""Where haystack text comes from: endless streams of text blocks, deterministic and licence-clean.

A haystack knows its text and nothing about tokens. ``noise`` and ``prose`` are written here, word
by word, for this purpose; ``text_haystack`` repeats a given text as often as a prompt needs it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from recallbench.domain.draws import Draws
from recallbench.prompts.prose import paragraph

NOISE = (
    "The wind moved over the hill. The river kept to its bed. A gate stood open by the road. "
    "Evening came, and nothing had changed. "
)
_NOISE_SENTENCES_A_BLOCK = 200
_PARAGRAPHS_A_BLOCK = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Haystack:
    """A named source of text."""

    name: str
    """What it is, for the run's record: ``noise``, ``prose``, or files and addresses."""
    blocks: Callable[[], Iterator[str]]
    """Starts the endless stream of text from its beginning."""
    pass_chars: int | None = None
    """Characters after which the text repeats; None if it is made without end."""
    source_sha256: str | None = None
    """SHA-256 of the user's text in UTF-8, as it was read; None if it is made here."""

    def repeats_within(self, characters: int) -> bool:
        """Whether so many first characters hold more than one pass of the text."""
        return self.pass_chars is not None and characters > self.pass_chars


def noise_haystack() -> Haystack:
    """The same few sentences over and over: the easiest haystack, and the least like real text."""

    def blocks() -> Iterator[str]:
        while True:
            yield NOISE * _NOISE_SENTENCES_A_BLOCK

    return Haystack(name="noise", blocks=blocks)


def prose_haystack(seed: int) -> Haystack:
    """Varied small scenes without end, the same for the same ``seed``, free of digits."""

    def blocks() -> Iterator[str]:
        draws = Draws(seed, "prose", "haystack text")
        while True:
            yield "".join(paragraph(draws) + "\n\n" for _ in range(_PARAGRAPHS_A_BLOCK))

    return Haystack(name="prose", blocks=blocks)


def text_haystack(name: str, text: str) -> Haystack:
    """The given text, repeated with a blank line between where a prompt is longer than it."""
    one_pass = text.strip() + "\n\n"

    def blocks() -> Iterator[str]:
        while True:
            yield one_pass

    return Haystack(name=name, blocks=blocks, pass_chars=len(one_pass))
