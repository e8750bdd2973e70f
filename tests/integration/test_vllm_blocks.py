"""The block cache finds, request by request, what the installed vLLM's own manager finds."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from array import array
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from recallbench.schedule.block_cache import BlockCache

SCRIPT = Path(__file__).parents[1] / "support" / "vllm_blocks.py"
LIMIT_S = 300
REQUESTS = 60
CASES = 150
MOST_TOKENS = 40

pytestmark = pytest.mark.skipif(find_spec("vllm") is None, reason="vLLM is not installed")


def case(seed: int) -> dict[str, Any]:
    """Requests that share beginnings, end at block ends at times, and want more than there is."""
    draws = random.Random(seed)
    block_tokens = draws.choice([1, 2, 3, 4, 8])
    trunks = [[draws.randrange(2) for _ in range(MOST_TOKENS)] for _ in range(3)]
    requests = []
    for number in range(REQUESTS):
        shared = draws.choice(trunks)[: draws.randrange(MOST_TOKENS)]
        rest = [draws.randrange(2) for _ in range(draws.randrange(6))]
        # No prompt holds the answers' ids: what they leave in the cache is never found.
        answer = [10 + number] * draws.randrange(6)
        requests.append(((shared + rest) or [0], answer))
    least = -(-max(len(ids) + len(answer) for ids, answer in requests) // block_tokens)
    return {
        "block_tokens": block_tokens,
        "capacity_blocks": least + draws.randrange(3 * least),
        "chunk": draws.choice([3, 7, 100]),
        "requests": requests,
    }


@cache
def of_vllm() -> list[list[int]]:
    """What vLLM finds in all cases: importing it takes most of the time."""
    text = json.dumps([case(seed) for seed in range(CASES)])
    run = subprocess.run(
        [sys.executable, SCRIPT],
        input=text,
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    assert run.returncode == 0, run.stderr[-2000:]
    found: list[list[int]] = json.loads(run.stdout.splitlines()[-1])
    return found


def ours(of: dict[str, Any]) -> list[int]:
    blocks = BlockCache(of["block_tokens"], of["capacity_blocks"])
    return [blocks.run(array("I", ids), len(answer)) for ids, answer in of["requests"]]


def test_each_request_finds_what_vllm_finds() -> None:
    assert [ours(case(seed)) for seed in range(CASES)] == of_vllm()


def test_the_cases_tell_eviction_from_none() -> None:
    unlike = [
        seed
        for seed in range(CASES)
        if ours({**case(seed), "capacity_blocks": 10_000}) != of_vllm()[seed]
    ]

    assert len(unlike) > CASES // 2
