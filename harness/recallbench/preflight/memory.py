"""KV memory that cannot hold one prompt: arithmetic on the config's shape and the GPU's size.

Knows nothing of activations, CUDA graphs or other processes on the GPU, so what it refuses cannot
fit; what it lets pass may still not. Sources: vllm/v1/core/kv_cache_utils.py
(``_check_enough_kv_cache_memory`` refuses to start), vllm/config/cache.py (the share is 0.9 up to
0.19.1, 0.92 from 0.20.0 on).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from recallbench.preflight.deployment import Deployment
from recallbench.preflight.finding import Finding, Severity
from recallbench.rope.checkpoint import CheckpointConfig
from recallbench.rope.versions import release_if_any

GIB = 2**30
# Full attention in every layer: the KV cache is layers x KV heads x head size, and no less.
# fmt: off
_PLAIN = frozenset({
    "glm4", "llama", "mistral", "mixtral", "qwen2", "qwen2_moe", "qwen3", "qwen3_moe",
    "qwen3_vl_moe_text", "qwen3_vl_text", "smollm3",
})
# fmt: on
_WINDOWED_THETA = 10000.0
# Bytes of a number in the KV cache as a part of a 16-bit one's.
_KV_PARTS = {
    **dict.fromkeys(("auto", "bfloat16", "float16", "half"), 1.0),
    **dict.fromkeys(("fp8", "fp8_e4m3", "fp8_e5m2"), 0.5),
}
_SHARE_RAISED = (0, 20)
_SHARE, _OLDER_SHARE = 0.92, 0.9
_STEP = 1024
_MOST_GPUS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class _Budget:
    """What one request needs of each GPU, and what there is."""

    length: int
    """Tokens of the request."""
    token_bytes: float
    """KV bytes of a token over all GPUs."""
    weights_bytes: int
    """Bytes of the weights over all GPUs; 0 if not known."""
    gpus: int
    """GPUs that layers and heads are spread over."""
    share_bytes: float
    """Bytes of each GPU that vLLM may take."""

    @property
    def kv_bytes(self) -> float:
        """KV bytes of the request on each GPU."""
        return self.token_bytes * self.length / self.gpus

    @property
    def needed_bytes(self) -> float:
        """KV and weights on each GPU."""
        return self.kv_bytes + self.weights_bytes / self.gpus

    @property
    def fits(self) -> bool:
        """Whether KV and weights fit."""
        return self.needed_bytes <= self.share_bytes


def kv_memory(
    deployment: Deployment,
    config: CheckpointConfig | None,
    *,
    gpu_memory_bytes: int,
    weights_bytes: int | None = None,
) -> Iterator[Finding]:
    """A request of the full length whose KV cache does not fit.

    Args:
        deployment: the settings.
        config: the checkpoint's config; without one, or with layers that are not all full
            attention, nothing is claimed.
        gpu_memory_bytes: memory of each GPU.
        weights_bytes: size of the weights over all GPUs, where that is known.
    """
    budget = _budget(deployment, config, gpu_memory_bytes, weights_bytes or 0)
    if budget is None or budget.fits:
        return
    alone = budget.kv_bytes > budget.share_bytes
    beside = f" beside {_gib(budget.weights_bytes / budget.gpus)} of weights" if not alone else ""
    yield Finding(
        rule="kv-memory",
        severity=Severity.ERROR if alone else Severity.WARNING,
        what=f"one request of {budget.length:,} tokens takes {_gib(budget.kv_bytes)} of KV cache "
        f"on each of {budget.gpus} GPU(s){beside}; vLLM may take {_gib(budget.share_bytes)} there",
        why="vLLM refuses to start where one request of max_model_len does not fit, and with "
        "max_model_len auto it cuts the length without a word in the answers",
        fix=_remedies(budget, kv_is_wide=_kv_part(deployment) == 1),
        setting="max_model_len",
    )


def kv_bytes_per_token(deployment: Deployment, config: CheckpointConfig | None) -> float | None:
    """KV bytes of one token over all GPUs, at the KV cache's number type; None if not known.

    A checkpoint in float32 counts as such, though vLLM serves it in 16 bits.
    """
    part = _kv_part(deployment)
    if config is None or config.kv_bytes_per_token is None or part is None:
        return None
    windowed = config.rope_parameters.get("rope_theta") == _WINDOWED_THETA
    if config.model_type not in _PLAIN or (config.model_type == "mistral" and windowed):
        return None
    return config.kv_bytes_per_token * part


def served_length(deployment: Deployment, config: CheckpointConfig | None) -> int | None:
    """Tokens of the longest request; None where only the running engine knows."""
    given = deployment.max_model_len
    if "max_model_len" in deployment.unread or (given is not None and given < 1):
        return None
    if given is not None:
        return given
    changed = (
        deployment.hf_overrides or deployment.rope_scaling or "hf_overrides" in (deployment.unread)
    )
    if config is None or changed or config.rope_parameters.get("rope_type") == "longrope":
        return None
    return config.max_position_embeddings


def gpu_count(deployment: Deployment) -> int | None:
    """GPUs that one request's KV cache is spread over; None where that is read at run time."""
    if {"tensor_parallel_size", "pipeline_parallel_size"} & set(deployment.unread):
        return None
    return (deployment.tensor_parallel_size or 1) * (deployment.pipeline_parallel_size or 1)


def memory_share(deployment: Deployment) -> float | None:
    """The part of a GPU's memory that vLLM may take; without a version, the larger default."""
    if "gpu_memory_utilization" in deployment.unread:
        return None
    if deployment.gpu_memory_utilization is not None:
        return deployment.gpu_memory_utilization
    known = release_if_any(deployment.vllm_version)
    return _OLDER_SHARE if known and known < _SHARE_RAISED else _SHARE


def _budget(
    deployment: Deployment,
    config: CheckpointConfig | None,
    gpu_memory_bytes: int,
    weights_bytes: int,
) -> _Budget | None:
    length = served_length(deployment, config)
    token_bytes = kv_bytes_per_token(deployment, config)
    gpus = gpu_count(deployment)
    share = memory_share(deployment)
    if length is None or token_bytes is None or gpus is None or share is None:
        return None
    return _Budget(
        length=length,
        token_bytes=token_bytes,
        weights_bytes=weights_bytes,
        gpus=gpus,
        share_bytes=gpu_memory_bytes * share,
    )


def _kv_part(deployment: Deployment) -> float | None:
    if "kv_cache_dtype" in deployment.unread:
        return None
    return _KV_PARTS.get(deployment.kv_cache_dtype or "auto")


def _remedies(budget: _Budget, *, kv_is_wide: bool) -> str:
    """What would fit, with its numbers."""
    ways: list[str] = []
    free = budget.share_bytes - budget.weights_bytes / budget.gpus
    longest = int(free * budget.gpus / budget.token_bytes) // _STEP * _STEP
    if longest > 0:
        ways.append(f"max_model_len of {longest:,} or less")
    narrow = replace(budget, token_bytes=budget.token_bytes / 2)
    if kv_is_wide and narrow.fits:
        ways.append(
            f"kv_cache_dtype fp8 ({_gib(narrow.kv_bytes)}), once its recall at this length is "
            "measured"
        )
    wider = [replace(budget, gpus=budget.gpus * 2**power) for power in (1, 2, 3)]
    spread = next((one for one in wider if one.fits and one.gpus <= _MOST_GPUS), None)
    if spread is not None:
        ways.append(f"{spread.gpus} GPUs by tensor_parallel_size ({_gib(spread.kv_bytes)} each)")
    return "; or ".join(ways) or "a GPU with more memory"


def _gib(size: float) -> str:
    return f"{size / GIB:.1f} GiB"
