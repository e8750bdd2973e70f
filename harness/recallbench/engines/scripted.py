"""An engine that answers from a script: to test the runner, or try a suite without a model."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from recallbench.domain import AnswerBudget, Completion, Prompt
from recallbench.errors import EngineLostError

Script = Callable[[Prompt, int], Completion]
"""Gives the completion of a prompt, or raises; the number counts requests from 0."""


class ScriptedEngine:
    """Answers each prompt with what its script says."""

    def __init__(self, script: Script) -> None:
        """Begin at request 0."""
        self._script = script
        self.requests = 0
        """Requests answered or refused so far."""
        self.is_closed = False
        """Whether ``aclose`` was called."""
        self.is_lost = False
        """Set by a script to make the engine look dead."""

    async def complete(self, prompt: Prompt, budget: AnswerBudget) -> Completion:
        """The scripted completion; gives way to others first, as every real engine does."""
        del budget
        self.requests += 1
        number = self.requests - 1
        await asyncio.sleep(0)
        return self._script(prompt, number)

    async def check(self) -> None:
        """Raise EngineLostError if the script declared the engine lost."""
        if self.is_lost:
            raise EngineLostError("scripted engine: lost")

    async def aclose(self) -> None:
        """Remember being closed."""
        self.is_closed = True


def perfect_recall(prompt: Prompt, request: int) -> Completion:
    """Answers with the key: every trial recalls."""
    del request
    return answer(prompt, f"The pass key is {prompt.key}.")


def no_recall(prompt: Prompt, request: int) -> Completion:
    """Answers without the key: every trial misses."""
    del request
    return answer(prompt, "I do not know.")


def answer(prompt: Prompt, text: str, finish_reason: str = "stop") -> Completion:
    """A completion with counts as an honest server gives them."""
    return Completion(
        text=text,
        finish_reason=finish_reason,
        prompt_tokens=len(prompt.token_ids),
        completion_tokens=len(text.split()),
        cached_tokens=0,
        fingerprint="scripted",
    )
