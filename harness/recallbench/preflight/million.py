"""Advice on settings for 256K to 1M tokens, where one prompt costs minutes and GiB.

Below 256,000 tokens nothing is said. Sources: vllm/config/scheduler.py (refuses a prompt in one
step that exceeds max_num_batched_tokens) and vllm/engine/arg_utils.py (up to 0.11.0 chunked prefill
is on whatever is asked; a step has 8,192 tokens on an H100), 0.11.0 to 0.33.0.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil

from recallbench.preflight.deployment import Deployment
from recallbench.preflight.dual_chunk import asks_for_dual_chunk, has_dual_chunk
from recallbench.preflight.finding import Finding, Severity
from recallbench.preflight.memory import GIB, gpu_count, kv_bytes_per_token, served_length
from recallbench.rope.checkpoint import CheckpointConfig
from recallbench.rope.versions import release_if_any

_LONG = 256_000
_CHUNKING_OBEYED = (0, 11, 2)
_USUAL_CHUNK, _LARGE_CHUNK, _SMALL_CHUNK = 8192, 65536, 2048
_CARD_BYTES = 0.92 * 80 * GIB


def million(deployment: Deployment, config: CheckpointConfig | None) -> Iterator[Finding]:
    """Everything there is to say of one deployment's long context."""
    length = served_length(deployment, config)
    if length is None or length < _LONG:
        return
    asks = asks_for_dual_chunk(deployment, config)
    yield from _whole_prompt(deployment, length)
    # 131,072 is what the cards of dual chunk models say.
    if not (asks and has_dual_chunk(deployment.vllm_version)):
        yield from _large_chunk(deployment)
    yield from _small_chunk(deployment, config, length)
    if not asks:
        yield from _eager(deployment)
    yield from _spread(deployment, config, length)


def _whole_prompt(deployment: Deployment, length: int) -> Iterator[Finding]:
    if deployment.enable_chunked_prefill is not False:
        return
    budget = deployment.max_num_batched_tokens
    refused = budget is not None and budget < length and _obeys_chunking(deployment)
    yield Finding(
        rule="chunked-prefill",
        severity=Severity.ERROR if refused else Severity.ADVICE,
        what=f"chunked prefill is off at {length:,} tokens"
        + (f", max_num_batched_tokens is {budget:,}" if budget is not None else ""),
        why="a prompt is then computed in one step: memory for the activations of all its tokens "
        "is set aside, which the KV cache lacks, and vLLM does not start unless "
        "max_num_batched_tokens is max_model_len or more",
        fix=f"leave chunked prefill on, with max_num_batched_tokens {_USUAL_CHUNK:,} to 32,768",
        setting="enable_chunked_prefill",
    )


def _large_chunk(deployment: Deployment) -> Iterator[Finding]:
    chunk = deployment.max_num_batched_tokens or 0
    if chunk >= _LARGE_CHUNK and deployment.enable_chunked_prefill is not False:
        yield _advice(
            rule="chunk-size",
            what=f"max_num_batched_tokens is {chunk:,}",
            why="vLLM sets memory for the activations of so many tokens aside when it starts, "
            f"{chunk // _USUAL_CHUNK} times as much as for the {_USUAL_CHUNK:,} that it picks on "
            "an H100, and the KV cache gets what is left",
            fix=f"{_USUAL_CHUNK:,} to 32,768, unless the KV cache has room to spare",
            setting="max_num_batched_tokens",
        )


def _small_chunk(
    deployment: Deployment, config: CheckpointConfig | None, length: int
) -> Iterator[Finding]:
    chunk = deployment.max_num_batched_tokens or 0
    if 0 < chunk <= _SMALL_CHUNK and deployment.enable_chunked_prefill is not False:
        yield _advice(
            rule="chunk-size",
            what=f"max_num_batched_tokens is {chunk:,}: a prompt of {length:,} tokens takes "
            f"{ceil(length / chunk):,} steps",
            why="each step reads the weights and all the KV before it again"
            + _reread(deployment, config, length, chunk),
            fix=f"{_USUAL_CHUNK:,}, vLLM's choice on an H100: {ceil(length / _USUAL_CHUNK):,} "
            "steps",
            setting="max_num_batched_tokens",
        )


def _reread(
    deployment: Deployment, config: CheckpointConfig | None, length: int, chunk: int
) -> str:
    """KV that a whole prefill reads on each GPU: half of the last step's, times the steps."""
    token, gpus = kv_bytes_per_token(deployment, config), gpu_count(deployment)
    if token is None or gpus is None:
        return ""
    total = token * length * ceil(length / chunk) / 2 / gpus
    return f", {total / GIB / 1024:,.1f} TiB of it for one prompt on each GPU"


def _eager(deployment: Deployment) -> Iterator[Finding]:
    if deployment.enforce_eager:
        yield _advice(
            rule="eager",
            what="enforce_eager is on",
            why="CUDA graphs serve the answer's tokens, not the prompt, and take a few GiB: "
            "without them each token waits for the launch of every kernel. And past the last "
            "position eager mode answers garbage with HTTP 200 where compiled mode stops",
            fix="leave it out, unless those GiB are what the KV cache lacks",
            setting="enforce_eager",
        )


def _spread(
    deployment: Deployment, config: CheckpointConfig | None, length: int
) -> Iterator[Finding]:
    token, gpus = kv_bytes_per_token(deployment, config), gpu_count(deployment)
    if token is None or gpus is None or token * length / gpus <= _CARD_BYTES:
        return
    # Twice over, so that weights and activations find room beside it.
    count = gpus * 2 ** (ceil(token * length / gpus / _CARD_BYTES).bit_length())
    yield _advice(
        rule="kv-spread",
        what=f"one request of {length:,} tokens takes {token * length / gpus / GIB:.1f} GiB of KV "
        f"cache on each of {gpus} GPU(s)",
        why=f"a card of 80 GiB has {_CARD_BYTES / GIB:.1f} GiB for vLLM, weights included",
        fix=f"tensor_parallel_size {count} ({token * length / count / GIB:.1f} GiB each), as far "
        "as the KV heads divide; or kv_cache_dtype fp8 once its recall at this length is "
        "measured; or larger cards",
        setting="tensor_parallel_size",
    )


def _advice(*, rule: str, what: str, why: str, fix: str, setting: str) -> Finding:
    return Finding(
        rule=rule, severity=Severity.ADVICE, what=what, why=why, fix=fix, setting=setting
    )


def _obeys_chunking(deployment: Deployment) -> bool:
    return release_if_any(deployment.vllm_version) >= _CHUNKING_OBEYED
