"""Whether a variant's vLLM fits beside the engines that are up, from how it would be started.

Guarantees that the user's own arguments and environment count as vLLM reads them. Looks at this
host's memory at the moment it is asked, and may take as long as the GPU driver's tool does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from recallbench.engines.memory_room import (
    available_memory,
    gpu_memories,
    why_no_gpu_room,
    why_no_host_room,
)
from recallbench.engines.opened import LocalStart, vllm_command
from recallbench.preflight.arguments import read_arguments
from recallbench.preflight.memory import gpu_count, memory_share
from recallbench.runner.preflight import weights_bytes

_REPLICAS = ("-dp", "--data-parallel", "--data_parallel")
_CPU_CACHE = "VLLM_CPU_KVCACHE_SPACE"


def why_no_room(start: LocalStart) -> str | None:
    """Why it does not fit, in words with the numbers; None if it does."""
    command = vllm_command(start)
    installed, environment = command.installed, dict(command.environment)
    if installed is None:
        return "vLLM is not installed"
    if installed.is_cpu_build:
        weights = weights_bytes(start.model_path)
        return why_no_host_room(available_memory(), weights, _kv_cache_gib(environment))
    given = read_arguments(command.arguments).deployment()
    asked = replace(given, vllm_version=installed.version)
    # Replicas take further GPUs, how many is vLLM's to know: then all have to be free.
    is_replicated = any(word.startswith(_REPLICAS) for word in command.arguments)
    count = None if is_replicated else gpu_count(asked)
    return why_no_gpu_room(gpu_memories(environment, count), memory_share(asked))


def _kv_cache_gib(environment: Mapping[str, str]) -> float | None:
    """What a CPU build is told to take; None where it takes a share of the host's memory."""
    told = environment.get(_CPU_CACHE, "")
    return float(told) if told.isdecimal() and int(told) else None
