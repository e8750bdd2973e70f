"""One long haystack that holds a labelled needle for every cell of the grid.

The prompt of a cell is the haystack's first tokens and one question, so all prompts of a haystack
begin alike, and the longest one's prefill serves all others. It asks more of a model than one
needle does: the others distract from it (multi-key recall).
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from recallbench.domain import Encoding, TextSlice
from recallbench.prompts.assembly import Assembler, Assembly, whole_slice
from recallbench.prompts.corpus import Corpus
from recallbench.prompts.rungs import Cell, Rung


@dataclass(frozen=True, slots=True, kw_only=True)
class LadderNeedle:
    """A needle in the haystack's text."""

    label: str
    """What it is called."""
    key: str
    """Its value."""
    start: int
    """First character in the ladder's text."""
    end: int
    """One past its last character."""
    text: str
    """The planted sentences."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ladder:
    """A haystack with its needles, tokenized."""

    name: str
    """Of the haystack."""
    corpus: Corpus
    """Text and tokens, needles included; sentences are not looked for."""
    needles: tuple[LadderNeedle, ...]
    """In the order in which they stand."""
    by_cell: dict[Cell, int]
    """Which needle a cell asks for."""

    def place(self, number: int) -> tuple[int, int]:
        """First token of a needle, and one past its last, in the ladder's tokens."""
        needle = self.needles[number]
        return self.corpus.token_at(needle.start), self.corpus.token_at(needle.end - 1) + 1

    def last_before(self, character: int) -> int:
        """One past the last character of the needles that start before ``character``."""
        return max((each.end for each in self.needles if each.start < character), default=0)

    def within(self, character: int) -> int:
        """How many needles stand whole before ``character``."""
        return sum(each.end <= character for each in self.needles)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A part of the corpus that becomes a haystack."""

    corpus: Corpus
    """What it is cut from."""
    start: int
    """Corpus character at which it begins."""
    tokens: int
    """How long it is."""


def planted(
    name: str,
    assembler: Assembler,
    stretch: Stretch,
    places: Sequence[tuple[Rung, str, str, str]],
) -> Ladder:
    """Put needles into a stretch of the corpus.

    Args:
        name: of the haystack.
        assembler: tokenizes over the corpus.
        stretch: where they are put.
        places: rung, label, key and sentences of each needle, in the order in which they stand.
    """
    corpus, start = stretch.corpus, stretch.start
    first = corpus.token_at(start)
    pieces: list[TextSlice] = []
    needles: list[LadderNeedle] = []
    at, written = start, 0
    for rung, label, key, text in places:
        until = corpus.char_at(first + rung.place) if rung.place else start
        hay = TextSlice(source=corpus.text, start=at, end=max(until, at))
        before, behind = (" ", "") if until > start else ("", " ")
        pieces += [hay, whole_slice(f"{before}{text}{behind}")]
        begin = written + len(hay) + len(before)
        needles.append(
            LadderNeedle(label=label, key=key, start=begin, end=begin + len(text), text=text)
        )
        at, written = hay.end, begin + len(text) + len(behind)
    end = corpus.char_at(first + stretch.tokens)
    pieces.append(TextSlice(source=corpus.text, start=at, end=max(end, at)))
    return Ladder(
        name=name,
        corpus=_tokenized(name, pieces, assembler.assemble(pieces)),
        needles=tuple(needles),
        by_cell={cell: index for index, (rung, *_) in enumerate(places) for cell in rung.cells},
    )


def _tokenized(name: str, pieces: Sequence[TextSlice], assembly: Assembly) -> Corpus:
    """The pieces' text as a corpus of its own."""
    ids = array("I")
    starts, ends = array("I"), array("I")
    for part in assembly.parts:
        ids += part.tokens.ids
        for mine, theirs in ((starts, part.encoding.starts), (ends, part.encoding.ends)):
            mine.frombytes(_moved(theirs[part.start : part.end], part.first_char))
    return Corpus(
        name=name,
        text="".join(piece.text for piece in pieces),
        encoding=Encoding(ids=ids, starts=starts, ends=ends),
        sentence_ends=array("I"),
        sentence_starts=array("I", [0]),
        repeated=False,
    )


def _moved(characters: array[int], by: int) -> bytes:
    """Characters counted from another place; a token of no character, such as BOS, stays at 0."""
    moved = np.frombuffer(characters, dtype=np.uint32).astype(np.int64) + by
    return moved.clip(min=0).astype(np.uint32).tobytes()
