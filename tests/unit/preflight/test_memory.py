"""One request's KV cache is held against the GPU's share, with the published shapes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from recallbench.preflight import Deployment, Finding, Severity
from recallbench.preflight.memory import (
    GIB,
    gpu_count,
    kv_bytes_per_token,
    kv_memory,
    memory_share,
    served_length,
)
from recallbench.rope import CheckpointConfig, parse_config
from recallbench.rope.known_checkpoints import known_checkpoint

H100 = 80 * GIB
A10G = 24 * GIB
QWEN3_8B_WEIGHTS = int(15.3 * GIB)


def known(name: str) -> CheckpointConfig:
    config = known_checkpoint(name)
    assert config is not None
    return config


def check(deployment: Deployment, name: str, gpu: int, weights: int | None = None) -> list[Finding]:
    return list(kv_memory(deployment, known(name), gpu_memory_bytes=gpu, weights_bytes=weights))


@pytest.mark.parametrize(
    ("name", "length", "gpus", "gpu", "weights_gib"),
    [
        ("Qwen3-8B", 131072, 1, H100, 15.3),
        ("Qwen3-8B", 131072, 4, A10G, 15.3),
        ("Qwen3-8B", 32768, 1, A10G, 15.3),
        ("Qwen2.5-7B-Instruct-1M", 1010000, 4, H100, 14.2),
        ("Llama-3.1-70B-Instruct", 131072, 4, H100, 131.4),
        # A published deployment on cards of 22 GiB; its log has 4.07 GiB left for the KV cache.
        ("Qwen3-30B-A3B", 131072, 4, 22 * GIB, 56.9),
    ],
)
def test_sound_deployments_pass(
    name: str, length: int, gpus: int, gpu: int, weights_gib: float
) -> None:
    deployment = Deployment(max_model_len=length, tensor_parallel_size=gpus)

    assert check(deployment, name, gpu, int(weights_gib * GIB)) == []


def test_kv_that_no_gpu_share_holds_is_an_error() -> None:
    (found,) = check(Deployment(max_model_len=1048576), "Qwen3-8B", H100)

    assert found.rule == "kv-memory"
    assert found.severity is Severity.ERROR
    assert "1,048,576 tokens takes 144.0 GiB" in found.what
    assert "may take 73.6 GiB" in found.what
    assert found.fix == (
        "max_model_len of 535,552 or less; or kv_cache_dtype fp8 (72.0 GiB), once its recall at "
        "this length is measured; or 2 GPUs by tensor_parallel_size (72.0 GiB each)"
    )


def test_weights_beside_the_kv_are_a_warning() -> None:
    (found,) = check(Deployment(max_model_len=131072), "Qwen3-8B", A10G, QWEN3_8B_WEIGHTS)

    assert found.severity is Severity.WARNING
    assert "takes 18.0 GiB" in found.what
    assert "15.3 GiB of weights" in found.what
    assert "22.1 GiB" in found.what
    assert "fp8" not in found.fix
    assert "2 GPUs by tensor_parallel_size (9.0 GiB each)" in found.fix


@pytest.mark.parametrize("gpus", [1, 2])
def test_the_length_that_is_advised_fits_and_a_step_more_does_not(gpus: int) -> None:
    asked = Deployment(max_model_len=524288, tensor_parallel_size=gpus)
    (found,) = check(asked, "Qwen3-8B", A10G, QWEN3_8B_WEIGHTS)
    longest = int(found.fix.split()[2].replace(",", ""))
    fitting, longer = (replace(asked, max_model_len=length) for length in (longest, longest + 1024))

    assert check(fitting, "Qwen3-8B", A10G, QWEN3_8B_WEIGHTS) == []
    assert check(longer, "Qwen3-8B", A10G, QWEN3_8B_WEIGHTS) != []


def test_a_request_that_fills_the_share_to_the_byte_fits() -> None:
    deployment = Deployment(max_model_len=131072, gpu_memory_utilization=1.0)

    assert check(deployment, "Qwen3-8B", 18 * GIB) == []
    assert check(deployment, "Qwen3-8B", 18 * GIB - 1) != []


def test_no_length_is_advised_where_the_weights_alone_fill_the_gpu() -> None:
    (found,) = check(Deployment(max_model_len=131072), "Qwen3-8B", 16 * GIB, int(14.72 * GIB))

    assert "max_model_len" not in found.fix


def test_as_many_as_eight_gpus_are_advised() -> None:
    (found,) = check(Deployment(max_model_len=131072), "Llama-3.1-70B", 24 * GIB, 131 * GIB)

    assert found.fix == "8 GPUs by tensor_parallel_size (5.0 GiB each)"


def test_without_the_weights_only_the_kv_counts() -> None:
    assert check(Deployment(max_model_len=131072), "Qwen3-8B", A10G) == []


def test_where_nothing_helps_a_larger_gpu_is_advised() -> None:
    deployment = Deployment(max_model_len=131072, tensor_parallel_size=8)

    (found,) = check(deployment, "Llama-3.1-405B", 24 * GIB, 756 * GIB)

    assert found.fix == "a GPU with more memory"


@pytest.mark.parametrize(
    ("dtype", "gib"),
    [(None, 18.0), ("auto", 18.0), ("bfloat16", 18.0), ("fp8", 9.0), ("fp8_e4m3", 9.0)],
)
def test_the_kv_number_type_counts(dtype: str | None, gib: float) -> None:
    deployment = Deployment(kv_cache_dtype=dtype)

    assert kv_bytes_per_token(deployment, known("Qwen3-8B")) == gib * GIB / 131072


@pytest.mark.parametrize("dtype", ["turboquant_k8v4", "nvfp4", "int4_per_token_head"])
def test_an_unknown_kv_number_type_is_not_judged(dtype: str) -> None:
    deployment = Deployment(max_model_len=10**7, kv_cache_dtype=dtype)

    assert check(deployment, "Qwen3-8B", A10G) == []


SHAPE = {
    "num_hidden_layers": 32,
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
    "head_dim": 128,
    "max_position_embeddings": 131072,
    "rope_theta": 1e6,
}


@pytest.mark.parametrize(
    "raw",
    [
        {**SHAPE, "model_type": "gpt_oss"},
        {**SHAPE, "model_type": "gemma3_text"},
        {**SHAPE, "model_type": "qwen3_next"},
        {**SHAPE, "model_type": "mistral", "rope_theta": 10000.0, "sliding_window": 4096},
        {**SHAPE, "model_type": "deepseek_v3", "kv_lora_rank": 512},
        {"model_type": "llama", "max_position_embeddings": 131072},
    ],
)
def test_other_than_plain_attention_is_not_judged(raw: dict[str, object]) -> None:
    config = parse_config(raw, "m")

    assert list(kv_memory(Deployment(), config, gpu_memory_bytes=GIB)) == []


@pytest.mark.parametrize("theta", [10000.0, 1e6])
def test_a_plain_shape_is_judged(theta: float) -> None:
    config = parse_config({**SHAPE, "model_type": "llama", "rope_theta": theta}, "m")

    assert list(kv_memory(Deployment(), config, gpu_memory_bytes=GIB)) != []


@pytest.mark.parametrize(
    "deployment",
    [
        Deployment(max_model_len=-1),
        Deployment(unread=("max_model_len",)),
        Deployment(max_model_len=10**7, unread=("tensor_parallel_size",)),
        Deployment(max_model_len=10**7, unread=("gpu_memory_utilization",)),
        Deployment(max_model_len=10**7, unread=("kv_cache_dtype",)),
    ],
)
def test_what_only_the_running_system_knows_is_not_judged(deployment: Deployment) -> None:
    assert check(deployment, "Llama-3.1-405B", A10G, 756 * GIB) == []


def test_without_a_config_nothing_is_said() -> None:
    assert list(kv_memory(Deployment(max_model_len=10**7), None, gpu_memory_bytes=GIB)) == []


@pytest.mark.parametrize(
    ("deployment", "name", "length"),
    [
        (Deployment(max_model_len=8192), "Llama-3.1-8B", 8192),
        (Deployment(), "Llama-3.1-8B", 131072),
        (Deployment(hf_overrides={"rope_parameters": {"factor": 4.0}}), "Qwen3-8B", None),
        (Deployment(rope_scaling={"factor": 4.0}), "Qwen3-8B", None),
        (Deployment(unread=("hf_overrides",)), "Qwen3-8B", None),
        (Deployment(), "Phi-4-mini-instruct", None),
    ],
)
def test_the_length_that_is_served(deployment: Deployment, name: str, length: int | None) -> None:
    assert served_length(deployment, known(name)) == length


@pytest.mark.parametrize(
    ("version", "given", "share"),
    [
        (None, None, 0.92),
        ("0.19.1", None, 0.9),
        ("0.20.0", None, 0.92),
        ("0.20", None, 0.92),
        ("0.33.0", None, 0.92),
        ("latest", None, 0.92),
        ("0.8.5", 0.95, 0.95),
    ],
)
def test_the_share_of_memory(version: str | None, given: float | None, share: float) -> None:
    deployment = Deployment(vllm_version=version, gpu_memory_utilization=given)

    assert memory_share(deployment) == share


def test_layers_and_heads_are_spread() -> None:
    assert gpu_count(Deployment()) == 1
    assert gpu_count(Deployment(tensor_parallel_size=4, pipeline_parallel_size=2)) == 8
