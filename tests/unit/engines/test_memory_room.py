"""A further engine is let in only where the numbers say that it fits, and the numbers are told."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recallbench.engines.memory_room import (
    GpuMemory,
    available_memory,
    gpu_memories,
    parse_gpus,
    visible_gpus,
    why_no_gpu_room,
    why_no_host_room,
)

GIB = 2**30
# As nvidia-smi writes it for the query of this module.
TWO_GPUS = """\
0, GPU-6a1c4d52-0b7e-4b7b-9a2e-0d1f5c3b2a10, 143771, 143199
1, GPU-6a1c9f00-77aa-4e0c-8f11-aabbccddeeff, 143771, 2048
"""
ZERO, ONE = parse_gpus(TWO_GPUS)


def gpu(free_gib: float, total_gib: float = 140.0, index: int = 0) -> GpuMemory:
    return GpuMemory(
        index=index,
        uuid=f"GPU-{index}",
        total_bytes=round(total_gib * GIB),
        free_bytes=round(free_gib * GIB),
    )


@pytest.mark.parametrize(
    ("free_gib", "share", "fits"),
    [
        (140, 0.92, True),
        (129.9, 0.92, True),
        (129.7, 0.92, False),
        (75, 0.45, True),
        (60, 0.45, False),
    ],
)
def test_a_gpu_must_have_free_what_vllm_asks_for_at_its_start(
    free_gib: float, share: float, *, fits: bool
) -> None:
    """0.92 of 140 GiB are 128.8, and 1 GiB is for CUDA."""
    assert (why_no_gpu_room([gpu(free_gib)], share) is None) is fits


def test_one_full_gpu_of_several_is_enough_and_is_named_with_its_numbers() -> None:
    why = why_no_gpu_room([gpu(140), gpu(11.5, index=1)], 0.9)

    assert why == (
        "GPU 1 has 11.5 GiB of 140.0 GiB free, and it takes 127.0 GiB: 0.9 of the whole "
        "(--gpu-memory-utilization) and 1.0 GiB for CUDA itself"
    )


def test_without_knowing_gpus_or_share_there_is_no_room() -> None:
    assert why_no_gpu_room([], 0.5) == "the free memory of its GPUs is not known"
    assert why_no_gpu_room([gpu(140)], None) == "its --gpu-memory-utilization is not known"


@pytest.mark.parametrize(("available_gib", "fits"), [(4.21, True), (4.19, False)])
def test_a_host_must_have_weights_cache_and_server(available_gib: float, *, fits: bool) -> None:
    """1.2 times 1 GiB, 1 GiB and 2 GiB."""
    assert (why_no_host_room(round(available_gib * GIB), GIB, 1) is None) is fits


def test_what_a_host_lacks_is_told_in_numbers() -> None:
    assert why_no_host_room(3 * GIB, GIB // 4, 4) == (
        "3.0 GiB of memory are available, and it takes 6.3 GiB: 1.2 times the 0.2 GiB of its "
        "weights, 4.0 GiB of KV cache and 2.0 GiB for the server"
    )


@pytest.mark.parametrize(
    ("available", "weights", "kv_cache", "told"),
    [(None, 1, 1, "this host"), (99 * GIB, None, 1, "weights"), (99 * GIB, 1, None, "KV cache")],
)
def test_a_host_has_no_room_where_a_number_is_missing(
    available: int | None, weights: int | None, kv_cache: float | None, told: str
) -> None:
    why = why_no_host_room(available, weights, kv_cache)

    assert why is not None
    assert told in why


@given(st.integers(0, 2**40), st.integers(0, 2**38), st.integers(1, 64))
def test_more_memory_never_takes_room_away(available: int, weights: int, kv_cache: int) -> None:
    if why_no_host_room(available, weights, kv_cache) is None:
        assert why_no_host_room(available + GIB, weights, kv_cache) is None


def test_gpus_are_read_as_the_driver_lists_them() -> None:
    assert (ZERO.index, ZERO.total_bytes, ZERO.free_bytes) == (0, 143771 << 20, 143199 << 20)
    assert ONE.uuid == "GPU-6a1c9f00-77aa-4e0c-8f11-aabbccddeeff"


@pytest.mark.parametrize("text", ["", "No devices were found\n", "0, GPU-1, [N/A], [N/A]\n"])
def test_gpus_that_tell_no_memory_are_none(text: str) -> None:
    assert parse_gpus(text) == ()


@pytest.mark.parametrize(
    ("visible", "seen"),
    [
        (None, (ZERO, ONE)),
        ("1", (ONE,)),
        ("1, 0", (ONE, ZERO)),
        ("GPU-6a1c9f00", (ONE,)),
        (ONE.uuid, (ONE,)),
        ("GPU-6a1c", ()),
        ("2", ()),
        ("0,2", ()),
        ("MIG-6a1c4d52", ()),
        ("", ()),
        ("-1", ()),
    ],
)
def test_cuda_visible_devices_counts_and_is_never_guessed(
    visible: str | None, seen: tuple[GpuMemory, ...]
) -> None:
    assert visible_gpus((ZERO, ONE), visible) == seen


def smi(folder: Path, script: str) -> None:
    tool = folder / "nvidia-smi"
    tool.write_text(f"#!/bin/sh\n{script}\n")
    tool.chmod(0o755)


@pytest.mark.parametrize(
    ("environment", "count", "indices"),
    [
        ({}, None, [0, 1]),
        ({}, 1, [0]),
        ({"CUDA_VISIBLE_DEVICES": "1"}, 1, [1]),
        ({"CUDA_VISIBLE_DEVICES": "1"}, 2, []),
    ],
)
def test_a_server_takes_the_first_gpus_that_it_sees(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    environment: dict[str, str],
    count: int | None,
    indices: list[int],
) -> None:
    smi(tmp_path, f"cat <<'END'\n{TWO_GPUS}END")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")

    assert [gpu.index for gpu in gpu_memories(environment, count)] == indices


def test_no_gpu_is_known_without_the_drivers_tool_or_when_it_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert gpu_memories({}, None) == ()

    smi(tmp_path, "exit 9")
    assert gpu_memories({}, None) == ()


MEMINFO = "MemTotal:       24576000 kB\nMemFree:  1000 kB\nMemAvailable:   20480000 kB\n"


def files(root: Path, **texts: str) -> Path:
    """A root folder with these files; ``__`` stands for a slash."""
    for name, text in texts.items():
        path = root / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def group(root: Path, limit: str, own: str = "/") -> Path:
    files(root, proc__meminfo=MEMINFO, proc__self__cgroup=f"0::{own}\n")
    folder = root / "sys/fs/cgroup" / own.strip("/")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "memory.max").write_text(f"{limit}\n")
    (folder / "memory.current").write_text(f"{5 * GIB}\n")
    (folder / "memory.stat").write_text(f"anon 1\ninactive_file {2 * GIB}\n")
    return root


def test_what_a_host_has_available_is_the_kernels_word(tmp_path: Path) -> None:
    assert available_memory(files(tmp_path, proc__meminfo=MEMINFO)) == 20480000 * 1024


@pytest.mark.parametrize("own", ["/", "/work/job-1"])
def test_a_control_groups_limit_counts_and_pages_it_can_drop_are_free(
    tmp_path: Path, own: str
) -> None:
    assert available_memory(group(tmp_path, str(8 * GIB), own)) == 5 * GIB


@pytest.mark.parametrize("limit", ["max", str(500 * GIB)])
def test_a_limit_beyond_the_host_is_of_no_account(tmp_path: Path, limit: str) -> None:
    assert available_memory(group(tmp_path, limit)) == 20480000 * 1024


def test_a_group_over_its_limit_has_nothing_left(tmp_path: Path) -> None:
    assert available_memory(group(tmp_path, str(GIB))) == 0


def test_a_host_that_does_not_tell_is_unknown(tmp_path: Path) -> None:
    assert available_memory(tmp_path) is None
