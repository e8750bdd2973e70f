"""Turns a prompt's pieces into token ids: long stretches of corpus by reference, seams afresh.

Short texts and the corpus tokens around them are tokenized together, as one window; the middle of a
long stretch is copied from the corpus's own tokens. ``splice`` proves each place where one takes
over from the other. The result is what the tokenizer makes of the whole text.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field

from recallbench.domain import Encoding, TextSlice, Tokenizer, TokenSlice, TokenStock
from recallbench.prompts.corpus import Corpus
from recallbench.prompts.recent import Recent
from recallbench.prompts.splice import meet_left, meet_right

EDGE_TOKENS = 24
"""Corpus tokens that a window takes in on each side of a seam."""
_WINDOWS_KEPT = 64
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
class Part:
    """A stretch of a prompt: tokens of a window, or tokens copied from the corpus."""

    first_char: int
    """The prompt's character at which its encoding's characters begin to count."""
    position: int
    """Position of its first token in the prompt."""
    encoding: Encoding
    """What its tokens are from, ``encoding[start:end]``."""
    start: int
    """First token taken."""
    end: int
    """One past the last token taken."""
    stock: TokenStock
    """The encoding's ids."""
    reach: int
    """One past the last of the prompt's characters that it answers for."""

    @property
    def tokens(self) -> TokenSlice:
        """Its tokens, by reference."""
        return TokenSlice(stock=self.stock, start=self.start, end=self.end)


@dataclass(frozen=True, slots=True, kw_only=True)
class Assembly:
    """A tokenized prompt that can say which token a character belongs to."""

    parts: tuple[Part, ...]
    """In order, without gaps."""

    @property
    def count(self) -> int:
        """Number of tokens."""
        last = self.parts[-1]
        return last.position + last.end - last.start

    @property
    def tokens(self) -> tuple[TokenSlice, ...]:
        """All of them, by reference."""
        return tuple(part.tokens for part in self.parts if part.end > part.start)

    def token_at(self, character: int) -> int:
        """Position of the first token that reaches past ``character``."""
        part = next((each for each in self.parts if character < each.reach), self.parts[-1])
        index = bisect_right(part.encoding.ends, character - part.first_char)
        return part.position + max(index - part.start, 0)


class Assembler:
    """Tokenizes prompts made of short texts and slices of one corpus."""

    def __init__(self, tokenizer: Tokenizer, corpus: Corpus) -> None:
        """Remember the windows that are tokenized last.

        Prompts that share a haystack share the first, and the tries of one prompt all but the last.
        """
        self._tokenizer = tokenizer
        self._corpus = corpus
        self._seen: Recent[tuple[str, bool], Encoding] = Recent(_WINDOWS_KEPT)

    def assemble(self, pieces: Sequence[TextSlice]) -> Assembly:
        """Tokens of the pieces' joined text."""
        edge = EDGE_TOKENS
        while True:
            assembly = self._try(pieces, edge)
            if assembly:
                return assembly
            edge = edge * 8 if edge < len(self._corpus.encoding.ids) else _WIDEST_EDGE

    def _try(self, pieces: Sequence[TextSlice], edge: int) -> Assembly | None:
        windows = self._windows(pieces, edge)
        fresh = [self._encode("".join(w.text), at_start=not w.first_char) for w in windows]
        parts: list[Part] = []
        skip = 0
        for index, (window, tokens) in enumerate(zip(windows, fresh, strict=True)):
            if index + 1 == len(windows):
                parts.append(_own(parts, window, tokens, (skip, len(tokens.ids))))
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
            parts.append(_own(parts, window, tokens, (skip, leave.fresh)))
            parts.append(self._copied(parts, window, following, (leave.known, enter.known)))
            skip = enter.fresh
        return Assembly(parts=tuple(parts))

    def _copied(
        self, parts: Sequence[Part], window: _Window, following: _Window, span: tuple[int, int]
    ) -> Part:
        """The corpus tokens between two windows."""
        known = self._corpus.encoding
        shift = window.last_char - window.corpus_behind
        return Part(
            first_char=shift,
            position=_end(parts),
            encoding=known,
            start=span[0],
            end=span[1],
            stock=self._corpus.stock,
            reach=known.ends[span[1] - 1] + shift if span[1] else following.first_char,
        )

    def _encode(self, text: str, *, at_start: bool) -> Encoding:
        return self._seen.value(
            (text, at_start), lambda: self._tokenizer.encode(text, at_start=at_start)
        )

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


def _own(parts: Sequence[Part], window: _Window, tokens: Encoding, span: tuple[int, int]) -> Part:
    """A window's own tokens."""
    start, end = span
    return Part(
        first_char=window.first_char,
        position=_end(parts),
        encoding=tokens,
        start=start,
        end=end,
        stock=TokenStock(tokens.ids),
        reach=window.first_char + (tokens.ends[end - 1] if end > start else 0),
    )


def _end(parts: Sequence[Part]) -> int:
    return parts[-1].position + parts[-1].end - parts[-1].start if parts else 0


def whole_slice(text: str) -> TextSlice:
    """All of a short text."""
    return TextSlice(source=text, start=0, end=len(text))
