"""A haystack's text, tokenized once and long enough for every prompt of a run."""

from __future__ import annotations

import hashlib
import re
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field

from recallbench.domain import Encoding, Tokenizer, TokenStock
from recallbench.errors import CorpusError
from recallbench.prompts.haystack import Haystack
from recallbench.prompts.splice import clean_cut, meet_left

# A sentence ends behind its stop and closing quotes, before the white space, or at a line end.
_SENTENCE_END = re.compile(
    r"[.!?\u2026]+[\"'\u201d\u2019\u00bb)\]]*(?=\s)"
    r"|[\u3002\uff01\uff1f]+[\"\u201d\u2019\u300d\u300f\uff09]*"
    r"|(?<=\S)(?=\n)"
)
_SPACE = re.compile(r"\s*")
_BLOCK_CHARS = 1 << 16
_OVERLAPS = (128, 2048)
_MOST_SHARING = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Corpus:
    """Text with its tokens and the places where its sentences begin and end."""

    name: str
    """The haystack it is made of."""
    text: str
    """All of it."""
    encoding: Encoding
    """Its tokens, characters counted in ``text``."""
    sentence_ends: array[int]
    """Characters just behind a sentence, ascending, typecode ``I``."""
    sentence_starts: array[int]
    """First characters of sentences, ascending, beginning with 0, typecode ``I``."""
    repeated: bool
    """Whether the source is shorter than what was asked and stands here more than once."""
    stock: TokenStock = field(init=False, compare=False, repr=False)
    """Its ids, for prompts to take slices of."""

    def __post_init__(self) -> None:
        """One stock for all prompts."""
        object.__setattr__(self, "stock", TokenStock(self.encoding.ids))

    @property
    def sha256(self) -> str:
        """SHA-256 of the text in UTF-8, in hexadecimal."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    def token_at(self, character: int) -> int:
        """Position of the first token that reaches past ``character``."""
        return bisect_right(self.encoding.ends, character)

    def char_at(self, position: int) -> int:
        """The character at which the tokens before ``position`` end.

        Tokens that share a character with those behind are left out; where each shares one with the
        next (bytes merged across characters), that character is the last.
        """
        position = min(max(position, 0), len(self.encoding.ids))
        clean = clean_cut(self.encoding, position)
        position = clean if position - clean < _MOST_SHARING else position
        return self.encoding.ends[position - 1] if position else 0

    def nearest_sentence_end(self, character: int, within: tuple[int, int]) -> int | None:
        """The sentence end nearest to ``character`` strictly between two characters, or None."""
        position = bisect_left(self.sentence_ends, character)
        near = self.sentence_ends[max(position - 1, 0) : position + 1]
        inside = [end for end in near if within[0] < end < within[1]]
        return min(inside, key=lambda end: abs(end - character), default=None)


def tokenize_haystack(haystack: Haystack, tokenizer: Tokenizer, tokens: int) -> Corpus:
    """Take text from ``haystack`` until it has at least ``tokens`` tokens.

    The text is tokenized block by block with an overlap: the result is what bounds the memory.

    Raises:
        CorpusError: the text gives no tokens.
    """
    text = ""
    encoding = Encoding(ids=array("I"), starts=array("I"), ends=array("I"))
    for block in _regular_blocks(haystack):
        text += block
        encoding = _extended(encoding, text, tokenizer)
        if not len(encoding.ids):
            raise CorpusError(
                f"haystack {haystack.name}: its text gives no tokens; use one that has words in it"
            )
        if len(encoding.ids) >= tokens:
            break
    ends = array("I", dict.fromkeys(match.end() for match in _SENTENCE_END.finditer(text)))
    starts = dict.fromkeys((0, *(_behind_space(text, end) for end in ends)))
    return Corpus(
        name=haystack.name,
        text=text,
        encoding=encoding,
        sentence_ends=ends,
        sentence_starts=array("I", (start for start in starts if start < len(text))),
        repeated=haystack.repeats_within(len(text)),
    )


def first_text(haystack: Haystack, characters: int) -> str:
    """The haystack's text again, as far as ``tokenize_haystack`` took it: its first characters."""
    blocks, held = [], 0
    for block in _regular_blocks(haystack):
        blocks.append(block)
        held += len(block)
        if held >= characters:
            break
    return "".join(blocks)[:characters]


def _regular_blocks(haystack: Haystack) -> Iterator[str]:
    """The text in blocks of one size; a text that repeats is cut behind its first pass too."""
    held, first_pass = "", haystack.pass_chars or 0
    for block in haystack.blocks():
        held += block
        while len(held) >= (size := min(_BLOCK_CHARS, first_pass or _BLOCK_CHARS)):
            yield held[:size]
            held, first_pass = held[size:], first_pass - size if first_pass else 0


def _extended(known: Encoding, text: str, tokenizer: Tokenizer) -> Encoding:
    """The tokens of ``text``, of which ``known`` are those of all but the last block."""
    count = len(known.ids)
    for overlap in _OVERLAPS:
        first = clean_cut(known, count - overlap) if count > overlap else 0
        if not first:
            break
        base = known.ends[first - 1]
        fresh = tokenizer.encode(text[base:])
        meeting = meet_left(known, fresh, base, until=known.ends[-1] - base)
        if meeting:
            return _joined(known, meeting.known, fresh, meeting.fresh, base)
    return tokenizer.encode(text)


def _joined(known: Encoding, keep: int, fresh: Encoding, skip: int, base: int) -> Encoding:
    """``known`` up to ``keep``, then ``fresh`` from ``skip``; ``known``'s arrays are reused."""
    for array_ in (known.ids, known.starts, known.ends):
        del array_[keep:]
    known.ids.extend(fresh.ids[skip:])
    known.starts.extend(start + base for start in fresh.starts[skip:])
    known.ends.extend(end + base for end in fresh.ends[skip:])
    return known


def _behind_space(text: str, character: int) -> int:
    match = _SPACE.match(text, character)
    return match.end() if match else character
