"""A published config is known by the model's name, and by no other model's."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from recallbench.rope import known_checkpoints, parse_config
from recallbench.rope.known_checkpoints import known_checkpoint, trained_length

TABLE = Path(known_checkpoints.__file__).with_suffix(".json")
SIXTEEN_BITS = 2
# Name, max_position_embeddings, rope_theta, KV bytes a token (K and V of each layer's KV heads).
FACTS = [
    ("Qwen/Qwen3-0.6B", 40960, 1e6, 2 * 28 * 8 * 128 * SIXTEEN_BITS),
    ("Qwen/Qwen3-8B", 40960, 1e6, 2 * 36 * 8 * 128 * SIXTEEN_BITS),
    ("Qwen/Qwen3-8B-Base", 32768, 1e6, 2 * 36 * 8 * 128 * SIXTEEN_BITS),
    ("Qwen/Qwen3-4B", 40960, 1e6, 2 * 36 * 8 * 128 * SIXTEEN_BITS),
    ("Qwen/Qwen3-4B-Instruct-2507", 262144, 5e6, 2 * 36 * 8 * 128 * SIXTEEN_BITS),
    ("Qwen/Qwen3-30B-A3B", 40960, 1e6, 2 * 48 * 4 * 128 * SIXTEEN_BITS),
    ("Qwen/Qwen3-30B-A3B-Instruct-2507", 262144, 1e7, 2 * 48 * 4 * 128 * SIXTEEN_BITS),
    ("Qwen/Qwen3-235B-A22B-Thinking-2507", 262144, 5e6, 2 * 94 * 4 * 128 * SIXTEEN_BITS),
    ("Qwen/Qwen3-Coder-30B-A3B-Instruct", 262144, 1e7, 24 * 2**30 // 262144),
    ("Qwen/Qwen3-Next-80B-A3B-Instruct", 262144, 1e7, None),
    ("Qwen/Qwen3-VL-8B-Instruct", 262144, 5e6, 2 * 36 * 8 * 128 * SIXTEEN_BITS),
    ("Qwen/Qwen3.5-27B", 262144, 1e7, None),
    ("Qwen/Qwen2.5-7B", 131072, 1e6, 2 * 28 * 4 * 128 * SIXTEEN_BITS),
    ("Qwen/Qwen2.5-7B-Instruct", 32768, 1e6, 2 * 28 * 4 * 128 * SIXTEEN_BITS),
    ("Qwen/Qwen2.5-Math-7B", 4096, 1e4, 2 * 28 * 4 * 128 * SIXTEEN_BITS),
    ("Qwen/Qwen2.5-7B-Instruct-1M", 1010000, 1e7, 2 * 28 * 4 * 128 * SIXTEEN_BITS),
    ("deepseek-ai/DeepSeek-R1-Distill-Qwen-7B", 131072, 1e4, 2 * 28 * 4 * 128 * SIXTEEN_BITS),
    ("deepseek-ai/DeepSeek-R1-Distill-Qwen-32B", 131072, 1e6, 2 * 64 * 8 * 128 * SIXTEEN_BITS),
    ("meta-llama/Llama-2-7b-chat-hf", 4096, None, 2 * 32 * 32 * 128 * SIXTEEN_BITS),
    ("meta-llama/Meta-Llama-3-8B-Instruct", 8192, 5e5, 2 * 32 * 8 * 128 * SIXTEEN_BITS),
    ("meta-llama/Llama-3.1-8B-Instruct", 131072, 5e5, 2 * 32 * 8 * 128 * SIXTEEN_BITS),
    ("meta-llama/Llama-3.2-1B", 131072, 5e5, 2 * 16 * 8 * 64 * SIXTEEN_BITS),
    ("meta-llama/Llama-3.3-70B-Instruct", 131072, 5e5, 2 * 80 * 8 * 128 * SIXTEEN_BITS),
    ("mistralai/Mistral-7B-Instruct-v0.1", 32768, 1e4, None),
    ("mistralai/Mistral-7B-Instruct-v0.3", 32768, 1e6, 2 * 32 * 8 * 128 * SIXTEEN_BITS),
    ("mistralai/Mistral-Small-3.1-24B-Instruct-2503", 131072, 1e9, 2 * 40 * 8 * 128 * SIXTEEN_BITS),
    ("microsoft/Phi-4-mini-instruct", 131072, 1e4, 2 * 32 * 8 * 128 * SIXTEEN_BITS),
    ("google/gemma-2-9b-it", 8192, 1e4, None),
    ("google/gemma-3-27b-it", None, None, None),
    ("HuggingFaceTB/SmolLM2-135M-Instruct", 8192, 1e5, 2 * 30 * 3 * 64 * SIXTEEN_BITS),
    ("HuggingFaceTB/SmolLM3-3B", 65536, 5e6, 2 * 36 * 4 * 128 * SIXTEEN_BITS),
    ("openai/gpt-oss-120b", 131072, 150000, None),
    ("zai-org/GLM-4-9B-0414", 32768, 1e4, 2 * 40 * 2 * 128 * SIXTEEN_BITS),
]


@pytest.mark.parametrize(("name", "length", "theta", "kv_bytes"), FACTS)
def test_the_published_values(
    name: str, length: int | None, theta: float | None, kv_bytes: int | None
) -> None:
    config = known_checkpoint(name)

    assert config is not None
    assert config.source == name
    assert config.max_position_embeddings == length
    assert config.rope_parameters.get("rope_theta") == theta
    assert config.kv_bytes_per_token == kv_bytes


@pytest.mark.parametrize(
    ("name", "same_as"),
    [
        ("qwen/qwen3-8b", "Qwen3-8B"),
        ("Qwen/Qwen3-8B-FP8", "Qwen3-8B"),
        ("Qwen/Qwen3-8B-AWQ", "Qwen3-8B"),
        ("RedHatAI/Qwen3-8B-FP8-dynamic", "Qwen3-8B"),
        ("RedHatAI/Qwen3-8B-quantized.w4a16", "Qwen3-8B"),
        ("unsloth/Qwen3-8B-unsloth-bnb-4bit", "Qwen3-8B"),
        ("/models/Qwen3-8B", "Qwen3-8B"),
        ("/models/Qwen3-8B/", "Qwen3-8B"),
        ("C:\\models\\Qwen3-8B", "Qwen3-8B"),
        ("/root/.cache/huggingface/hub/models--Qwen--Qwen3-8B/snapshots/b968826d9c46", "Qwen3-8B"),
        ("/qwen/qwen3-30b-a3b", "Qwen3-30B-A3B"),
        ("Qwen/Qwen3-30B-A3B-GPTQ-Int4", "Qwen3-30B-A3B"),
        ("Qwen/Qwen3-30B-A3B-Instruct-2507-FP8", "Qwen3-30B-A3B-Instruct-2507"),
        ("QuantTrio/Qwen3-30B-A3B-Instruct-2507-GPTQ-Int8", "Qwen3-30B-A3B-Instruct-2507"),
        ("Qwen/Qwen2.5-72B-Instruct-GPTQ-Int8", "Qwen2.5-72B-Instruct"),
        ("neuralmagic/Meta-Llama-3.1-8B-Instruct-FP8", "Llama-3.1-8B-Instruct"),
        ("RedHatAI/Meta-Llama-3.1-8B-Instruct-quantized.w8a8", "Llama-3.1-8B-Instruct"),
        ("hugging-quants/Meta-Llama-3.1-8B-Instruct-AWQ-INT4", "Llama-3.1-8B-Instruct"),
        ("unsloth/Llama-3.3-70B-Instruct", "Llama-3.3-70B-Instruct"),
    ],
)
def test_quantized_copies_and_folders_are_the_same_model(name: str, same_as: str) -> None:
    config, original = known_checkpoint(name), known_checkpoint(same_as)

    assert config is not None
    assert original is not None
    assert config.rope_parameters == original.rope_parameters
    assert config.max_position_embeddings == original.max_position_embeddings
    assert config.kv_bytes_per_token == original.kv_bytes_per_token


@pytest.mark.parametrize(
    "name",
    [
        "",
        "/",
        "fp8",
        "Qwen3-8",
        "Qwen/Qwen3-8B-Chinese",
        "Qwen/Qwen3-8B-128K",
        "Qwen/Qwen3-8B-dynamic",
        "Qwen/Qwen3-8B/checkpoint-500",
        "Qwen/Qwen3-4B-2507",
        "somebody/my-Qwen3-8B",
        "gradientai/Llama-3-8B-Instruct-Gradient-1048k",
        "togethercomputer/Llama-2-7B-32K-Instruct",
        "NousResearch/Yarn-Llama-2-7b-128k",
        "mistralai/Mistral-Nemo-Instruct-2407",
    ],
)
def test_other_models_are_not_taken_for_known_ones(name: str) -> None:
    assert known_checkpoint(name) is None


@pytest.mark.parametrize(
    "name", ["nvidia/Llama-3.1-8B-Instruct-FP8", "amd/Llama-3.1-8B-Instruct-FP8-KV"]
)
def test_no_kv_size_is_claimed_where_the_checkpoint_may_quantize_it(name: str) -> None:
    config = known_checkpoint(name)

    assert config is not None
    assert config.rope_parameters["rope_type"] == "llama3"
    assert config.kv_bytes_per_token is None


@pytest.mark.parametrize(
    ("name", "is_nested"),
    [
        ("Qwen3-VL-8B-Instruct", True),
        ("Mistral-Small-3.2-24B-Instruct-2506", True),
        ("gemma-3-4b-it", True),
        ("gemma-3-1b-it", False),
        ("Qwen3-8B", False),
    ],
)
def test_multimodal_models_hold_the_text_config_inside(name: str, *, is_nested: bool) -> None:
    config = known_checkpoint(name)

    assert config is not None
    assert config.is_nested is is_nested


def test_scaling_and_sections_are_kept_whole() -> None:
    llama, vision, distilled = (
        known_checkpoint(name)
        for name in ("Llama-3.1-8B", "Qwen3-VL-8B-Instruct", "DeepSeek-R1-0528-Qwen3-8B")
    )

    assert llama is not None
    assert vision is not None
    assert distilled is not None
    assert llama.rope_parameters == {
        "rope_type": "llama3",
        "factor": 8.0,
        "low_freq_factor": 1.0,
        "high_freq_factor": 4.0,
        "original_max_position_embeddings": 8192,
        "rope_theta": 5e5,
    }
    assert vision.rope_parameters["mrope_section"] == [24, 20, 20]
    assert distilled.rope_parameters["original_max_position_embeddings"] == 32768


def test_the_million_token_models_ask_for_dual_chunk_attention() -> None:
    config = known_checkpoint("Qwen/Qwen2.5-14B-Instruct-1M")

    assert config is not None
    assert config.dual_chunk == {
        "chunk_size": 262144,
        "local_size": 8192,
        "original_max_position_embeddings": 262144,
    }


def test_every_family_names_its_source_and_no_model_stands_twice() -> None:
    families = json.loads(TABLE.read_text(encoding="utf-8"))
    names = [
        name.lower() for family in families for names in family["models"] for name in names.split()
    ]

    assert all(family["source"] for family in families)
    assert len(names) == len(set(names))
    assert all(known_checkpoint(name) is not None for name in names)


@pytest.mark.parametrize(
    ("name", "trained"),
    [
        ("Qwen3-8B", 32768),
        ("Qwen3-235B-A22B", 32768),
        ("Qwen2.5-7B-Instruct-1M", 262144),
    ],
)
def test_the_trained_length_where_the_config_misleads(name: str, trained: int) -> None:
    config = known_checkpoint(name)

    assert config is not None
    found = trained_length(config)
    assert found is not None
    assert found[0] == trained
    assert f"{trained:,}" in found[1]
    assert f"{config.max_position_embeddings:,}" in found[1]


@pytest.mark.parametrize(
    "name", ["Qwen3-8B-Base", "Qwen3-4B-Instruct-2507", "Llama-3.1-8B", "gemma-3-4b-it"]
)
def test_no_other_trained_length_is_claimed(name: str) -> None:
    config = known_checkpoint(name)

    assert config is not None
    assert trained_length(config) is None


def test_the_family_counts_for_the_trained_length_and_not_the_number_alone() -> None:
    assert (
        trained_length(parse_config({"model_type": "llama", "max_position_embeddings": 40960}, "m"))
        is None
    )
