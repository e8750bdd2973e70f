"""Run by a test in a Python of its own: vLLM's real KV cache manager, one request after another.

Reads cases from stdin as JSON and writes for each how many tokens of each request were found.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import torch
from vllm.sampling_params import SamplingParams
from vllm.utils.hashing import sha256
from vllm.v1.core.kv_cache_manager import KVCacheManager
from vllm.v1.core.kv_cache_utils import get_request_block_hasher, init_none_hash
from vllm.v1.kv_cache_interface import FullAttentionSpec, KVCacheConfig, KVCacheGroupSpec
from vllm.v1.request import Request


def manager_of(case: dict[str, Any]) -> KVCacheManager:
    """A manager with the case's blocks, and the one that it keeps for itself."""
    spec = FullAttentionSpec(
        block_size=case["block_tokens"], num_kv_heads=1, head_size=1, dtype=torch.float32
    )
    return KVCacheManager(
        KVCacheConfig(
            num_blocks=case["capacity_blocks"] + 1,
            kv_cache_tensors=[],
            kv_cache_groups=[KVCacheGroupSpec(["layer"], spec)],
        ),
        max_model_len=100_000,
        scheduler_block_size=case["block_tokens"],
        hash_block_size=case["block_tokens"],
    )


def serve(manager: KVCacheManager, request: Request, answer: list[int], chunk: int) -> int:
    """Prefill a chunk at a time, decode a token at a time, free; the tokens found."""
    blocks, found, _ = manager.get_computed_blocks(request)
    step = min(chunk, request.num_tokens - found)
    assert manager.allocate_slots(request, step, found, blocks) is not None
    request.num_computed_tokens = found + step
    for token in [None, *answer[:-1]]:
        if token is not None:
            request.append_output_token_ids(token)
        while (left := request.num_tokens - request.num_computed_tokens) > 0:
            step = min(chunk, left)
            assert manager.allocate_slots(request, step) is not None
            request.num_computed_tokens += step
    manager.free(request)
    return found


def found_in(case: dict[str, Any]) -> list[int]:
    """Tokens found of each request of a case."""
    manager = manager_of(case)
    hasher = get_request_block_hasher(case["block_tokens"], sha256)
    found = []
    for number, (ids, answer) in enumerate(case["requests"]):
        request = Request(
            str(number), ids, SamplingParams(max_tokens=100), None, block_hasher=hasher
        )
        found.append(serve(manager, request, answer, case["chunk"]))
    return found


def main() -> None:
    """Cases in, found tokens out."""
    init_none_hash(sha256)
    json.dump([found_in(case) for case in json.load(sys.stdin)], sys.stdout)


if __name__ == "__main__":
    main()
