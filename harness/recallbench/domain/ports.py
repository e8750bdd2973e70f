"""The two ports of the core: what it needs of a tokenizer and of an engine."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from recallbench.domain.completion import AnswerBudget, Completion
from recallbench.domain.prompt import Prompt


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoding:
    """A text as tokens, with the characters each token stands for."""

    ids: array[int]
    """Token ids, shape (n_tokens,), typecode ``I``."""
    starts: array[int]
    """First character of each token, shape (n_tokens,), typecode ``I``."""
    ends: array[int]
    """One past the last character of each token, shape (n_tokens,), typecode ``I``.

    Tokens that share one character (bytes of an emoji) carry that character's whole span each.
    """


class Tokenizer(Protocol):
    """Text to token ids and back, exactly as the served model's tokenizer does it."""

    def encode(self, text: str, *, at_start: bool = False) -> Encoding:
        """Tokens of ``text``; with ``at_start`` as the beginning of a prompt (BOS included)."""
        ...

    def decode(self, token_ids: Sequence[int]) -> str:
        """The text of ``token_ids``, special tokens left out."""
        ...


class Engine(Protocol):
    """Something that completes prompts: a vLLM server, an endpoint, a script."""

    async def complete(self, prompt: Prompt, budget: AnswerBudget) -> Completion:
        """Complete one prompt greedily.

        Raises:
            RequestError: this request failed for good; its subclasses say how.
            EngineLostError: the engine is gone, further requests are pointless.
        """
        ...

    async def check(self) -> None:
        """Look for signs of life after a failed request.

        Raises:
            EngineLostError: the engine is gone.
        """
        ...

    async def aclose(self) -> None:
        """Free what the engine holds; safe to call twice."""
        ...
