"""Turns a prompt's pieces into token ids: long stretches of corpus by reference, seams afresh.

Short texts and the corpus tokens around them are tokenized together, as one window; the middle of a
long stretch is copied from the corpus's own tokens. ``splice`` proves each place where one takes
over from the other. The result is what the tokenizer makes of the whole text.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field

from recallbench.domain import Encoding, TextSlice, Tokenizer
from recallbench.prompts.corpus import Corpus
from recallbench.prompts.splice import meet_left, meet_right

EDGE_TOKENS = 64
"""Corpus tokens that a window takes in on each side of a seam."""
_WIDEST_EDGE = 1 << 30


@dataclass(slots=True, kw_only=True)
class _Window:
    """A stretch of the prompt's text that is tokenized as a whole."""

    first_char: int
    """Its first character, counted in the prompt."""
    last_char: int = 0
    """One past its last character."""
    text: list[str] = field(default_factory=list)
    """Its parts."""
    corpus_before: int = 0
    """Corpus character at which it begins, where it follows a copied middle."""
    before_until: int = 0
    """Its own character up to which it goes on with the corpus from there."""
    corpus_behind: int = 0
    """Corpus character at which it ends, where a copied middle follows."""
    behind_since: int = 0
    """Its own character from which on it is the corpus that ends there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assembly:
    """A tokenized prompt that can say which token a character belongs to."""

    ids: array[int]
    """Token ids, shape (n_tokens,), typecode ``I``."""
    _places: tuple[tuple[int, int, Encoding, int], ...]
    """Per window: its first character, and its tokens ``encoding[skip:]`` begin at a position."""

    def token_at(self, character: int) -> int:
        """Position of the first token that reaches past ``character``, which a window must hold."""
        place = bisect_right(self._places, character, key=lambda entry: entry[0]) - 1
        first_char, position, encoding, skip = self._places[place]
        return position + max(bisect_right(encoding.ends, character - first_char) - skip, 0)


class Assembler:
    """Tokenizes prompts made of short texts and slices of one corpus."""

    def __init__(self, tokenizer: Tokenizer, corpus: Corpus) -> None:
        """Remembers nothing between prompts but the windows it has already tokenized for one."""
        self._tokenizer = tokenizer
        self._corpus = corpus
        self._seen: dict[tuple[str, bool], Encoding] = {}

    def forget(self) -> None:
        """Drop remembered windows; called once a prompt is done."""
        self._seen.clear()

    def assemble(self, pieces: Sequence[TextSlice]) -> Assembly:
        """Token ids of the pieces' joined text."""
        edge = EDGE_TOKENS
        while True:
            assembly = self._try(pieces, edge)
            if assembly:
                return assembly
            edge = edge * 8 if edge < len(self._corpus.encoding.ids) else _WIDEST_EDGE

    def _try(self, pieces: Sequence[TextSlice], edge: int) -> Assembly | None:
        windows = self._windows(pieces, edge)
        fresh = [self._encode("".join(w.text), at_start=not w.first_char) for w in windows]
        ids = array("I")
        skip, places = 0, []
        for index, (window, tokens) in enumerate(zip(windows, fresh, strict=True)):
            places.append((window.first_char, len(ids), tokens, skip))
            if index + 1 == len(windows):
                ids.extend(tokens.ids[skip:])
                break
            known = self._corpus.encoding
            length = window.last_char - window.first_char
            following = windows[index + 1]
            leave = meet_right(
                known, tokens, window.corpus_behind - length, since=window.behind_since
            )
            enter = meet_left(
                known, fresh[index + 1], following.corpus_before, until=following.before_until
            )
            if not leave or not enter or leave.known > enter.known or leave.fresh < skip:
                return None
            ids.extend(tokens.ids[skip : leave.fresh])
            ids.extend(known.ids[leave.known : enter.known])
            skip = enter.fresh
        return Assembly(ids=ids, _places=tuple(places))

    def _encode(self, text: str, *, at_start: bool) -> Encoding:
        key = (text, at_start)
        if key not in self._seen:
            self._seen[key] = self._tokenizer.encode(text, at_start=at_start)
        return self._seen[key]

    def _windows(self, pieces: Sequence[TextSlice], edge: int) -> list[_Window]:
        """Cut the text into windows, leaving out the middles of long corpus slices."""
        windows, character = [_Window(first_char=0)], 0
        for piece in pieces:
            middle = self._middle(piece, edge)
            if middle:
                enter, leave = middle
                windows[-1].text.append(piece.source[piece.start : enter])
                windows[-1].corpus_behind = enter
                windows[-1].behind_since = character - windows[-1].first_char
                windows[-1].last_char = character + enter - piece.start
                begin = character + leave - piece.start
                windows.append(
                    _Window(
                        first_char=begin,
                        corpus_before=leave,
                        before_until=piece.end - leave,
                        text=[piece.source[leave : piece.end]],
                    )
                )
            else:
                windows[-1].text.append(piece.text)
            character += len(piece)
        windows[-1].last_char = character
        return windows

    def _middle(self, piece: TextSlice, edge: int) -> tuple[int, int] | None:
        """Corpus characters between which a piece's tokens are copied; None for short texts."""
        if piece.source is not self._corpus.text:
            return None
        first = self._corpus.token_at(piece.start)
        last = self._corpus.token_at(piece.end)
        if last - first < 4 * edge:
            return None
        return self._corpus.char_at(first + edge), self._corpus.char_at(last - edge)


def whole_slice(text: str) -> TextSlice:
    """All of a short text."""
    return TextSlice(source=text, start=0, end=len(text))
