"""What vLLM's start-up log tells: how far it is, and how much the KV cache holds.

Pure functions over lines of the log, of vLLM 0.12 to 0.33, with or without the process and time
stamp vLLM puts before a message. Why a start failed is read in ``start_diagnosis``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class KvCapacity:
    """How much the KV cache holds, by the server's own account."""

    tokens: int
    """Tokens of all requests together."""
    max_concurrency: float | None = None
    """Requests of the full context length that fit at once; below 1 nothing of that length fits."""


# Newest spelling first where two versions differ. The first match is the phrase.
_PHASES = tuple(
    (re.compile(pattern), phrase)
    for pattern, phrase in (
        (r"Using max model len ([\d,]+)", r"context of \1 tokens"),
        (r"Initializing a V\d LLM engine", "starting the engine"),
        (r"Fetching \d+ files: +(\d+)%", r"downloading: \1%"),
        (r"Time spent downloading weights", "downloaded"),
        (r"Starting to load model", "loading weights"),
        (r"Loading .*checkpoint shards: +\d+% Completed \| (\d+/\d+)", r"loading weights: \1"),
        (r"Loading weights took|Model loading took", "weights loaded"),
        (r"(?i:starting torch\.compile)|Dynamo bytecode transform time", "compiling"),
        (r"Using cache directory: .* torch\.compile", "compiling"),
        (r"Compiling a graph|Warming up model for the compilation", "compiling"),
        (r"Warming up done", "compiled"),
        (r"torch\.compile (?:takes|took) ([\d.]+) s", r"compiled in \1 s"),
        (r"KV cache size: ([\d,]+) tokens", r"KV cache: \1 tokens"),
        (r"Available KV cache memory: ([\d.]+ GiB)", r"KV cache: \1"),
        (r"Capturing CUDA graphs?.*?: +(\d+)%", r"capturing CUDA graphs: \1%"),
        (r"Capturing CUDA graphs?", "capturing CUDA graphs"),
        (r"Graph capturing finished", "CUDA graphs captured"),
        (r"init engine \(", "engine up"),
        (r"Starting vLLM (?:API )?server", "starting the HTTP server"),
        (r"Application startup complete", "server up"),
    )
)
_KV_TOKENS = re.compile(r"KV cache size: ([\d,]+) tokens")
_KV_CONCURRENCY = re.compile(r"Maximum concurrency for [\d,]+ tokens per request: ([\d.]+)x")


def phase(line: str) -> str | None:
    """What the server is at, in a few words, if ``line`` tells; for showing live."""
    for pattern, phrase in _PHASES:
        if match := pattern.search(line):
            return match.expand(phrase)
    return None


def kv_capacity(lines: Iterable[str]) -> KvCapacity | None:
    """What the log says of the KV cache, the last word of several; None where it says nothing.

    Source: ``update_kv_cache_capacity`` and its forerunners in vllm/v1/core/kv_cache_utils.py: two
    lines up to 0.31, one line from 0.32 on.
    """
    found: KvCapacity | None = None
    for line in lines:
        if match := _KV_TOKENS.search(line):
            found = KvCapacity(tokens=int(match[1].replace(",", "")))
        if found is not None and (match := _KV_CONCURRENCY.search(line)):
            found = KvCapacity(tokens=found.tokens, max_concurrency=float(match[1]))
    return found
