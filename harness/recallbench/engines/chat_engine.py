"""The engine port on ``/v1/chat/completions``, for servers that take no token ids.

The message's text is exact for the local template and tokenizer. How many tokens the server adds or
leaves out (a system prompt of its own, say) is measured before the run, so that its own count is
the asked length; every response is held against it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from recallbench.domain import AnswerBudget, Completion, Prompt
from recallbench.engines.completions_engine import GREEDY, completion_of, fresh_salt
from recallbench.engines.openai_client import Exchange, OpenAIClient


def chat_extras(*, thinking: bool) -> dict[str, Any]:
    """Fields that vLLM knows and other servers may refuse: penalty and template switches."""
    switches = {"enable_thinking": thinking, "thinking": thinking}
    return {"repetition_penalty": 1.0, "chat_template_kwargs": switches}


class ChatEngine:
    """Sends one user message a request."""

    def __init__(
        self, client: OpenAIClient, *, model: str, extras: Mapping[str, Any], is_cold: bool = False
    ) -> None:
        """Ask with the extra fields that the server takes.

        Args:
            client: speaks with the server.
            model: name to give in requests.
            extras: those of ``chat_extras`` that the server takes.
            is_cold: whether no request may use what the server cached of another.
        """
        self._client = client
        self._fixed: dict[str, Any] = {"model": model, **GREEDY, **extras}
        self._is_cold = is_cold

    async def complete(self, prompt: Prompt, budget: AnswerBudget) -> Completion:
        """Complete one prompt; see the port."""
        exchange = await self.ask(prompt.message_text, budget.total_tokens)
        message = exchange.response.choices[0].message
        if message is None:
            return completion_of(exchange, exchange.response.choices[0].text or "", None)
        reasoning = message.reasoning or message.reasoning_content
        return completion_of(exchange, message.content or "", reasoning)

    async def ask(self, message: str, max_tokens: int) -> Exchange:
        """Send one message; same errors as the client's."""
        chat = [{"role": "user", "content": message}]
        salt = fresh_salt() if self._is_cold else {}
        body = {**self._fixed, **salt, "messages": chat, "max_tokens": max_tokens}
        return await self._client.ask("/chat/completions", msgspec.json.encode(body))

    async def check(self) -> None:
        """Raise EngineLostError if the server is gone."""
        await self._client.check()

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()
