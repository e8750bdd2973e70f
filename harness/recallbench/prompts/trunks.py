"""What a run's prompts begin with in common: the opening, and the haystack that some share.

How far two prompts begin alike is told by their tokens, not by their texts: a needle's first
characters may merge with the haystack before it.
"""

from __future__ import annotations

from collections.abc import Sequence

from recallbench.domain import SharedPrefix, TextSlice, TokenSlice
from recallbench.domain.prompt import OPENING
from recallbench.domain.token_slice import common_tokens
from recallbench.prompts.assembly import Assembler, whole_slice
from recallbench.prompts.corpus import Corpus
from recallbench.prompts.recent import Recent

_KEPT = 16


class Trunks:
    """The tokens that prompts of one corpus begin with, if no needle stood in them."""

    def __init__(self, assembler: Assembler, corpus: Corpus) -> None:
        """Remembers the trunks asked for last."""
        self._assembler = assembler
        self._corpus = corpus
        self._known: Recent[tuple[str, int | None], tuple[TokenSlice, ...]] = Recent(_KEPT)

    def shared_by(
        self, tokens: Sequence[TokenSlice], *, opening: str, haystack: tuple[str, int]
    ) -> tuple[SharedPrefix, ...]:
        """How far a prompt goes along with each of its trunks.

        Args:
            tokens: of the prompt.
            opening: text before the haystack.
            haystack: its name, and the corpus character at which it begins.
        """
        name, start = haystack
        shared = (
            self._share(OPENING, tokens, opening, None),
            self._share(name, tokens, opening, start),
        )
        return tuple(each for each in shared if each.tokens)

    def _share(
        self, name: str, tokens: Sequence[TokenSlice], opening: str, start: int | None
    ) -> SharedPrefix:
        return SharedPrefix(name=name, tokens=common_tokens(tokens, self._trunk(opening, start)))

    def _trunk(self, opening: str, start: int | None) -> tuple[TokenSlice, ...]:
        return self._known.value((opening, start), lambda: self._assembled(opening, start))

    def _assembled(self, opening: str, start: int | None) -> tuple[TokenSlice, ...]:
        pieces = [whole_slice(opening)]
        if start is not None:
            text = self._corpus.text
            pieces.append(TextSlice(source=text, start=start, end=len(text)))
        return self._assembler.assemble(pieces).tokens
