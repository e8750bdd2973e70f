"""A standing server's own account is read as far as it goes, and what is missing is None."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from recallbench.engines.endpoint_facts import EndpointFacts, cache_labels, endpoint_facts
from recallbench.engines.openai_client import OpenAIClient
from support.loopback import Answer, Reply, loopback

NEW = """\
# HELP python_info Python platform information
# TYPE python_info gauge
python_info{implementation="CPython",major="3",minor="12",version="3.12.3"} 1.0
# HELP vllm:num_requests_running Number of requests in model execution batches.
# TYPE vllm:num_requests_running gauge
vllm:num_requests_running{engine="0",model_name="coder"} 0.0
# HELP vllm:cache_config_info Information of the LLMEngine CacheConfig
# TYPE vllm:cache_config_info gauge
vllm:cache_config_info{block_size="16",cache_dtype="fp8_e4m3",calculate_kv_scales="False",\
enable_prefix_caching="True",engine="0",gpu_memory_utilization="0.9",is_attention_free="False",\
kv_cache_max_concurrency="2.25",kv_cache_size_tokens="290816",num_gpu_blocks="18432",\
num_gpu_blocks_override="None",sliding_window="None"} 1.0
vllm:cache_config_info{block_size="32",cache_dtype="auto",engine="1",\
kv_cache_size_tokens="1",num_gpu_blocks="1"} 1.0
"""
OLD = """\
# HELP vllm:cache_config_info Information of the LLMEngine CacheConfig
# TYPE vllm:cache_config_info gauge
vllm:cache_config_info{block_size="16",cache_dtype="auto",calculate_kv_scales="False",\
cpu_offload_gb="0",gpu_memory_utilization="0.9",num_gpu_blocks="27887",sliding_window="None",\
swap_space="4"} 1.0
"""
MODEL = {
    "hf_overrides": {"rope_parameters": {"rope_type": "yarn", "factor": 4.0}},
    "dtype": "torch.bfloat16",
    "quantization": "fp8",
}


def server(metrics: str | None = None, info: Any = None) -> Answer:
    """A server with these pages, and 404 for the rest."""

    def answer(path: str, body: dict[str, Any]) -> Reply:
        del body
        if path == "/metrics" and metrics is not None:
            return Reply(body=metrics.encode())
        if path == "/server_info?config_format=json" and info is not None:
            return Reply(body=info)
        return Reply(status=404, body={"detail": "Not Found"})

    return answer


def facts(answer: Answer) -> EndpointFacts:
    async def asked(base_url: str) -> EndpointFacts:
        client = OpenAIClient(base_url, api_key=None, timeout_s=30)
        try:
            return await endpoint_facts(client)
        finally:
            await client.aclose()

    with loopback(answer) as running:
        return asyncio.run(asked(running.base_url))


def info_of(**model: Any) -> dict[str, Any]:
    return {"vllm_config": {"model_config": model}, "vllm_env": {}}


def test_the_caches_labels_are_those_of_the_first_engine() -> None:
    labels = cache_labels(NEW)

    assert labels["engine"] == "0"
    assert labels["kv_cache_size_tokens"] == "290816"
    assert labels["cache_dtype"] == "fp8_e4m3"


def test_a_label_with_quotes_and_braces_inside_does_not_end_early() -> None:
    labels = cache_labels('vllm:cache_config_info{a="x\\"}, b=\\"y",block_size="16"} 1.0\n')

    assert labels["block_size"] == "16"
    assert set(labels) == {"a", "block_size"}


@pytest.mark.parametrize("text", ["", "vllm:cache_config_info 1.0\n", NEW.replace("vllm:", "x:")])
def test_metrics_without_the_cache_have_no_labels(text: str) -> None:
    assert cache_labels(text) == {}


def test_a_new_server_tells_its_tokens_itself() -> None:
    told = facts(server(metrics=NEW))

    assert told == EndpointFacts(
        kv_cache_dtype="fp8_e4m3",
        kv_cache_tokens=290_816,
        kv_max_concurrency=2.25,
        block_size=16,
    )


def test_an_older_servers_tokens_are_blocks_times_their_size() -> None:
    told = facts(server(metrics=OLD))

    assert told.kv_cache_tokens == 27_887 * 16
    assert told.kv_cache_dtype == "auto"
    assert told.kv_max_concurrency is None


def test_a_server_in_development_mode_tells_what_it_was_started_with() -> None:
    told = facts(server(info=info_of(**MODEL)))

    assert told == EndpointFacts(
        hf_overrides=MODEL["hf_overrides"],  # type: ignore[arg-type]  # a table's value
        dtype="bfloat16",
        quantization="fp8",
    )


def test_a_server_started_without_overrides_has_none_that_were_asked_for() -> None:
    assert facts(server(info=info_of(hf_overrides={}))).hf_overrides == {}
    assert facts(server(info=info_of())).hf_overrides is None


def test_nothing_served_is_nothing_known() -> None:
    assert facts(server()) == EndpointFacts()


@pytest.mark.parametrize(
    "info",
    [
        {},
        {"vllm_config": "model='m', dtype=torch.bfloat16"},
        {"vllm_config": None},
        {"vllm_config": {"model_config": None}},
        info_of(hf_overrides="<function>", dtype=None, quantization="None"),
        info_of(dtype="", quantization={"method": "fp8"}),
        info_of(dtype=["bfloat16"]),
        b"<html>",
        [1],
    ],
    ids=str,
)
def test_an_account_in_another_form_is_none(info: Any) -> None:
    assert facts(server(info=info)) == EndpointFacts()


@pytest.mark.parametrize(
    "labels",
    [
        'kv_cache_size_tokens="None",num_gpu_blocks="None",block_size="16"',
        'kv_cache_size_tokens="inf"',
        'num_gpu_blocks="nan",block_size="16"',
        'num_gpu_blocks="10"',
    ],
)
def test_tokens_that_are_no_number_are_none(labels: str) -> None:
    assert (
        facts(server(metrics=f"vllm:cache_config_info{{{labels}}} 1.0\n")).kv_cache_tokens is None
    )


def test_a_server_that_hangs_up_is_nothing_known() -> None:
    assert facts(lambda _path, _body: Reply(hang_up=True)) == EndpointFacts()
