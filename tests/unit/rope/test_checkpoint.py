"""RoPE and KV shape come out the same, whichever transformers version wrote the config."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from recallbench.errors import CheckpointError
from recallbench.rope import parse_config, read_checkpoint

SHAPE = {
    "model_type": "qwen3",
    "num_hidden_layers": 36,
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
    "head_dim": 128,
    "max_position_embeddings": 40960,
}
V5: dict[str, Any] = {
    **SHAPE,
    "dtype": "bfloat16",
    "rope_parameters": {"rope_type": "default", "rope_theta": 1e6},
}
V4: dict[str, Any] = {
    **SHAPE,
    "torch_dtype": "bfloat16",
    "rope_scaling": None,
    "rope_theta": 1e6,
}
LLAMA31: dict[str, Any] = {
    **SHAPE,
    "model_type": "llama",
    "max_position_embeddings": 131072,
    "rope_theta": 500000.0,
    "rope_scaling": {
        "type": "llama3",
        "factor": 8.0,
        "low_freq_factor": 1.0,
        "high_freq_factor": 4.0,
        "original_max_position_embeddings": 8192,
    },
}


@pytest.mark.parametrize("raw", [V5, V4], ids=["v5", "v4"])
def test_both_forms_give_the_same(raw: dict[str, Any]) -> None:
    config = parse_config(raw, "m")

    assert config.rope_parameters == {"rope_type": "default", "rope_theta": 1e6}
    assert config.max_position_embeddings == 40960
    assert config.kv_bytes_per_token == 2 * 36 * 8 * 128 * 2
    assert not config.is_nested


def test_the_old_name_of_the_type_is_read() -> None:
    parameters = parse_config(LLAMA31, "m").rope_parameters

    assert parameters["rope_type"] == "llama3"
    assert parameters["rope_theta"] == 500000.0
    assert "type" not in parameters


def test_a_multimodal_config_is_read_where_its_text_model_stands() -> None:
    config = parse_config({"model_type": "qwen3_vl", "text_config": V5}, "m")

    assert config.is_nested
    assert config.model_type == "qwen3"
    assert config.max_position_embeddings == 40960


@pytest.mark.parametrize(
    ("changes", "size"),
    [
        ({"dtype": "float32"}, 2 * 36 * 8 * 128 * 4),
        ({"num_key_value_heads": None}, 2 * 36 * 32 * 128 * 2),
        ({"head_dim": None, "hidden_size": 4096}, 2 * 36 * 8 * 128 * 2),
        ({"kv_lora_rank": 512}, None),
        ({"num_hidden_layers": None}, None),
    ],
)
def test_the_kv_cache_size_follows_the_shape(changes: dict[str, Any], size: int | None) -> None:
    assert parse_config({**V5, **changes}, "m").kv_bytes_per_token == size


def test_of_several_lengths_the_shortest_holds_as_vllm_takes_it() -> None:
    """Source: ``_get_and_verify_max_len`` in vllm/config/model.py."""
    config = parse_config({**V5, "seq_length": 2048, "n_positions": 8192}, "m")

    assert config.max_position_embeddings == 2048


def test_a_folder_with_only_a_tokenizer_has_no_config(tmp_path: Path) -> None:
    assert read_checkpoint(str(tmp_path)) is None


def test_a_real_folder_is_read(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps(V4), encoding="utf-8")

    config = read_checkpoint(str(tmp_path))

    assert config is not None
    assert config.rope_parameters["rope_theta"] == 1e6


def test_a_model_that_is_nowhere_is_told_of() -> None:
    with pytest.raises(CheckpointError, match=r"no/such-model.*hub"):
        read_checkpoint("no/such-model")
