"""What a checkpoint's ``config.json`` says of positions and of the KV cache's shape."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from recallbench.errors import CheckpointError

_LENGTH_KEYS = ("max_position_embeddings", "n_positions", "max_seq_len", "seq_length")
_BYTES = {"float32": 4, "float16": 2, "bfloat16": 2}
# transformers 5 keeps these inside rope_parameters, older configs beside rope_scaling.
_OUTER_ROPE_KEYS = ("rope_theta", "partial_rotary_factor")
_LOCAL_BASE = 10_000.0
"""Gemma 3's, where its config leaves it to transformers' Gemma3TextConfig."""
_RENAMED_TYPES = {"su": "longrope", "mrope": "default"}


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckpointConfig:
    """The part of a config that recall depends on."""

    source: str
    """Folder or hub id it was read from."""
    model_type: str
    """The config's own ``model_type``."""
    is_nested: bool
    """Whether the text model's config stands under ``text_config`` (multimodal models)."""
    rope_parameters: Mapping[str, Any]
    """RoPE parameters in transformers 5 form: ``rope_type``, ``rope_theta`` and the rest in one."""
    max_position_embeddings: int | None
    """The config's length, in tokens; None if it has none."""
    kv_bytes_per_token: int | None
    """KV cache bytes per token at the checkpoint's dtype; None if the config lacks the shape."""
    head_dim: int | None = None
    """Dimensions of a head; None if the config lacks the shape."""
    original_length: int | None = None
    """``original_max_position_embeddings`` where it stands beside the RoPE parameters (Phi-3)."""
    dual_chunk: Mapping[str, Any] | None = None
    """The config's ``dual_chunk_attention_config``, where it has one."""
    local_base: float | None = None
    """Base of layers with a sliding window where it stands beside the RoPE parameters (Gemma 3)."""


def read_checkpoint(source: str) -> CheckpointConfig | None:
    """Read a checkpoint's config from a folder or the hub; None where there is only a tokenizer.

    Raises:
        CheckpointError: the config cannot be reached or is no config.
    """
    from pathlib import Path

    from transformers import PretrainedConfig

    folder = Path(source)
    if folder.is_dir() and not (folder / "config.json").exists():
        return None
    try:
        raw, _ = PretrainedConfig.get_config_dict(source)
    except (OSError, ValueError) as error:
        reason = next(iter(str(error).strip().splitlines()), type(error).__name__).rstrip(".")
        raise CheckpointError(
            f"model {source}: its config.json cannot be read: {reason}. Name a local folder, or a "
            "hub id that this machine can reach"
        ) from error
    if not raw:
        raise CheckpointError(
            f"model {source}: no such folder here and no config.json on the hub; name a local "
            "folder, or a hub id that this machine can reach"
        )
    return parse_config(raw, source)


def parse_config(raw: Mapping[str, Any], source: str) -> CheckpointConfig:
    """Read the parts of a config that are used, whichever transformers version wrote it."""
    nested = isinstance(raw.get("text_config"), dict)
    text = raw["text_config"] if nested else raw
    model_type = str(text.get("model_type", raw.get("model_type", "unknown")))
    usual_local_base = _LOCAL_BASE if model_type.startswith("gemma3") else None
    lengths = [text[key] for key in _LENGTH_KEYS if isinstance(text.get(key), int)]
    return CheckpointConfig(
        source=source,
        model_type=model_type,
        is_nested=nested,
        rope_parameters=_rope_parameters(text),
        max_position_embeddings=min(lengths, default=None),
        kv_bytes_per_token=_kv_bytes(text, raw),
        head_dim=_head_dim(text),
        original_length=text.get("original_max_position_embeddings"),
        dual_chunk=text.get("dual_chunk_attention_config"),
        local_base=text.get("rope_local_base_freq", usual_local_base),
    )


def renamed_type(kind: object) -> str:
    """A RoPE type by its present name.

    Source: ``patch_rope_scaling_dict`` in vllm/transformers_utils/config.py, 0.8.5 to 0.33.
    """
    return _RENAMED_TYPES.get(str(kind), str(kind))


def _rope_parameters(text: Mapping[str, Any]) -> dict[str, Any]:
    """One dict, as transformers 5 writes it, from either form."""
    held = text.get("rope_parameters") or text.get("rope_scaling") or {}
    if any(isinstance(entry, Mapping) for entry in held.values()):
        return {key: _one_form(entry, {}) for key, entry in held.items() if entry}
    return _one_form(held, text)


def _one_form(held: Mapping[str, Any], text: Mapping[str, Any]) -> dict[str, Any]:
    parameters = dict(held)
    if "type" in parameters:
        kind = parameters.pop("type")
        parameters.setdefault("rope_type", kind)
    parameters["rope_type"] = renamed_type(parameters.get("rope_type") or "default")
    outer: tuple[str, ...] = _OUTER_ROPE_KEYS
    if parameters["rope_type"] == "longrope":
        outer = (*outer, "original_max_position_embeddings")
    for key in outer:
        if text.get(key) is not None:
            parameters.setdefault(key, text[key])
    return parameters


def _head_dim(text: Mapping[str, Any]) -> int | None:
    """Dimensions that are rotated at most; latent attention (MLA) rotates a part of its own."""
    heads, hidden = text.get("num_attention_heads"), text.get("hidden_size")
    held = text.get("qk_rope_head_dim") or text.get("head_dim")
    if isinstance(held, int):
        return held
    return hidden // heads if isinstance(heads, int) and isinstance(hidden, int) else None


def _kv_bytes(text: Mapping[str, Any], raw: Mapping[str, Any]) -> int | None:
    """2 (K and V) x layers x KV heads x head size x bytes; grouped-query attention as in Llama."""
    heads = text.get("num_attention_heads")
    layers = text.get("num_hidden_layers")
    if not isinstance(heads, int) or not isinstance(layers, int) or text.get("kv_lora_rank"):
        return None
    head_dim = text.get("head_dim") or text.get("hidden_size", 0) // heads
    kv_heads = text.get("num_key_value_heads") or heads
    dtype = (
        text.get("dtype") or text.get("torch_dtype") or raw.get("dtype") or raw.get("torch_dtype")
    )
    size = 2 * layers * kv_heads * head_dim * _BYTES.get(str(dtype), 2)
    return size or None
