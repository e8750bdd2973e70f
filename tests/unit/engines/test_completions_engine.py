"""The server gets the prompt's ids and nothing else, and is held to have read them."""

from __future__ import annotations

import asyncio
import json
import re
from array import array
from collections.abc import Callable
from typing import Any

import pytest

from recallbench.domain import (
    AnswerBudget,
    Completion,
    Prompt,
    TokenSlice,
    TokenStock,
    whole_tokens,
)
from recallbench.engines.completions_engine import CompletionsEngine
from recallbench.engines.openai_client import OpenAIClient
from recallbench.engines.request_body import PIECE_BYTES
from recallbench.errors import RequestError
from support.loopback import Answer, Loopback, Reply, completion, loopback
from support.word_tokenizer import WordTokenizer

STOCK = TokenStock(array("I", range(100_000, 160_000)))
HAYSTACK = (
    TokenSlice(stock=STOCK, start=3, end=30_000),
    whole_tokens(array("I", [7, 8, 9])),
    TokenSlice(stock=STOCK, start=30_000, end=59_000),
)
TAKEN = re.compile(r"[^@/\\\0]{1,128}")
"""Salts that vLLM takes. Source: vllm 0.32 entrypoints/generate/base/protocol.py."""


def prompt_of(*tokens: TokenSlice) -> Prompt:
    return Prompt(
        tokens=tokens,
        head="",
        message=(),
        tail="",
        needle_span=(0, 1),
        achieved_depth=0.0,
        key="x",
    )


SHORT = prompt_of(whole_tokens(array("I", [1, 2])), whole_tokens(array("I", [3])))


def asked(
    server: Loopback, *prompts: Prompt, tokenizer: WordTokenizer | None = None, **options: Any
) -> list[Completion]:
    """One prompt after the other, over one client."""

    async def run() -> list[Completion]:
        client = OpenAIClient(server.base_url, api_key=None, timeout_s=30)
        engine = CompletionsEngine(client, tokenizer or WordTokenizer(), model="m", **options)
        budget = AnswerBudget(answer_tokens=16)
        try:
            return [await engine.complete(prompt, budget) for prompt in prompts]
        finally:
            await engine.aclose()

    return asyncio.run(run())


def bodies(answer: Answer, *prompts: Prompt, **options: Any) -> list[dict[str, Any]]:
    with loopback(answer) as server:
        asked(server, *prompts, **options)
    return [body for _, body in server.requests]


def plain(_path: str, _body: dict[str, Any]) -> Reply:
    return Reply(body=completion())


def echo(
    form: Callable[[Any], bytes], *, in_choice: bool, returned: list[int] | None = None
) -> Answer:
    """A server that tells which ids it has read, those of the prompt if no others."""

    def answer(_path: str, body: dict[str, Any]) -> Reply:
        told = {"prompt_token_ids": body["prompt"] if returned is None else returned}
        choice = {"text": "x", "finish_reason": "stop", **(told if in_choice else {})}
        return Reply(body=form({"choices": [choice], **({} if in_choice else told)}))

    return answer


def compact(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def spaced(value: Any) -> bytes:
    return json.dumps(value, indent=2).encode()


def test_the_body_is_the_ids_of_all_slices_and_the_greedy_settings() -> None:
    body, *rest = bodies(plain, prompt_of(*HAYSTACK))

    assert rest == []
    assert body == {
        "model": "m",
        "prompt": [*range(100_003, 130_000), 7, 8, 9, *range(130_000, 159_000)],
        "max_tokens": 16,
        "temperature": 0,
        "top_p": 1,
        "n": 1,
        "presence_penalty": 0,
        "frequency_penalty": 0,
        "stream": False,
        "repetition_penalty": 1.0,
        "return_token_ids": True,
    }
    assert len(compact(body)) > 3 * PIECE_BYTES


def test_the_same_prompt_can_be_asked_again() -> None:
    first, second = bodies(plain, prompt_of(*HAYSTACK), prompt_of(*HAYSTACK))

    assert first == second


@pytest.mark.parametrize("form", [compact, spaced])
@pytest.mark.parametrize("in_choice", [True, False])
def test_ids_that_come_back_as_they_were_sent_are_an_answer(
    form: Callable[[Any], bytes], *, in_choice: bool
) -> None:
    with loopback(echo(form, in_choice=in_choice)) as server:
        answers = asked(server, prompt_of(*HAYSTACK), SHORT)

    assert [answer.text for answer in answers] == ["x", "x"]


@pytest.mark.parametrize("form", [compact, spaced])
@pytest.mark.parametrize("in_choice", [True, False])
@pytest.mark.parametrize("returned", [[1, 2, 4], [1, 2], [1, 2, 3, 4], []], ids=str)
def test_other_ids_that_come_back_are_no_answer(
    form: Callable[[Any], bytes], returned: list[int], *, in_choice: bool
) -> None:
    with (
        loopback(echo(form, in_choice=in_choice, returned=returned)) as server,
        pytest.raises(RequestError, match=rf"other token ids than were sent \({len(returned)} for"),
    ):
        asked(server, SHORT)


def test_a_list_of_something_else_is_no_answer() -> None:
    body = completion(prompt_token_ids=["1", "2", "3"])
    with (
        loopback(lambda _path, _body: Reply(body=body)) as server,
        pytest.raises(RequestError, match="not a list of token ids"),
    ):
        asked(server, SHORT)


@pytest.mark.parametrize("told", [{}, {"prompt_token_ids": None}], ids=str)
def test_a_server_that_does_not_tell_what_it_read_is_believed(told: dict[str, Any]) -> None:
    with loopback(lambda _path, _body: Reply(body=completion(**told))) as server:
        assert asked(server, SHORT)[0].text == " 73914206."


def test_the_answer_is_decoded_from_its_ids() -> None:
    """vLLM #48853: its own text can hold the whole prompt."""
    tokenizer = WordTokenizer()
    ids = tokenizer.encode(" is 73914206.").ids.tolist()
    choice = {"text": "the whole prompt", "finish_reason": "stop", "token_ids": ids}
    with loopback(lambda _path, _body: Reply(body=completion(choices=[choice]))) as server:
        assert asked(server, SHORT, tokenizer=tokenizer)[0].text == " is 73914206."


def test_a_cold_engine_gives_every_request_a_salt_of_its_own() -> None:
    """The same prompt asked again, and another run on the same server, are as cold as the first."""
    sent = [body for _ in range(2) for body in bodies(plain, SHORT, SHORT, is_cold=True)]
    salts = [body["cache_salt"] for body in sent]

    assert len(set(salts)) == 4
    assert all(TAKEN.fullmatch(salt) for salt in salts)


def test_only_a_cold_engine_salts() -> None:
    cold, shared = (bodies(plain, SHORT, is_cold=is_cold)[0] for is_cold in (True, False))

    assert cold.keys() - shared.keys() == {"cache_salt"}


def telling(
    *,
    text: str = " 73914206.",
    tokenizer: WordTokenizer,
    prompt_ids: bool = True,
    token_ids: bool = True,
) -> Answer:
    """vLLM: it tells ids only where they are asked back."""
    ids = tokenizer.encode(" 73914206.").ids.tolist()

    def answer(_path: str, body: dict[str, Any]) -> Reply:
        choice: dict[str, Any] = {"text": text, "finish_reason": "stop"}
        if body.get("return_token_ids"):
            if token_ids:
                choice["token_ids"] = ids
            if prompt_ids:
                choice["prompt_token_ids"] = body["prompt"]
        return Reply(body=completion(choices=[choice]))

    return answer


def asked_back(answer: Answer, tokenizer: WordTokenizer, *prompts: Prompt) -> list[bool]:
    """For each prompt, whether its ids were asked back."""
    told = bodies(answer, *prompts, tokenizer=tokenizer)
    return ["return_token_ids" in body for body in told]


def another_stock() -> Prompt:
    return prompt_of(whole_tokens(array("I", range(200_000, 210_000))))


def test_the_ids_of_a_haystack_that_was_read_as_sent_are_not_asked_back_again() -> None:
    tokenizer = WordTokenizer()
    whole, part = prompt_of(*HAYSTACK), prompt_of(HAYSTACK[0])

    found = asked_back(telling(tokenizer=tokenizer), tokenizer, whole, part, another_stock(), whole)

    assert found == [True, False, True, False]


def test_without_ids_the_answer_is_the_servers_text() -> None:
    tokenizer = WordTokenizer()
    answers: list[Completion] = []
    with loopback(telling(tokenizer=tokenizer, text=" 7391 4206.")) as server:
        answers = asked(server, prompt_of(*HAYSTACK), prompt_of(*HAYSTACK), tokenizer=tokenizer)

    assert [answer.text for answer in answers] == [" 73914206.", " 7391 4206."]


def test_ids_that_come_unasked_are_still_what_the_answer_is_read_from() -> None:
    tokenizer = WordTokenizer()
    ids = tokenizer.encode(" 73914206.").ids.tolist()

    def answer(_path: str, body: dict[str, Any]) -> Reply:
        told = {"token_ids": ids, "prompt_token_ids": body["prompt"]}
        return Reply(body=completion(choices=[{"text": "x", "finish_reason": "stop", **told}]))

    with loopback(answer) as server:
        prompts = (prompt_of(*HAYSTACK), prompt_of(*HAYSTACK))
        answers = asked(server, *prompts, tokenizer=tokenizer)

    assert [answer.text for answer in answers] == [" 73914206."] * 2


def test_a_short_prompts_ids_are_always_asked_back() -> None:
    tokenizer = WordTokenizer()

    assert asked_back(telling(tokenizer=tokenizer), tokenizer, SHORT, SHORT) == [True, True]


@pytest.mark.parametrize(
    "told",
    [{"text": "the whole prompt, and then 73914206."}, {"prompt_ids": False}, {"token_ids": False}],
    ids=str,
)
def test_a_server_that_leaks_the_prompt_or_tells_no_ids_is_never_trusted(
    told: dict[str, Any],
) -> None:
    tokenizer = WordTokenizer()
    prompts = [prompt_of(*HAYSTACK)] * 3

    assert asked_back(telling(tokenizer=tokenizer, **told), tokenizer, *prompts) == [True] * 3


def test_text_that_is_a_little_longer_than_its_ids_is_no_leak() -> None:
    """Special tokens and broken characters are written differently."""
    tokenizer = WordTokenizer()
    sent = telling(tokenizer=tokenizer, text=" 73914206.<|endoftext|>")

    assert asked_back(sent, tokenizer, *[prompt_of(*HAYSTACK)] * 2) == [True, False]


def test_a_haystack_that_was_read_as_something_else_is_not_trusted() -> None:
    told: list[bool] = []

    def answer(_path: str, body: dict[str, Any]) -> Reply:
        told.append("return_token_ids" in body)
        choice = {"text": "x", "finish_reason": "stop", "prompt_token_ids": [1], "token_ids": []}
        return Reply(body=completion(choices=[choice]))

    async def run(base_url: str) -> None:
        client = OpenAIClient(base_url, api_key=None, timeout_s=30)
        engine = CompletionsEngine(client, WordTokenizer(), model="m")
        for _ in range(2):
            with pytest.raises(RequestError, match="other token ids"):
                await engine.complete(prompt_of(*HAYSTACK), AnswerBudget(answer_tokens=16))
        await engine.aclose()

    with loopback(answer) as server:
        asyncio.run(run(server.base_url))

    assert told == [True, True]
