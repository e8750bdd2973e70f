"""The engine port on ``/v1/completions`` with token ids: what is sent is what the model reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4
from weakref import WeakSet

import msgspec

from recallbench.domain import AnswerBudget, Completion, Prompt, Tokenizer, TokenStock
from recallbench.engines.openai_client import Choice, Exchange, OpenAIClient
from recallbench.engines.request_body import RequestBody
from recallbench.engines.token_json import LONG_TOKENS, JsonPart, count_ids, json_of, same_ids
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
_TOKEN_IDS = "return_token_ids"  # noqa: S105 - a field's name
COMPLETION_EXTRAS: dict[str, Any] = {"repetition_penalty": 1.0, _TOKEN_IDS: True}
"""Fields that vLLM knows and other servers may refuse."""
_UNLIKE_CHARS = 16
"""By which a server's text may be longer than that of its ids: special tokens, broken characters. A
prompt told in it is longer by far."""
SALT = "cache_salt"
"""vLLM's field by which a request finds only those cached blocks that were made with the same."""


def fresh_salt() -> dict[str, str]:
    """The field with a value that no other request has, of this run or of another."""
    return {SALT: uuid4().hex}


class CompletionsEngine:
    """Sends token ids; one prompt a request."""

    def __init__(
        self,
        client: OpenAIClient,
        tokenizer: Tokenizer,
        *,
        model: str,
        extras: Mapping[str, Any] = COMPLETION_EXTRAS,
        is_cold: bool = False,
    ) -> None:
        """Ask with the extra fields that the server takes.

        Args:
            client: speaks with the server.
            tokenizer: decodes answers.
            model: name to give in requests.
            extras: those of COMPLETION_EXTRAS that the server takes.
            is_cold: whether no request may use what the server cached of another.
        """
        self._client = client
        self._tokenizer = tokenizer
        self._fixed = {"model": model, **GREEDY, **extras}
        self._is_cold = is_cold
        self._proven: WeakSet[TokenStock] = WeakSet()

    @property
    def base_url(self) -> str:
        """Of the server's API."""
        return self._client.base_url

    async def complete(self, prompt: Prompt, budget: AnswerBudget) -> Completion:
        """Complete one prompt; see the port.

        The ids are asked back until the server has once read a prompt of the same haystack as it
        was sent: to write out 128K ids for each answer takes the server longer than to answer.
        """
        sent = json_of(prompt.tokens)
        stocks = {part.stock for part in prompt.tokens if len(part) >= LONG_TOKENS}
        is_proven = bool(stocks) and all(stock in self._proven for stock in stocks)
        exchange = await self.ask(sent, budget.total_tokens, with_ids=not is_proven)
        returned = exchange.response.returned_ids
        if returned is not None and not same_ids(returned, sent):
            raise RequestError(
                "the server read other token ids than were sent "
                f"({count_ids(returned):,} for {prompt.length_tokens:,})"
            )
        choice = exchange.response.choices[0]
        text = self._text(choice)
        is_clean = len(choice.text or "") <= len(text) + _UNLIKE_CHARS
        if returned is not None and choice.token_ids is not None and is_clean:
            self._proven.update(stocks)
        return completion_of(exchange, text, None)

    async def ask(
        self, token_ids: Sequence[JsonPart], max_tokens: int, *, with_ids: bool = True
    ) -> Exchange:
        """Send token ids, as ``json_of`` has them; same errors as the client's.

        Args:
            token_ids: the prompt.
            max_tokens: to generate.
            with_ids: whether the server is to tell which ids it read and wrote, if it can.
        """
        body = self._body(token_ids, max_tokens, with_ids=with_ids)
        return await self._client.ask("/completions", body)

    def _body(
        self, token_ids: Sequence[JsonPart], max_tokens: int, *, with_ids: bool
    ) -> RequestBody:
        salt = fresh_salt() if self._is_cold else {}
        fixed = self._fixed
        if not with_ids:
            fixed = {name: value for name, value in fixed.items() if name != _TOKEN_IDS}
        fields = msgspec.json.encode({**fixed, **salt, "max_tokens": max_tokens})
        return RequestBody([fields[:-1], b',"prompt":', *token_ids, b"}"])

    async def check(self) -> None:
        """Raise EngineLostError if the server is gone."""
        await self._client.check()

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    def _text(self, choice: Choice) -> str:
        """Text from the returned ids where there are any.

        With ids as prompt, vLLM's ``text`` can hold the whole prompt, key included (vllm #48853),
        where the prompt's end splits a character; all prompts of a run end alike, and the server's
        text is only taken after it was once no longer than that of its ids.
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
