"""Every way a server can fail has one of our errors, and none of them is an answer."""

from __future__ import annotations

import asyncio
import inspect
import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import openai
import pytest

from recallbench.engines.openai_client import Exchange, OpenAIClient
from recallbench.engines.request_body import RequestBody
from recallbench.errors import (
    ContextOverflowError,
    EngineError,
    EngineLostError,
    RecallbenchError,
    RequestError,
    RetryableRequestError,
)
from support.loopback import Loopback, Reply, completion, loopback

KEY = "sk-very-secret-key"
TOO_LONG = {
    "vllm 0.32": "This model's maximum context length is 2048 tokens. However, your prompt "
    "contains 3000 input tokens",
    "vllm, no room left": "max_tokens must be at least 1, got 0",
    "openai": "Your input exceeds the context_length_exceeded limit",
    "llama.cpp": "the request exceeds the available context size",
}


def ask(server: Loopback, *, key: str | None = None, timeout_s: float = 30) -> Exchange:
    async def asked() -> Exchange:
        client = OpenAIClient(server.base_url, api_key=key, timeout_s=timeout_s)
        try:
            return await client.ask("/completions", b'{"prompt": [1, 2, 3]}')
        finally:
            await client.aclose()

    return asyncio.run(asked())


def failure(reply: Reply, **options: Any) -> RecallbenchError:
    with loopback(lambda _path, _body: reply) as server, pytest.raises(RecallbenchError) as caught:
        ask(server, **options)
    return caught.value


def test_a_sound_response_is_read() -> None:
    usage = {
        "prompt_tokens": 3,
        "completion_tokens": 4,
        "prompt_tokens_details": {"cached_tokens": 2},
    }
    with loopback(lambda _path, _body: Reply(body=completion(usage=usage))) as server:
        exchange = ask(server)

    assert exchange.response.choices[0].text == " 73914206."
    assert exchange.response.usage is not None
    assert exchange.response.usage.prompt_tokens_details is not None
    assert exchange.response.usage.prompt_tokens_details.cached_tokens == 2
    assert exchange.response.system_fingerprint == "loopback"
    assert exchange.latency_s > 0
    assert server.requests == [("/v1/completions", {"prompt": [1, 2, 3]})]


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, RequestError),
        (401, EngineError),
        (403, EngineError),
        (404, EngineError),
        (408, RetryableRequestError),
        (409, RetryableRequestError),
        (422, RequestError),
        (429, RetryableRequestError),
        (500, RetryableRequestError),
        (503, RetryableRequestError),
    ],
)
def test_each_status_has_its_error(status: int, kind: type[RecallbenchError]) -> None:
    error = failure(Reply(status=status, body={"error": {"message": "the server's words"}}))

    assert type(error) is kind
    assert f"HTTP {status}" in str(error)
    assert "the server's words" in str(error)


@pytest.mark.parametrize("message", TOO_LONG.values(), ids=TOO_LONG)
def test_a_refused_length_is_an_overflow(message: str) -> None:
    error = failure(Reply(status=400, body={"error": {"message": message}}))

    assert type(error) is ContextOverflowError


def test_the_words_of_servers_with_another_error_form_are_shown() -> None:
    error = failure(Reply(status=400, body={"detail": "prompt must be a string."}))

    assert "prompt must be a string." in str(error)


def test_a_broken_connection_may_be_tried_again() -> None:
    assert type(failure(Reply(hang_up=True))) is RetryableRequestError


@pytest.mark.parametrize(
    "body", [b"<html>", {}, {"choices": []}, {"choices": [{"text": 3}]}, [1]], ids=str
)
def test_a_response_in_another_form_is_no_answer(body: object) -> None:
    assert type(failure(Reply(body=body))) is RequestError


def test_a_key_that_the_server_echoes_is_not_shown() -> None:
    echo = {"error": {"message": f"Incorrect API key provided: {KEY}"}}
    error = failure(Reply(status=401, body=echo), key=KEY)

    assert KEY not in str(error)
    assert "***" in str(error)


def test_the_key_is_sent_as_bearer() -> None:
    with loopback(lambda _path, _body: Reply(body=completion())) as server:
        ask(server, key=KEY)

    assert server.keys == [f"Bearer {KEY}"]


def test_every_error_of_the_openai_package_has_one_of_ours() -> None:
    """They all come of the one class that is caught; webhooks are not used."""
    strangers = {
        name
        for name, kind in inspect.getmembers(openai, inspect.isclass)
        if issubclass(kind, Exception) and not issubclass(kind, openai.OpenAIError)
    }

    assert strangers <= {"InvalidWebhookSignatureError"}


def check(base_url: str) -> None:
    async def checked() -> None:
        client = OpenAIClient(base_url, api_key=None, timeout_s=30)
        try:
            await client.check()
        finally:
            await client.aclose()

    asyncio.run(checked())


LONG_BODY = RequestBody([b'{"prompt":"', b"x" * 20_000_000, b'"}'])
Converse = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def ask_raw(converse: Converse, body: RequestBody, times: int = 1) -> list[Exchange]:
    """Ask a server that speaks bytes, one request after the other."""
    talks: list[asyncio.Task[Any] | None] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talks.append(asyncio.current_task())
        with suppress(asyncio.IncompleteReadError, ConnectionError):  # the client closed
            await converse(reader, writer)
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()

    async def asked() -> list[Exchange]:
        server = await asyncio.start_server(talk, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        client = OpenAIClient(f"http://127.0.0.1:{port}/v1", api_key=None, timeout_s=30)
        try:
            return [await client.ask("/completions", body) for _ in range(times)]
        finally:
            await client.aclose()
            server.close()
            await asyncio.gather(*filter(None, talks))

    return asyncio.run(asked())


def test_a_body_in_parts_goes_out_whole_with_its_length_and_over_one_connection() -> None:
    """Without a length it would be sent as chunks, which not every server reads."""
    body = RequestBody([b'{"prompt":', b"[1,2,", memoryview(b"3]"), b"}"])
    came: list[tuple[int, bytes, bytes]] = []
    connections = 0

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            length = int(head.split(b"content-length: ")[1].split(b"\r\n")[0])
            came.append((length, await reader.readexactly(length), head))
            answer = json.dumps(completion()).encode()
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % len(answer))
            writer.write(answer)

    ask_raw(converse, body, times=3)

    assert [(length, content) for length, content, _ in came] == [(18, b'{"prompt":[1,2,3]}')] * 3
    assert all(b"transfer-encoding" not in head for _, _, head in came)
    assert connections == 1


def test_a_connection_that_breaks_while_a_body_goes_out_may_be_tried_again() -> None:
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(10_000)
        writer.transport.abort()

    with pytest.raises(RetryableRequestError, match="no connection"):
        ask_raw(hang_up, LONG_BODY)


def test_a_refusal_before_the_body_is_through_is_read() -> None:
    words = b'{"error":{"message":"maximum context length is 2048 tokens"}}'

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 400 Bad Request\r\ncontent-length: %d\r\n\r\n" % len(words))
        writer.write(words)
        await writer.drain()
        await reader.readexactly(LONG_BODY.length_bytes)

    with pytest.raises(ContextOverflowError, match="2048"):
        ask_raw(refuse, LONG_BODY)


def test_a_server_that_says_it_is_unhealthy_is_lost() -> None:
    with (
        loopback(lambda _path, _body: Reply(status=503, body={})) as server,
        pytest.raises(EngineLostError, match="unhealthy"),
    ):
        check(server.base_url)


def test_a_server_without_a_health_page_is_not_lost() -> None:
    with loopback(lambda _path, _body: Reply(status=404, body={})) as server:
        check(server.base_url)

    assert server.requests[0][0] == "/health"


def test_a_server_that_is_gone_is_lost() -> None:
    with loopback(lambda _path, _body: Reply()) as server:
        pass

    with pytest.raises(EngineLostError, match="no connection"):
        check(server.base_url)
