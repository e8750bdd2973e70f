"""The engine port on ``/v1/completions`` with token ids: what is sent is what the model reads."""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from typing import Any

import msgspec

from recallbench.domain import AnswerBudget, Completion, Prompt, Tokenizer
from recallbench.engines.openai_client import Choice, Exchange, OpenAIClient
from recallbench.errors import RequestError

GREEDY: dict[str, Any] = {
    "temperature": 0,
    "top_p": 1,
    "n": 1,
    "presence_penalty": 0,
    "frequency_penalty": 0,
    "stream": False,
}
# temperature 0 does not reset a repetition_penalty from generation_config.json, which would punish
# the very digits that are asked for. Source: vllm 0.32 sampling_params.py.
COMPLETION_EXTRAS: dict[str, Any] = {"repetition_penalty": 1.0, "return_token_ids": True}
"""Fields that vLLM knows and other servers may refuse."""


class CompletionsEngine:
    """Sends token ids; one prompt a request."""

    def __init__(
        self,
        client: OpenAIClient,
        tokenizer: Tokenizer,
        *,
        model: str,
        extras: Mapping[str, Any] = COMPLETION_EXTRAS,
    ) -> None:
        """``extras`` are those of COMPLETION_EXTRAS that the server takes."""
        self._client = client
        self._tokenizer = tokenizer
        self._fixed = {"model": model, **GREEDY, **extras}

    async def complete(self, prompt: Prompt, budget: AnswerBudget) -> Completion:
        """Complete one prompt; see the port."""
        ids = prompt.token_ids
        exchange = await self.ask(ids, budget.total_tokens)
        choice = exchange.response.choices[0]
        returned = choice.prompt_token_ids or exchange.response.prompt_token_ids
        if returned is not None and array("I", returned) != ids:
            raise RequestError(
                "the server read other token ids than were sent "
                f"({len(returned):,} for {len(ids):,})"
            )
        return completion_of(exchange, self._text(choice), None)

    async def ask(self, token_ids: array[int], max_tokens: int) -> Exchange:
        """Send token ids; same errors as the client's."""
        return await self._client.ask("/completions", self._body(token_ids, max_tokens))

    def _body(self, token_ids: array[int], max_tokens: int) -> bytes:
        body = {**self._fixed, "prompt": token_ids.tolist(), "max_tokens": max_tokens}
        return msgspec.json.encode(body)

    async def check(self) -> None:
        """Raise EngineLostError if the server is gone."""
        await self._client.check()

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    def _text(self, choice: Choice) -> str:
        """Text from the returned ids where there are any.

        With ids as prompt, vLLM's ``text`` can hold the whole prompt, key included (vllm #48853).
        """
        if choice.token_ids is not None:
            return self._tokenizer.decode(choice.token_ids)
        return choice.text or ""


def completion_of(exchange: Exchange, text: str, reasoning: str | None) -> Completion:
    """The domain's completion from a response."""
    response = exchange.response
    usage = response.usage
    details = usage.prompt_tokens_details if usage else None
    return Completion(
        text=text,
        reasoning=reasoning,
        finish_reason=response.choices[0].finish_reason,
        prompt_tokens=usage.prompt_tokens if usage else None,
        completion_tokens=usage.completion_tokens if usage else None,
        cached_tokens=details.cached_tokens if details else None,
        fingerprint=response.system_fingerprint,
        latency_s=exchange.latency_s,
    )
