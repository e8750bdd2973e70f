"""Finds out how a standing server wants to be asked, and whether its tokenizer is ours."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from recallbench.domain import Engine, Tokenizer, whole_tokens
from recallbench.engines.chat_engine import ChatEngine, chat_extras
from recallbench.engines.completions_engine import (
    COMPLETION_EXTRAS,
    SALT,
    CompletionsEngine,
    fresh_salt,
)
from recallbench.engines.openai_client import Exchange, OpenAIClient
from recallbench.engines.token_json import json_of
from recallbench.errors import (
    EngineError,
    EngineLostError,
    EngineStartError,
    RequestError,
    RetryableRequestError,
)

_SHORT = "Good morning."
_LONG = (
    "On Thursday, 14 March, the ferry left at 08:45 with 212 passengers; it's said that nobody "
    "noticed the fog. \u00bfQu\u00e9 pas\u00f3? Na\u00efve caf\u00e9 owners (two of them) "
    "waited\u2026 and then the bells rang, twice!"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointRequest:
    """How an endpoint is to be asked."""

    api: str
    """``auto``, ``completions`` or ``chat``."""
    thinking: bool
    """Whether the model may think."""
    begun_answer: bool
    """Whether prompts end with a begun answer, which chats cannot."""
    is_cold: bool = False
    """Whether no request may use what the server cached of another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """A server that can be asked, and what it said of itself."""

    engine: Engine
    """Ready to complete prompts."""
    api: str
    """``completions`` or ``chat``."""
    extra_tokens: int
    """Tokens the server counts beyond the local template's, the same for every message."""
    notes: tuple[str, ...]
    """What a user should know, in words."""
    fingerprint: str | None = None
    """The server's ``system_fingerprint``, where it has one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """What a server says of itself before it is asked anything."""

    model: str
    """Name to give in requests."""
    root: str | None
    """Folder or hub id it was loaded from, where the server tells (vLLM does)."""
    max_model_len: int | None
    """Context length in tokens, where the server tells."""
    version: str | None
    """Its version, where the server tells."""


class LocalCounter:
    """Counts a chat message's tokens as the local template and tokenizer make them."""

    def __init__(self, tokenizer: Tokenizer, head: str, tail: str) -> None:
        """``head`` and ``tail`` are the chat template around the message."""
        self.tokenizer = tokenizer
        self._head = head
        self._tail = tail

    def count(self, message: str) -> int:
        """Tokens of the whole rendered chat."""
        return len(self.tokenizer.encode(self._head + message + self._tail, at_start=True).ids)


async def connect(
    client: OpenAIClient, served: Served, request: EndpointRequest, local: LocalCounter
) -> Endpoint:
    """Choose the API, find out which fields the server takes, hold its tokenizer against ours.

    Raises:
        EngineError: it cannot be reached or refuses every way of asking, its tokenizer is another
            one, or the suite wants what it or its API cannot do.
    """
    if request.api == "chat":
        return await _by_chat(client, served, request, local, "not asked to")
    try:
        return await _by_completions(client, served, request, local)
    except EngineStartError:
        raise
    except (RequestError, EngineError) as error:
        if request.api == "completions":
            raise EngineStartError(
                f"endpoint {client.base_url}: takes no token ids: {error}"
            ) from error
        return await _by_chat(client, served, request, local, str(error))


async def _accepted(
    extras: Mapping[str, Any], ask: Callable[[Mapping[str, Any]], Awaitable[Exchange]]
) -> tuple[dict[str, Any], Exchange]:
    """Those of the extra fields that a server takes, and its answer with them."""
    try:
        return dict(extras), await ask(extras)
    except RetryableRequestError:
        raise
    except RequestError:
        bare = await ask({})
    taken: dict[str, Any] = {}
    for name, value in extras.items():
        try:
            bare = await ask({**taken, name: value})
        except RequestError:
            continue
        taken[name] = value
    return taken, bare


def _wanted(extras: Mapping[str, Any], request: EndpointRequest) -> dict[str, Any]:
    """The extra fields to try, the salt among them where requests are to be cold."""
    return {**extras, **fresh_salt()} if request.is_cold else dict(extras)


def _hold_cold(client: OpenAIClient, request: EndpointRequest, taken: Mapping[str, Any]) -> None:
    """Refuse a server that takes no salt where requests are to be cold."""
    if request.is_cold and SALT not in taken:
        raise EngineStartError(
            f"endpoint {client.base_url}: cannot be asked cold, as it refuses {SALT}, which keeps "
            "requests from using each other's cached tokens; set engine.cache: shared, and start "
            "the server with --no-enable-prefix-caching to have it cold all the same"
        )


def _refused_notes(extras: Mapping[str, Any], taken: Mapping[str, Any]) -> list[str]:
    consequences = {
        "repetition_penalty": "a penalty of the model's generation config stays in force",
        "return_token_ids": "answers are scored from the server's own text",
        "chat_template_kwargs": "thinking is whatever the server does by itself",
    }
    return [
        f"the server refuses {name}: {consequences[name]}" for name in extras if name not in taken
    ]


async def served_by(client: OpenAIClient, names: Collection[str]) -> Served:
    """Ask a server which model it serves.

    Args:
        client: speaks with the server.
        names: names the model may go by, served or loaded from; empty takes the first one served.

    Raises:
        EngineStartError: it cannot be reached, serves none of ``names``, or does not tell and none
            is given.
        EngineError: it refuses the key.
    """
    try:
        await client.check()
    except EngineLostError as error:
        raise EngineStartError(f"endpoint {error}") from error
    entries: list[dict[str, Any]] = []
    problem = "it lists no model"
    try:
        entries = list((await client.get("/models")).get("data") or [])
    except RequestError as error:
        problem = str(error)
    entry = next((e for e in entries if not names or set(names) & {e.get("id"), e.get("root")}), {})
    if entries and not entry:
        offered = ", ".join(str(entry.get("id")) for entry in entries)
        raise EngineStartError(
            f"endpoint {client.base_url}: no model {' or '.join(sorted(names))}; "
            f"it serves {offered}"
        )
    name = entry.get("id") or next(iter(names), None)
    if not isinstance(name, str):
        raise EngineStartError(
            f"endpoint {client.base_url}: cannot tell which model it serves ({problem}); name it "
            "with --model or endpoint.model"
        )
    length, root = entry.get("max_model_len"), entry.get("root")
    return Served(
        model=name,
        root=root if isinstance(root, str) else None,
        max_model_len=length if isinstance(length, int) else None,
        version=await _version(client),
    )


async def _version(client: OpenAIClient) -> str | None:
    try:
        version = (await client.get(client.root + "/version")).get("version")
    except (RequestError, EngineError):
        return None
    return str(version) if version else None


async def _by_completions(
    client: OpenAIClient, served: Served, request: EndpointRequest, local: LocalCounter
) -> Endpoint:
    ids = local.tokenizer.encode(_SHORT, at_start=True).ids
    sent = json_of([whole_tokens(ids)])

    def engine(extras: Mapping[str, Any]) -> CompletionsEngine:
        return CompletionsEngine(
            client, local.tokenizer, model=served.model, extras=extras, is_cold=SALT in extras
        )

    wanted = _wanted(COMPLETION_EXTRAS, request)
    taken, exchange = await _accepted(wanted, lambda extras: engine(extras).ask(sent, 1))
    counted = exchange.response.usage.prompt_tokens if exchange.response.usage else None
    if counted != len(ids):
        raise RequestError(f"{len(ids)} token ids sent, {counted} counted by the server")
    _hold_cold(client, request, taken)
    notes = _refused_notes(wanted, taken)
    notes += await _tokenizer_notes(client, served, local)
    return Endpoint(
        engine=engine(taken),
        api="completions",
        extra_tokens=0,
        notes=tuple(notes),
        fingerprint=exchange.response.system_fingerprint,
    )


async def _tokenizer_notes(client: OpenAIClient, served: Served, local: LocalCounter) -> list[str]:
    """Compare tokenizers through vLLM's ``/tokenize`` where the server has it."""
    ours = local.tokenizer.encode(_LONG).ids.tolist()
    body = {"model": served.model, "prompt": _LONG, "add_special_tokens": False}
    try:
        theirs = (await client.post_root("/tokenize", body)).get("tokens")
    except (RequestError, EngineError):
        return ["tokenizer unverified: the server has no /tokenize to compare with"]
    if theirs != ours:
        raise EngineStartError(
            f"endpoint {client.base_url}: its tokenizer is another one than the local ({theirs} "
            f"for {ours}); name the served model's own with --tokenizer"
        )
    return []


async def _by_chat(
    client: OpenAIClient,
    served: Served,
    request: EndpointRequest,
    local: LocalCounter,
    refusal: str,
) -> Endpoint:
    if request.begun_answer:
        raise EngineStartError(
            f"endpoint {client.base_url}: the suite begins the answer (prompt.answer_prefix), and "
            f"this server takes no token ids ({refusal}); set prompt.answer_prefix to an empty text"
        )
    wanted = _wanted(chat_extras(thinking=request.thinking), request)

    def engine(extras: Mapping[str, Any]) -> ChatEngine:
        return ChatEngine(client, model=served.model, extras=extras, is_cold=SALT in extras)

    try:
        taken, exchange = await _accepted(wanted, lambda extras: engine(extras).ask(_SHORT, 1))
    except RequestError as error:
        raise EngineStartError(
            f"endpoint: takes neither token ids nor chat messages: {error}"
        ) from error
    _hold_cold(client, request, taken)
    extra_tokens = await _extra_tokens(engine(taken), client, local)
    notes = [
        f"asked by chat messages, not by token ids ({refusal})",
        *_refused_notes(wanted, taken),
    ]
    if extra_tokens:
        notes.append(f"the server counts {extra_tokens:+d} tokens over the local chat template")
    return Endpoint(
        engine=engine(taken),
        api="chat",
        extra_tokens=extra_tokens,
        notes=tuple(notes),
        fingerprint=exchange.response.system_fingerprint,
    )


async def _extra_tokens(engine: ChatEngine, client: OpenAIClient, local: LocalCounter) -> int:
    """Server's count minus ours, which must be the same for a short and a long message."""
    differences = []
    for message in (_SHORT, _LONG):
        usage = (await engine.ask(message, 1)).response.usage
        if usage is None or usage.prompt_tokens is None:
            raise EngineStartError(
                f"endpoint {client.base_url}: reports no usage.prompt_tokens, so that prompt "
                "lengths cannot be checked"
            )
        differences.append(usage.prompt_tokens - local.count(message))
    if len(set(differences)) > 1:
        raise EngineStartError(
            f"endpoint {client.base_url}: counts {differences[0]:+d} tokens over ours for a short "
            f"message and {differences[1]:+d} for a long one: its tokenizer is another one; name "
            "the served model's own with --tokenizer"
        )
    return differences[0]
