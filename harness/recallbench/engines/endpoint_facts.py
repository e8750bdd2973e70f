"""What a standing server shows of its configuration, beyond the model's name and length.

Guarantees an answer in every case: what is not served is None. Nothing of it proves which RoPE
runs: ``/server_info`` tells what was asked for, not what is in effect (vLLM 0.32,
vllm/entrypoints/serve/dev/server_info).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from math import inf, isfinite
from typing import Any

from recallbench.engines.openai_client import OpenAIClient
from recallbench.errors import EngineError, RequestError

_CACHE_CONFIG = re.compile(r"^vllm:cache_config_info\{(.*)\} ", re.MULTILINE)
_LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointFacts:
    """As far as the server shows it; None is not shown."""

    hf_overrides: Mapping[str, Any] | None = None
    """What it was started with, by ``/server_info`` (development mode only)."""
    dtype: str | None = None
    """Number type of weights and activations."""
    quantization: str | None = None
    """Quantization method."""
    kv_cache_dtype: str | None = None
    """``cache_dtype`` as it was asked for; ``auto`` is whatever the checkpoint says."""
    kv_cache_tokens: int | None = None
    """Tokens its KV cache holds, by ``/metrics``."""
    kv_max_concurrency: float | None = None
    """Requests of full length that fit at once."""
    block_size: int | None = None
    """Tokens in a block of the KV cache."""


async def endpoint_facts(client: OpenAIClient) -> EndpointFacts:
    """Ask for everything that a vLLM server may show."""
    labels = cache_labels(await _text(client, "/metrics"))
    info = await _json(client, "/server_info?config_format=json")
    config = info.get("vllm_config")
    model = config.get("model_config") if isinstance(config, Mapping) else None
    held: Mapping[str, Any] = model if isinstance(model, Mapping) else {}
    overrides = held.get("hf_overrides")
    return EndpointFacts(
        hf_overrides=overrides if isinstance(overrides, Mapping) else None,
        dtype=_word(held.get("dtype")),
        quantization=_word(held.get("quantization")),
        kv_cache_dtype=_word(labels.get("cache_dtype")),
        kv_cache_tokens=_kv_tokens(labels),
        kv_max_concurrency=_number(labels.get("kv_cache_max_concurrency")),
        block_size=_whole(labels.get("block_size")),
    )


def cache_labels(metrics: str) -> dict[str, str]:
    """Labels of ``vllm:cache_config_info`` in a Prometheus text; of the first engine."""
    found = _CACHE_CONFIG.search(metrics)
    return dict(_LABEL.findall(found[1])) if found else {}


def _kv_tokens(labels: Mapping[str, str]) -> int | None:
    """The cache's own count from 0.24 on, blocks times their size before."""
    tokens = _whole(labels.get("kv_cache_size_tokens"))
    if tokens is not None:
        return tokens
    blocks, size = _whole(labels.get("num_gpu_blocks")), _whole(labels.get("block_size"))
    return blocks * size if blocks is not None and size is not None else None


async def _text(client: OpenAIClient, path: str) -> str:
    try:
        return await client.get_text(client.root + path)
    except (RequestError, EngineError):
        return ""


async def _json(client: OpenAIClient, path: str) -> dict[str, Any]:
    try:
        return await client.get(client.root + path)
    except (RequestError, EngineError):
        return {}


def _word(value: object) -> str | None:
    known = isinstance(value, str) and value not in {"", "None"}
    return str(value).removeprefix("torch.") if known else None


def _whole(text: str | None) -> int | None:
    number = _number(text)
    return None if number is None else int(number)


def _number(text: str | None) -> float | None:
    """A number; what is none, and what has no end, is not shown."""
    try:
        number = float(text) if text is not None else inf
    except ValueError:
        return None
    return number if isfinite(number) else None
