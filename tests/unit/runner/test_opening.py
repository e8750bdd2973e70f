"""A suite that asks for a cold cache gets it from either kind of engine."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, cast

import pytest

from recallbench.engines.endpoint import Served
from recallbench.journal import RunFolder
from recallbench.prompts.chat_template import BARE_FRAME
from recallbench.rope import parse_config
from recallbench.runner.opening import EngineRoom
from recallbench.runner.preparation import Models
from recallbench.runner.progress import Listener
from recallbench.suite import RunPlan, Serving, parse_suite, plan_run, resolve
from support.loopback import Reply, completion, loopback
from support.word_tokenizer import WordTokenizer

CONFIG = parse_config({"model_type": "qwen3", "max_position_embeddings": 4096}, "m")
SERVED = Served(model="m", root=None, max_model_len=4096, version=None)


class BaseTokenizer(WordTokenizer):
    """A base model's: no chat template."""

    has_chat_template = False


def plan(cache: str, **more: Any) -> RunPlan:
    content = {"suite": "s", "model": "m", "grid": {"lengths": [100]}, "engine": {"cache": cache}}
    form = parse_suite({**content, **more}, "test")
    return plan_run(resolve(form), {"m": CONFIG}, Serving(vllm_version="0.32.0"))


def room(made: RunPlan) -> EngineRoom:
    models = Models(
        paths={"m": "/models/m"},
        configs={"m": CONFIG},
        tokenizer=cast("Any", BaseTokenizer()),
        tokenizer_name="m",
        frame=BARE_FRAME,
    )
    return EngineRoom(
        plan=made,
        models=models,
        folder=RunFolder(Path("runs/one")),
        listener=cast("Listener", None),  # neither is told of anything
        served=SERVED if made.suite.form.endpoint else None,
    )


@pytest.mark.parametrize("cache", ["cold", "shared"])
def test_a_vllm_of_our_own_is_asked_as_the_suite_says(cache: str) -> None:
    made = plan(cache)

    assert room(made).local_start(made.variants[0]).is_cold == (cache == "cold")


@pytest.mark.parametrize("cache", ["cold", "shared"])
def test_an_endpoint_is_asked_as_the_suite_says(cache: str) -> None:
    def answer(path: str, body: dict[str, Any]) -> Reply:
        if path != "/v1/completions":
            return Reply(status=404, body={})
        return Reply(body=completion(usage={"prompt_tokens": len(body["prompt"])}))

    async def opened(made: RunPlan) -> None:
        async with room(made).open(made.variants[0]):
            pass

    with loopback(answer) as server:
        asyncio.run(opened(plan(cache, endpoint={"url": server.base_url})))
    asked = [body for path, body in server.requests if path == "/v1/completions"]

    assert asked
    assert all(("cache_salt" in body) == (cache == "cold") for body in asked)
