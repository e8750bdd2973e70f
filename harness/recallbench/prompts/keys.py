"""Keys that stand nowhere in a haystack: else a right answer would prove nothing."""

from __future__ import annotations

from collections.abc import Collection

from recallbench.domain.draws import Draws
from recallbench.errors import PromptError
from recallbench.prompts.corpus import Corpus
from recallbench.prompts.needle import KeyFormat

_KEYS_TRIED = 100


class KeyMaker:
    """Draws keys for prompts over one corpus."""

    def __init__(self, corpus: Corpus, form: KeyFormat) -> None:
        """Remembers which characters the corpus has at all: most keys are settled by that."""
        self._corpus = corpus
        self._form = form
        self._has: dict[str, bool] = {}

    def draw(self, draws: Draws, tokens: int, taken: Collection[str] = ()) -> str:
        """A key that the first ``tokens`` tokens of the corpus do not hold.

        Args:
            draws: where it comes from.
            tokens: how much of the corpus a prompt may reach.
            taken: keys that it may neither be nor hold nor stand in.

        Raises:
            PromptError: keys of this form all stand in the haystack.
        """
        end = self._corpus.char_at(tokens)
        for _ in range(_KEYS_TRIED):
            key = self._form.draw(draws)
            if not self._stands(key, end) and not any(k in key or key in k for k in taken):
                return key
        raise PromptError(
            f"key: {_KEYS_TRIED} random keys such as {key} all stand in the haystack "
            f"{self._corpus.name}; give prompt.key a greater length or another kind"
        )

    def _stands(self, key: str, end: int) -> bool:
        text = self._corpus.text
        for character in key:
            if character not in self._has:
                self._has[character] = character in text
        return all(self._has[character] for character in key) and text.find(key, 0, end) >= 0
