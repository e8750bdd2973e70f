"""An engine that is up, with the facts a run keeps of it; and how the two kinds come up."""

from __future__ import annotations

import json
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from recallbench.domain import Engine, Tokenizer, Variant
from recallbench.engines.completions_engine import CompletionsEngine
from recallbench.engines.endpoint import EndpointRequest, LocalCounter, Served, connect
from recallbench.engines.endpoint_facts import EndpointFacts, endpoint_facts
from recallbench.engines.openai_client import OpenAIClient
from recallbench.engines.rope_reading import prove_rope
from recallbench.engines.served_settings import NumberTypes, asked_types, differences
from recallbench.engines.server_arguments import (
    VllmCommand,
    server_arguments,
    server_environment,
)
from recallbench.engines.server_metrics import ServerCounts, no_counts, read_counts
from recallbench.engines.vllm_process import VllmServer, installed_vllm
from recallbench.errors import EngineStartError
from recallbench.rope.proof import RopeClaim, RopeProof, unverified

_NO_CONFIG = "the model folder has no config.json to work out the tables from"


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineFacts:
    """What a run keeps of an engine it asked."""

    kind: str
    """``vllm`` (started by us), ``endpoint`` or ``scripted``."""
    api: str
    """``completions`` or ``chat``."""
    version: str | None = None
    """The server's own version."""
    served_model: str | None = None
    """Name the requests gave."""
    max_model_len: int | None = None
    """Context length read back from the server."""
    kv_cache_tokens: int | None = None
    """Tokens its KV cache holds."""
    kv_max_concurrency: float | None = None
    """Requests of full length that fit its KV cache at once."""
    startup_s: float | None = None
    """From starting the process to the first good answer."""
    rope_s: float | None = None
    """From then on until its RoPE was read."""
    dtype: str | None = None
    """Number type of weights and activations, read back."""
    quantization: str | None = None
    """Quantization method, read back."""
    kv_cache_dtype: str | None = None
    """Number type of the KV cache, read back."""
    attention_backend: str | None = None
    """Attention backends in use, read back."""
    block_size: int | None = None
    """Tokens in a block of the KV cache."""
    fingerprint: str | None = None
    """The server's ``system_fingerprint``, which covers its whole configuration."""
    notes: tuple[str, ...] = ()
    """What a user should know, in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedEngine:
    """An engine that answers."""

    engine: Engine
    """The port."""
    facts: EngineFacts
    """What is kept of it."""
    proof: RopeProof
    """Whether it runs the RoPE that was asked for."""
    extra_tokens: int = 0
    """Tokens the server adds to every prompt beyond the local template."""
    in_order: bool = False
    """Whether it is known to take up requests in the order in which they come: our own vLLM with
    one engine. Behind an address of others there may be several."""
    counts: Callable[[], Awaitable[ServerCounts | None]] = no_counts
    """Reads what the server has counted until now; never raises for one that shows nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalStart:
    """How to start vLLM for one variant."""

    variant: Variant
    """The variant."""
    model_path: str
    """Folder or hub id of its checkpoint."""
    hf_overrides: Mapping[str, Any] | None
    """For ``--hf-overrides``."""
    max_model_len: int
    """Context length in tokens."""
    kv_cache_gib: int
    """KV cache for a CPU host."""
    log_path: Path
    """Where the server's output goes."""
    start_timeout_s: float
    """How long it may take to come up."""
    request_timeout_s: float
    """How long one request may take."""
    rope: RopeClaim | None = None
    """What its rotary tables are held against; None where the config is not known."""
    is_cold: bool = False
    """Whether no request may use what the server cached of another."""


@asynccontextmanager
async def started_vllm(
    start: LocalStart, tokenizer: Tokenizer, on_progress: Callable[[str], None]
) -> AsyncIterator[OpenedEngine]:
    """A vLLM server of our own, stopped when the block ends, however it ends.

    Raises:
        EngineStartError: it did not come up, or serves another length than asked.
    """
    server = await VllmServer.start(
        vllm_command(start),
        start.log_path,
        on_progress=on_progress,
        timeout_s=start.start_timeout_s,
    )
    client = OpenAIClient(server.base_url, api_key=None, timeout_s=start.request_timeout_s)
    try:
        facts = server.facts
        if facts.max_model_len != start.max_model_len:
            raise EngineStartError(
                f"variant {start.variant.name}: vLLM was asked for a context of "
                f"{start.max_model_len:,} tokens and serves {facts.max_model_len:,}"
            )
        capacity = facts.kv_capacity
        on_progress("reading its RoPE")
        begun_s = time.monotonic()
        proof = await prove_rope(client, start.rope) if start.rope else unverified(_NO_CONFIG)
        yield OpenedEngine(
            engine=CompletionsEngine(
                client, tokenizer, model=facts.model_id, is_cold=start.is_cold
            ),
            facts=EngineFacts(
                kind="vllm",
                api="completions",
                version=facts.version,
                served_model=facts.model_id,
                max_model_len=facts.max_model_len,
                kv_cache_tokens=capacity.tokens if capacity else None,
                kv_max_concurrency=capacity.max_concurrency if capacity else None,
                startup_s=facts.startup_s,
                rope_s=time.monotonic() - begun_s,
                notes=differences(asked_types(start.variant), _served_types(proof)),
                **_read_back(proof),
            ),
            proof=proof,
            in_order=_is_in_order(start.variant.engine_args),
            counts=partial(read_counts, client),
        )
    finally:
        await client.aclose()
        await server.stop()


_OUT_OF_ORDER = (
    "data-parallel",
    "-dp",
    "scheduling-policy",
    # A long prompt is read in pieces, and those behind it in the room that is left beside them.
    "long-prefill",
    "partial-prefill",
)
"""In the names of options with which vLLM does not take up one request after another."""


def _is_in_order(engine_args: Sequence[str]) -> bool:
    """Whether vLLM has one engine and no other order than first come, first served."""
    told = " ".join(engine_args).replace("_", "-")
    return not any(name in told for name in _OUT_OF_ORDER)


def _standing(shown: EndpointFacts) -> str:
    """What is known of a standing server's RoPE."""
    if shown.hf_overrides is None:
        return "a standing server does not show the rotary tables it runs"
    if not shown.hf_overrides:
        return (
            "the server was started without hf_overrides (/server_info), so the checkpoint's own "
            "RoPE was asked for; what it runs is not shown"
        )
    asked = json.dumps(dict(shown.hf_overrides), sort_keys=True)
    return (
        f"the server was started with hf_overrides {asked} (/server_info), which is what was asked "
        "for; what it runs is not shown"
    )


def _read_back(proof: RopeProof) -> dict[str, Any]:
    """Settings in force, as far as the worker told them."""
    settings = proof.reading.settings if proof.reading else {}
    return {
        "dtype": settings.get("dtype"),
        "quantization": settings.get("quantization"),
        "kv_cache_dtype": settings.get("kv_cache_dtype"),
        "attention_backend": ", ".join(settings.get("attention_backends") or ()) or None,
        "block_size": settings.get("block_size"),
    }


def _served_types(proof: RopeProof) -> NumberTypes:
    """The part of them that says how numbers are kept."""
    told = _read_back(proof)
    return NumberTypes(
        quantization=told["quantization"],
        kv_cache_dtype=told["kv_cache_dtype"],
        dtype=told["dtype"],
    )


def vllm_command(start: LocalStart) -> VllmCommand:
    """The server's command line and environment."""
    installed = installed_vllm()
    return VllmCommand(
        installed=installed,
        model=start.model_path,
        arguments=server_arguments(
            start.variant, max_model_len=start.max_model_len, hf_overrides=start.hf_overrides
        ),
        environment=server_environment(
            start.variant, os.environ, installed=installed, kv_cache_gib=start.kv_cache_gib
        ),
    )


@asynccontextmanager
async def connected_endpoint(
    client: OpenAIClient, served: Served, request: EndpointRequest, local: LocalCounter
) -> AsyncIterator[OpenedEngine]:
    """A standing server, left standing.

    Raises:
        EngineError: it cannot be asked; see ``endpoint.connect``.
    """
    try:
        endpoint = await connect(client, served, request, local)
        shown = await endpoint_facts(client)
        yield OpenedEngine(
            engine=endpoint.engine,
            facts=EngineFacts(
                kind="endpoint",
                api=endpoint.api,
                version=served.version,
                served_model=served.model,
                max_model_len=served.max_model_len,
                kv_cache_tokens=shown.kv_cache_tokens,
                kv_max_concurrency=shown.kv_max_concurrency,
                dtype=shown.dtype,
                quantization=shown.quantization,
                kv_cache_dtype=shown.kv_cache_dtype,
                block_size=shown.block_size,
                fingerprint=endpoint.fingerprint,
                notes=endpoint.notes,
            ),
            proof=unverified(_standing(shown)),
            extra_tokens=endpoint.extra_tokens,
            counts=partial(read_counts, client),
        )
    finally:
        await client.aclose()
