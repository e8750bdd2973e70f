"""A chat gets the message's text, and a salt of its own where requests are to be cold."""

from __future__ import annotations

import asyncio
from array import array
from typing import Any

from recallbench.domain import AnswerBudget, Completion, Prompt, TextSlice, whole_tokens
from recallbench.engines.chat_engine import ChatEngine, chat_extras
from recallbench.engines.openai_client import OpenAIClient
from support.loopback import Loopback, Reply, loopback

SOURCE = "A haystack with a key in it. What is the key?"
PROMPT = Prompt(
    tokens=(whole_tokens(array("I", [1, 2])),),
    head="<user>",
    message=(
        TextSlice(source=SOURCE, start=0, end=28),
        TextSlice(source=SOURCE, start=28, end=len(SOURCE)),
    ),
    tail="<answer>",
    needle_span=(0, 1),
    achieved_depth=0.0,
    key="x",
)


def talk(server: Loopback, count: int, *, is_cold: bool = False) -> list[Completion]:
    async def run() -> list[Completion]:
        client = OpenAIClient(server.base_url, api_key=None, timeout_s=30)
        extras = chat_extras(thinking=False)
        engine = ChatEngine(client, model="m", extras=extras, is_cold=is_cold)
        try:
            return [
                await engine.complete(PROMPT, AnswerBudget(answer_tokens=16)) for _ in range(count)
            ]
        finally:
            await engine.aclose()

    return asyncio.run(run())


def says(message: dict[str, Any]) -> Reply:
    return Reply(body={"choices": [{"message": message, "finish_reason": "stop"}]})


def bodies(count: int, **options: Any) -> list[dict[str, Any]]:
    with loopback(lambda _path, _body: says({"content": "x"})) as server:
        talk(server, count, **options)
    return [body for _, body in server.requests]


def test_the_message_goes_without_the_template_around_it() -> None:
    (body,) = bodies(1)

    assert body["messages"] == [{"role": "user", "content": SOURCE}]
    assert body["max_tokens"] == 16
    assert body["chat_template_kwargs"] == {"enable_thinking": False, "thinking": False}


def test_a_thought_is_kept_apart_from_the_answer() -> None:
    message = {"content": "73914206", "reasoning": "The key was named."}
    with loopback(lambda _path, _body: says(message)) as server:
        (answer,) = talk(server, 1)

    assert (answer.text, answer.reasoning) == ("73914206", "The key was named.")


def test_a_cold_chat_salts_each_request_anew_and_another_none() -> None:
    salts = [body["cache_salt"] for body in bodies(3, is_cold=True)]

    assert len(set(salts)) == 3
    assert "cache_salt" not in bodies(1)[0]
