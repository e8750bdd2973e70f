"""What an engine is asked to generate, and what it gave back."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerBudget:
    """How many tokens a model may generate."""

    answer_tokens: int
    """For the answer itself."""
    thinking_tokens: int = 0
    """For the thought before it; 0 where thinking is off."""

    @property
    def total_tokens(self) -> int:
        """Upper bound on generated tokens, sent as ``max_tokens``."""
        return self.answer_tokens + self.thinking_tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """One response, checked for shape by the adapter and not yet scored."""

    text: str
    """Generated text; decoded from ``token_ids`` where the server gave them."""
    finish_reason: str | None
    """As the server gave it."""
    prompt_tokens: int | None
    """Prompt length as the server counted it."""
    completion_tokens: int | None
    """Generated tokens as the server counted them."""
    cached_tokens: int | None = None
    """Prompt tokens taken from the prefix cache; None where the server does not say."""
    reasoning: str | None = None
    """The thought, where the server's reasoning parser split it off."""
    fingerprint: str | None = None
    """The server's ``system_fingerprint``."""
    latency_s: float = 0.0
    """From sending the request to the whole response."""
    attempts: int = 1
    """Requests it took."""
