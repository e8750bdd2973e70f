"""Cuts a haystack so that the whole prompt has exactly the asked number of tokens.

The cut moves over word starts. A sentence cut short is closed with a full stop. Where words of
several tokens step over the asked number, a few small words fill the gap; a tokenizer for which
even that does not do (one token a character, say) gets its last word cut.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import cycle, islice

from recallbench.domain import TextSlice
from recallbench.errors import PromptError
from recallbench.prompts.assembly import Assembler, Assembly
from recallbench.prompts.corpus import Corpus
from recallbench.prompts.pieces import Cut

_STOPS = frozenset(".!?\u2026\u3002\uff01\uff1f\"'\u201d\u2019\u00bb)]\u300d\u300f\uff09")
_FILL_WORDS = ("and", "so", "on")
_FILL_STOPS = (".", "..", "...", " .", "!", "?!")
_JUMPS = 16
_WORDS_TRIED = 48
_CHARS_TRIED = 64
_LONGEST_WORD = 64
_MOST_FILLED = 64

PiecesAt = Callable[[Cut], Sequence[TextSlice]]
"""The texts of a prompt whose haystack ends at a cut."""


class Fitter:
    """Finds the cut of one prompt."""

    def __init__(
        self, assembler: Assembler, corpus: Corpus, pieces: PiecesAt, *, lowest: int
    ) -> None:
        """Everything but the haystack's end is given.

        Args:
            assembler: tokenizes, over ``corpus``.
            corpus: what the haystack is cut from.
            pieces: the prompt's texts for a cut.
            lowest: first character of the corpus at which the haystack may end.
        """
        self._assembler = assembler
        self._corpus = corpus
        self._pieces = pieces
        self._lowest = lowest

    def least(self) -> int:
        """Tokens of the prompt with no more haystack behind the needle than a character."""
        end = self._lowest
        return self._assemble(Cut(end=end, fill=self._default_fill(end))).count

    def fit(self, tokens: int, end: int) -> tuple[Cut, Assembly]:
        """The cut near character ``end`` at which the prompt has exactly ``tokens`` tokens.

        Raises:
            PromptError: no cut near there does it.
        """
        counts: dict[int, int] = {}
        possible: set[int] = set()
        for cut in self._candidates(tokens, end, counts):
            assembly = self._assemble(cut)
            counts[cut.end] = assembly.count
            if assembly.count == tokens:
                return cut, assembly
            possible.add(assembly.count)
        near = sorted(possible, key=lambda count: (abs(count - tokens), count))[:3]
        raise PromptError(
            f"length {tokens:,}: no end of the haystack {self._corpus.name} gives exactly this "
            f"many tokens (nearest: {', '.join(f'{count:,}' for count in near)}); ask for one of "
            "those, or use another haystack"
        )

    def _candidates(self, tokens: int, end: int, counts: dict[int, int]) -> Iterator[Cut]:
        """Cuts at words, then inside of words: where the counts lead, then around there."""
        yield from self._jumps(tokens, end, counts)
        last = max(counts)
        for _ in range(_WORDS_TRIED):
            yield from self._filled(tokens, last, counts)
            if tokens - counts[last] > _MOST_FILLED or last == self._lowest:
                break
            last = self._word_cut(last - 1)
        nearest = min(counts, key=lambda place: abs(counts[place] - tokens))
        highest = min(nearest + _CHARS_TRIED, len(self._corpus.text))
        for last in range(highest, max(nearest - _CHARS_TRIED, self._lowest), -1):
            yield Cut(end=last, fill="")
            yield from self._filled(tokens, last, counts)

    def _jumps(self, tokens: int, end: int, counts: dict[int, int]) -> Iterator[Cut]:
        """Cuts at words, each moved by what the one before was short or over, until they repeat."""
        tried: set[int] = set()
        end = self._word_cut(end)
        while end not in tried and len(tried) < _JUMPS:
            tried.add(end)
            yield Cut(end=end, fill=self._default_fill(end))
            position = self._corpus.token_at(end) + tokens - counts[end]
            end = self._word_cut(self._corpus.char_at(position))

    def _filled(self, tokens: int, end: int, counts: dict[int, int]) -> Iterator[Cut]:
        """A cut whose sentence is closed; where that is a little short, it is filled up."""
        yield Cut(end=end, fill=self._default_fill(end))
        missing = tokens - counts[end]
        if not 0 < missing <= _MOST_FILLED:
            return
        yield from (Cut(end=end, fill=stop) for stop in _FILL_STOPS)
        for words in range(1, missing + 2):
            yield Cut(end=end, fill=_fill(words))
            if counts[end] > tokens:
                return

    def _word_cut(self, character: int) -> int:
        return word_cut(self._corpus.text, character, self._lowest)

    def _assemble(self, cut: Cut) -> Assembly:
        return self._assembler.assemble(self._pieces(cut))

    def _default_fill(self, end: int) -> str:
        return "" if self._corpus.text[end - 1] in _STOPS else "."


def _fill(words: int) -> str:
    return "".join(f" {word}" for word in islice(cycle(_FILL_WORDS), words)) + "."


def word_cut(text: str, character: int, lowest: int) -> int:
    """The nearest place from ``character`` down to ``lowest`` where a word ends, or an end."""
    for place in range(character, max(character - _LONGEST_WORD, lowest - 1), -1):
        if _is_word_end(text, place):
            return place
    return max(character, lowest)


def _is_word_end(text: str, place: int) -> bool:
    before = text[place - 1]
    if before.isspace():
        return False
    if place == len(text) or text[place].isspace():
        return True
    return _wide(before)


def _wide(character: str) -> bool:
    """Whether words of this script are not set apart by spaces (CJK, kana, Thai and the like)."""
    return "\u0e00" <= character <= "\u0eff" or "\u2e80" <= character <= "\ud7a3"
