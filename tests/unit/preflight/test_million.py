"""Long contexts get advice with numbers, and sound settings none."""

from __future__ import annotations

from dataclasses import replace

import pytest

from recallbench.preflight import Deployment, Severity
from recallbench.preflight.million import million
from recallbench.rope.known_checkpoints import known_checkpoint

ONE_MILLION = "Qwen/Qwen2.5-7B-Instruct-1M"
DUAL_CHUNK = {"VLLM_ATTENTION_BACKEND": "DUAL_CHUNK_FLASH_ATTN", "VLLM_USE_V1": "0"}
# The recipe of the model card; vLLM's own example asks for 1,048,576 tokens instead.
RECIPE = Deployment(
    model=ONE_MILLION,
    vllm_version="0.10.2",
    max_model_len=1010000,
    tensor_parallel_size=4,
    enforce_eager=True,
    enable_chunked_prefill=True,
    max_num_batched_tokens=131072,
    env=DUAL_CHUNK,
)
CODER = Deployment(
    model="Qwen/Qwen3-Coder-30B-A3B-Instruct",
    vllm_version="0.33.0",
    max_model_len=262144,
    tensor_parallel_size=2,
)
YARN = {"rope_parameters": {"rope_type": "yarn", "factor": 4.0}}


def advice(deployment: Deployment) -> dict[str, Severity]:
    assert deployment.model is not None
    config = known_checkpoint(deployment.model)
    return {found.rule: found.severity for found in million(deployment, config)}


@pytest.mark.parametrize(
    "deployment",
    [
        RECIPE,
        CODER,
        replace(CODER, max_num_batched_tokens=8192, enforce_eager=False),
        replace(CODER, max_num_batched_tokens=32768, enable_chunked_prefill=True),
        replace(CODER, max_model_len=131072, max_num_batched_tokens=2048, enforce_eager=True),
        replace(CODER, max_model_len=255999, max_num_batched_tokens=2048),
        replace(CODER, max_model_len=-1, max_num_batched_tokens=2048),
        Deployment(model="Qwen/Qwen3-8B", max_model_len=131072, hf_overrides=YARN),
        Deployment(model="Qwen/Qwen3-8B", enforce_eager=True),
    ],
)
def test_sound_settings_get_no_advice(deployment: Deployment) -> None:
    assert advice(deployment) == {}


@pytest.mark.parametrize("version", ["0.10.2", "0.33.0"])
@pytest.mark.parametrize(("chunk", "times"), [(65536, 8), (131072, 16)])
def test_large_chunks_take_memory(version: str, chunk: int, times: int) -> None:
    deployment = replace(CODER, vllm_version=version, max_num_batched_tokens=chunk)

    (found,) = million(deployment, known_checkpoint(str(CODER.model)))

    assert found.rule == "chunk-size"
    assert found.severity is Severity.ADVICE
    assert f"{times} times" in found.why


def test_small_chunks_crawl() -> None:
    deployment = replace(RECIPE, max_num_batched_tokens=2048)

    (found,) = million(deployment, known_checkpoint(ONE_MILLION))

    assert found.rule == "chunk-size"
    assert found.severity is Severity.ADVICE
    assert "1,010,000 tokens takes 494 steps" in found.what
    assert "3.3 TiB" in found.why
    assert "124 steps" in found.fix


def test_without_a_config_the_steps_are_counted_still() -> None:
    (found,) = million(Deployment(max_model_len=262144, max_num_batched_tokens=1024), None)

    assert "256 steps" in found.what
    assert "TiB" not in found.why


@pytest.mark.parametrize(
    ("version", "budget", "severity"),
    [
        ("0.33.0", 8192, Severity.ERROR),
        ("0.33.0", 262144, Severity.ADVICE),
        ("0.33.0", None, Severity.ADVICE),
        ("0.11.2", 8192, Severity.ERROR),
        ("0.11.0", 8192, Severity.ADVICE),
        ("latest", 8192, Severity.ADVICE),
        (None, 8192, Severity.ADVICE),
    ],
)
def test_a_whole_prompt_in_one_step(
    version: str | None, budget: int | None, severity: Severity
) -> None:
    deployment = replace(
        CODER, vllm_version=version, enable_chunked_prefill=False, max_num_batched_tokens=budget
    )

    assert advice(deployment) == {"chunked-prefill": severity}


def test_eager_mode_is_a_choice() -> None:
    assert advice(replace(CODER, enforce_eager=True, max_model_len=256000)) != {}
    assert advice(replace(CODER, enforce_eager=True)) == {"eager": Severity.ADVICE}


def test_kv_that_one_card_does_not_hold() -> None:
    deployment = Deployment(max_model_len=1048576)

    (found,) = million(deployment, known_checkpoint("Qwen3-Coder-30B-A3B-Instruct"))

    assert found.rule == "kv-spread"
    assert found.severity is Severity.ADVICE
    assert "96.0 GiB of KV cache on each of 1 GPU" in found.what
    assert found.fix.startswith("tensor_parallel_size 4 (24.0 GiB each)")


def test_more_cards_are_advised_from_those_there_are() -> None:
    deployment = Deployment(max_model_len=2097152, tensor_parallel_size=2)

    (found,) = million(deployment, known_checkpoint("Qwen3-Coder-30B-A3B-Instruct"))

    assert "96.0 GiB of KV cache on each of 2 GPU" in found.what
    assert found.fix.startswith("tensor_parallel_size 8 (24.0 GiB each)")
