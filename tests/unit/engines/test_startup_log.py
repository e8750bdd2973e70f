"""Progress and KV capacity, read from real logs and from the words of other versions."""

from __future__ import annotations

from pathlib import Path

import pytest

from recallbench.engines.startup_log import KvCapacity, kv_capacity, phase

DATA = Path(__file__).parent / "data"
READY = (DATA / "ready.log").read_text(encoding="utf-8").splitlines()


def test_a_real_start_is_told_from_context_to_server_up() -> None:
    told = list(dict.fromkeys(seen for line in READY if (seen := phase(line))))

    assert told == [
        "context of 512 tokens",
        "loading weights",
        "loading weights: 0/1",
        "loading weights: 1/1",
        "weights loaded",
        "compiling",
        "compiled",
        "KV cache: 46,592 tokens",
        "engine up",
        "starting the HTTP server",
        "server up",
    ]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Fetching 9 files:  44%|####      | 4/9 [00:02<00:02,  2.1it/s]", "downloading: 44%"),
        (
            "Loading safetensors checkpoint shards:  40% Completed | 2/5 [00:01<00:02]",
            "loading weights: 2/5",
        ),
        ("INFO 11-20 10:00:00 [monitor.py:48] torch.compile took 24.31 s", "compiled in 24.31 s"),
        ("INFO [backends.py:572] Dynamo bytecode transform time: 5.20 s", "compiling"),
        (
            "Capturing CUDA graphs (mixed prefill-decode, PIECEWISE):  51%|##### | 26/51",
            "capturing CUDA graphs: 51%",
        ),
        ("INFO [gpu_worker.py:298] Available KV cache memory: 109.45 GiB", "KV cache: 109.45 GiB"),
        ("INFO [kv_cache_utils.py] GPU KV cache size: 796,960 tokens", "KV cache: 796,960 tokens"),
        ("INFO [gpu_model_runner.py] Graph capturing finished in 5 secs", "CUDA graphs captured"),
        (
            "INFO [api_server.py] Starting vLLM API server 0 on http://h:1",
            "starting the HTTP server",
        ),
        ("INFO [system_utils.py] Found ulimit of 20000", None),
        ("", None),
    ],
)
def test_a_line_is_put_in_a_few_words(line: str, expected: str | None) -> None:
    assert phase(line) == expected


def test_the_kv_capacity_of_one_line_is_read() -> None:
    """As vLLM 0.32 writes it."""
    assert kv_capacity(READY) == KvCapacity(tokens=46_592, max_concurrency=91.0)


def test_the_kv_capacity_of_two_lines_is_read() -> None:
    """As vLLM 0.26 writes it."""
    lines = [
        "(EngineCore pid=7) INFO [kv_cache_utils.py] GPU KV cache size: 796,960 tokens",
        (
            "(EngineCore pid=7) INFO [kv_cache_utils.py] "
            "Maximum concurrency for 131,072 tokens per request: 6.08x"
        ),
    ]

    assert kv_capacity(lines) == KvCapacity(tokens=796_960, max_concurrency=6.08)


def test_a_log_that_says_nothing_of_it_gives_no_capacity() -> None:
    assert kv_capacity(["Using max model len 512", ""]) is None
