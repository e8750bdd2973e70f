"""How a standing server is found out: its model, its API, the fields it takes, its tokenizer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from recallbench.domain import AnswerBudget, Prompt, whole_tokens
from recallbench.engines.endpoint import (
    Endpoint,
    EndpointRequest,
    LocalCounter,
    Served,
    connect,
    served_by,
)
from recallbench.engines.openai_client import OpenAIClient
from recallbench.errors import EngineError, EngineStartError
from support.loopback import Answer, Reply, completion, loopback
from support.word_tokenizer import WordTokenizer

MODELS = {"data": [{"id": "coder", "root": "/models/qwen", "max_model_len": 4096}]}
SERVED = Served(model="coder", root=None, max_model_len=4096, version=None)
HEAD, TAIL = "user says ", " now answer"


def words(text: str) -> int:
    return len(WordTokenizer().encode(text).ids)


def chat_server(
    *,
    extra: Callable[[str], int] = lambda _: 0,
    refuses: frozenset[str] = frozenset(),
    ids: Reply | None = None,
) -> Answer:
    """A server that takes messages, and ids only where ``ids`` is a sound reply."""

    def answer(path: str, body: dict[str, Any]) -> Reply:
        if path == "/v1/completions":
            return ids or Reply(status=400, body={"detail": "prompt must be a string."})
        if path == "/v1/chat/completions":
            if refuses & body.keys():
                return Reply(status=422, body={"detail": f"unexpected {refuses & body.keys()}"})
            message = body["messages"][0]["content"]
            count = words(HEAD + message + TAIL) + extra(message)
            choice = {"message": {"content": "hello"}, "finish_reason": "length"}
            return Reply(body={"choices": [choice], "usage": {"prompt_tokens": count}})
        return Reply(status=404, body={})

    return answer


async def nothing(_: Endpoint) -> None:
    pass


def connected(
    answer: Answer, then: Callable[[Endpoint], Awaitable[None]] = nothing, **request: Any
) -> Endpoint:
    wanted = {"api": "auto", "thinking": False, "begun_answer": False, **request}

    async def run(base_url: str) -> Endpoint:
        client = OpenAIClient(base_url, api_key=None, timeout_s=30)
        try:
            counter = LocalCounter(WordTokenizer(), HEAD, TAIL)
            endpoint = await connect(client, SERVED, EndpointRequest(**wanted), counter)
            await then(endpoint)
            return endpoint
        finally:
            await client.aclose()

    with loopback(answer) as server:
        return asyncio.run(run(server.base_url))


def found(answer: Answer, *names: str) -> Served:
    async def run(base_url: str) -> Served:
        client = OpenAIClient(base_url, api_key=None, timeout_s=30)
        try:
            return await served_by(client, names)
        finally:
            await client.aclose()

    with loopback(answer) as server:
        return asyncio.run(run(server.base_url))


def ids_server(
    *, counts: int = 0, tokenize: Reply | None = None, refuses: frozenset[str] = frozenset()
) -> Answer:
    def answer(path: str, body: dict[str, Any]) -> Reply:
        if path == "/v1/completions":
            if refuses & body.keys():
                return Reply(status=400, body={"detail": f"unexpected {refuses & body.keys()}"})
            usage = {"prompt_tokens": len(body["prompt"]) + counts, "completion_tokens": 1}
            return Reply(body=completion(usage=usage))
        if path == "/tokenize" and tokenize:
            return tokenize
        return chat_server()(path, body)

    return answer


def test_ids_are_sent_where_the_server_takes_and_counts_them() -> None:
    endpoint = connected(ids_server())

    assert endpoint.api == "completions"
    assert endpoint.extra_tokens == 0
    assert endpoint.notes == ("tokenizer unverified: the server has no /tokenize to compare with",)


def test_another_tokenizer_behind_the_same_ids_is_refused() -> None:
    with pytest.raises(EngineStartError, match="its tokenizer is another one"):
        connected(ids_server(tokenize=Reply(body={"tokens": [1, 2, 3]})))


def test_a_server_that_counts_ids_differently_is_asked_by_messages() -> None:
    endpoint = connected(ids_server(counts=1))

    assert endpoint.api == "chat"
    assert any("2 token ids sent, 3 counted" in note for note in endpoint.notes)


def test_messages_are_sent_where_ids_are_refused_and_the_refusal_is_told() -> None:
    endpoint = connected(chat_server())

    assert endpoint.api == "chat"
    assert endpoint.extra_tokens == 0
    assert "prompt must be a string." in endpoint.notes[0]


def test_tokens_that_the_server_adds_to_every_chat_are_measured() -> None:
    endpoint = connected(chat_server(extra=lambda _: 12))

    assert endpoint.extra_tokens == 12
    assert any("+12 tokens" in note for note in endpoint.notes)


def test_a_difference_that_depends_on_the_text_is_another_tokenizer() -> None:
    with pytest.raises(EngineStartError, match="its tokenizer is another one"):
        connected(chat_server(extra=len))


def test_fields_the_server_refuses_are_left_out_one_by_one_and_told() -> None:
    endpoint = connected(chat_server(refuses=frozenset({"repetition_penalty"})))

    assert [note for note in endpoint.notes if "refuses" in note] == [
        (
            "the server refuses repetition_penalty: a penalty of the model's generation config "
            "stays in force"
        )
    ]


COLD = {"completions": ids_server(), "chat": chat_server()}
SALTLESS = frozenset({"cache_salt"})


def salts_sent(answer: Answer, **request: Any) -> list[str | None]:
    """The salt of every prompt: those that try the server out, and one that is asked in earnest."""
    sent: list[str | None] = []

    def kept(path: str, body: dict[str, Any]) -> Reply:
        if path.endswith("completions"):
            sent.append(body.get("cache_salt"))
        return answer(path, body)

    async def complete(endpoint: Endpoint) -> None:
        tokens = WordTokenizer().encode("good morning").ids
        prompt = Prompt(
            tokens=(whole_tokens(tokens),),
            head="",
            message=(),
            tail="",
            needle_span=(0, 1),
            achieved_depth=0.0,
            key="x",
        )
        await endpoint.engine.complete(prompt, AnswerBudget(answer_tokens=1))

    connected(kept, complete, **request)
    return sent


@pytest.mark.parametrize("api", COLD)
def test_a_cold_endpoint_is_tried_and_asked_with_a_new_salt_each_time(api: str) -> None:
    salts = salts_sent(COLD[api], api=api, is_cold=True)

    assert len(salts) >= 2
    assert None not in salts
    assert len(set(salts)) == len(salts)


@pytest.mark.parametrize("api", COLD)
def test_an_endpoint_that_is_not_to_be_cold_gets_no_salt(api: str) -> None:
    assert set(salts_sent(COLD[api], api=api)) == {None}


@pytest.mark.parametrize("api", ["auto", "completions", "chat"])
def test_a_server_that_takes_no_salt_cannot_be_asked_cold(api: str) -> None:
    answer = chat_server(refuses=SALTLESS) if api == "chat" else ids_server(refuses=SALTLESS)

    with pytest.raises(EngineStartError, match="cold") as caught:
        connected(answer, api=api, is_cold=True)
    assert "engine.cache: shared" in str(caught.value)
    assert "--no-enable-prefix-caching" in str(caught.value)


def test_other_fields_that_a_cold_endpoint_refuses_are_still_left_out() -> None:
    answer = ids_server(refuses=frozenset({"return_token_ids"}))
    endpoint = connected(answer, is_cold=True)

    assert "the server refuses return_token_ids: answers are scored from the server's own text" in (
        endpoint.notes
    )
    assert salts_sent(answer, is_cold=True)[-1] is not None


def test_a_begun_answer_cannot_go_by_messages() -> None:
    with pytest.raises(EngineStartError, match="answer_prefix"):
        connected(chat_server(), begun_answer=True)


def test_what_the_user_chose_is_not_replaced_by_the_other_api() -> None:
    with pytest.raises(EngineStartError, match="takes no token ids"):
        connected(chat_server(), api="completions")
    assert connected(ids_server(), api="chat").api == "chat"


def test_a_server_without_counts_is_refused() -> None:
    def answer(path: str, body: dict[str, Any]) -> Reply:
        reply = chat_server()(path, body)
        if path == "/v1/chat/completions":
            del reply.body["usage"]
        return reply

    with pytest.raises(EngineStartError, match=r"no usage\.prompt_tokens"):
        connected(answer)


def test_a_server_that_refuses_everything_is_told_of_with_its_words() -> None:
    with pytest.raises(EngineError, match="computer says no"):
        connected(lambda _path, _body: Reply(status=400, body={"detail": "computer says no"}))


def test_the_served_model_its_root_and_length_are_read() -> None:
    served = found(lambda path, _: Reply(body=MODELS if path == "/v1/models" else {}))

    assert served == Served(model="coder", root="/models/qwen", max_model_len=4096, version=None)


def test_a_model_may_be_named_by_where_it_was_loaded_from() -> None:
    served = found(lambda _path, _body: Reply(body=MODELS), "/models/qwen")

    assert served.model == "coder"


def test_a_model_that_is_not_served_is_refused_with_those_that_are() -> None:
    with pytest.raises(EngineStartError, match="no model llama; it serves coder"):
        found(lambda _path, _body: Reply(body=MODELS), "llama")


def test_a_server_that_cannot_list_its_models_needs_the_name() -> None:
    def answer(path: str, _: dict[str, Any]) -> Reply:
        return Reply(status=500 if path == "/v1/models" else 200, body={})

    assert found(answer, "llama").model == "llama"
    with pytest.raises(EngineStartError, match="name it with --model"):
        found(answer)


def test_a_refused_key_is_told_of() -> None:
    def answer(path: str, _: dict[str, Any]) -> Reply:
        return Reply(status=401 if path == "/v1/models" else 200, body={"detail": "who are you?"})

    with pytest.raises(EngineError, match=r"endpoint\.api_key_env"):
        found(answer)
