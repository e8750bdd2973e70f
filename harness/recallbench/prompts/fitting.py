"""Cuts a haystack so that the whole prompt has exactly the asked number of tokens.

The cut moves over word starts. A sentence cut short is closed with a full stop. Where words of
several tokens step over the asked number, a few small words fill the gap; a tokenizer for which
even that does not do (one token a character, say) gets its last word cut.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, cycle, islice

from recallbench.errors import PromptError
from recallbench.prompts.assembly import Assembler, Assembly
from recallbench.prompts.corpus import Corpus
from recallbench.prompts.layout import Cut, PromptTexts, Site, pieces_of

_STOPS = frozenset(".!?\u2026\u3002\uff01\uff1f\"'\u201d\u2019\u00bb)]\u300d\u300f\uff09")
_FILL_WORDS = ("and", "so", "on")
_FILL_STOPS = (".", "..", "...", " .", "!", "?!")
_JUMPS = 16
_WORDS_TRIED = 48
_CHARS_TRIED = 200
_LONGEST_WORD = 200
_MOST_FILLED = 64


class Fitter:
    """Finds the cut of one prompt."""

    def __init__(
        self, assembler: Assembler, corpus: Corpus, texts: PromptTexts, site: Site
    ) -> None:
        """Everything but the haystack's end is given."""
        self._assembler = assembler
        self._corpus = corpus
        self._texts = texts
        self._site = site
        self._lowest = (texts.start if site.at is None else site.at) + 1

    def fit(self, tokens: int, end: int) -> tuple[Cut, Assembly]:
        """The cut near character ``end`` at which the prompt has exactly ``tokens`` tokens.

        Raises:
            PromptError: no cut near there does it.
        """
        counts: dict[int, int] = {}
        for cut in chain(self._jumps(tokens, end, counts), self._around(tokens, end, counts)):
            assembly = self._assemble(cut)
            counts[cut.end] = len(assembly.ids)
            if len(assembly.ids) == tokens:
                return cut, assembly
        near = sorted(set(counts.values()), key=lambda count: abs(count - tokens))[:3]
        raise PromptError(
            f"length {tokens:,}: no end of the haystack {self._corpus.name} gives exactly this "
            f"many tokens (nearest: {', '.join(f'{count:,}' for count in near)}); ask for one of "
            "those, or use another haystack"
        )

    def _jumps(self, tokens: int, end: int, counts: dict[int, int]) -> Iterator[Cut]:
        """Cuts at words, each moved by what the one before was short or over, until they repeat."""
        end = word_cut(self._corpus.text, end)
        for _ in range(_JUMPS):
            yield Cut(end=end, fill=self._default_fill(end))
            position = self._corpus.token_at(end) + tokens - counts[end]
            end = max(word_cut(self._corpus.text, self._corpus.char_at(position)), self._lowest)
            if end in counts:
                return

    def _around(self, tokens: int, end: int, counts: dict[int, int]) -> Iterator[Cut]:
        """Cuts at the words before the last one tried, filled up; then at single characters."""
        last = highest = max(counts, default=end)
        for _ in range(_WORDS_TRIED):
            yield Cut(end=last, fill=self._default_fill(last))
            missing = tokens - counts[last]
            if missing > 0:
                yield from (Cut(end=last, fill=stop) for stop in _FILL_STOPS)
                yield from (Cut(end=last, fill=_fill(words)) for words in range(1, missing + 2))
            last = word_cut(self._corpus.text, last - 1)
            if last <= self._lowest or missing > _MOST_FILLED:
                break
        for last in range(highest, max(highest - _CHARS_TRIED, self._lowest), -1):
            yield from (Cut(end=last, fill=stop) for stop in ("", *_FILL_STOPS))

    def _assemble(self, cut: Cut) -> Assembly:
        layout = pieces_of(self._texts, cut, self._site, self._corpus.text)
        return self._assembler.assemble(layout.pieces)

    def _default_fill(self, end: int) -> str:
        return "" if self._corpus.text[end - 1] in _STOPS else "."


def _fill(words: int) -> str:
    return "".join(f" {word}" for word in islice(cycle(_FILL_WORDS), words)) + "."


def word_cut(text: str, character: int) -> int:
    """The nearest place at or before ``character`` where a word ends."""
    for place in range(character, max(character - _LONGEST_WORD, 0), -1):
        if _is_word_end(text, place):
            return place
    return character


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
