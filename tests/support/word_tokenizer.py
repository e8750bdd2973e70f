"""A tokenizer for long texts that need no real one: a word with the space before it is a token."""

from __future__ import annotations

import re
import zlib
from array import array
from collections.abc import Sequence

from recallbench.domain import Encoding

_WORD = re.compile(r"\s?\S+|\s+")
_CLAUSE_OR_WORD = re.compile(r"(?<=;)[^;]+;|\s?\S+|\s+")


class WordTokenizer:
    """Implements the tokenizer port; remembers the words it has seen, to decode them."""

    def __init__(self, *, clauses: bool = False) -> None:
        """With ``clauses`` all up to a semicolon is one token, and words only where it is torn."""
        self._words: dict[int, str] = {}
        self._pattern = _CLAUSE_OR_WORD if clauses else _WORD

    def encode(self, text: str, *, at_start: bool = False) -> Encoding:
        del at_start
        ids, starts, ends = array("I"), array("I"), array("I")
        for match in self._pattern.finditer(text):
            word = match.group()
            token_id = zlib.crc32(word.encode())
            self._words[token_id] = word
            ids.append(token_id)
            starts.append(match.start())
            ends.append(match.end())
        return Encoding(ids=ids, starts=starts, ends=ends)

    def decode(self, token_ids: Sequence[int]) -> str:
        return "".join(self._words[token_id] for token_id in token_ids)
