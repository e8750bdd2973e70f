"""One vLLM engine as it is or would be started, whatever it was read from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """The settings that bear on recall, by vLLM's own names; None is not given."""

    model: str | None = None
    """Hub id or folder."""
    hf_overrides: Mapping[str, Any] | None = None
    """``--hf-overrides``, as a mapping."""
    rope_scaling: Mapping[str, Any] | None = None
    """``--rope-scaling``, a flag that 0.11.1 removed."""
    rope_theta: float | None = None
    """``--rope-theta``, a flag that 0.11.1 removed."""
    max_model_len: int | None = None
    """Context length in tokens; -1 is ``auto``."""
    dtype: str | None = None
    """Number type of weights and activations."""
    kv_cache_dtype: str | None = None
    """Number type of the KV cache."""
    quantization: str | None = None
    """Quantization method."""
    tensor_parallel_size: int | None = None
    """GPUs that each layer is spread over."""
    pipeline_parallel_size: int | None = None
    """GPUs that the layers are spread over."""
    gpu_memory_utilization: float | None = None
    """Share of the GPU's memory that vLLM may take."""
    max_num_batched_tokens: int | None = None
    """Tokens in one step: the size of a prefill's chunks."""
    enable_chunked_prefill: bool | None = None
    """Whether a long prompt is computed in chunks."""
    enforce_eager: bool | None = None
    """Whether CUDA graphs and compilation are off."""
    env: Mapping[str, str] = field(default_factory=dict)
    """Environment variables that are set for it."""
    vllm_version: str | None = None
    """The version of vLLM it runs on, where that is known."""
    torch_version: str | None = None
    """The version of torch it is pinned to, where that is known."""
    cuda_version: str | None = None
    """The version of CUDA it is pinned to, where that is known."""
    unread: tuple[str, ...] = ()
    """Names of settings that are given with a value that only the running system knows."""
    malformed: Mapping[str, str] = field(default_factory=dict)
    """Names of settings whose value vLLM could not read either, and why."""
