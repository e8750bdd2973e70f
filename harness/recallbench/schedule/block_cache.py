"""A server's prefix cache, block for block, one request after another.

Finds and gives up what vLLM's does (0.32): a full block is found by all ids up to its end, a
prompt's last token is always computed, and the blocks of a finished request stay until others need
them, its last block going first. It does not know requests that overlap, blocks of unlike layers
(sliding windows, Mamba), answers that later prompts repeat, or a server's other users.

Source: vLLM, ``vllm/v1/core/block_pool.py`` and ``single_type_kv_cache_manager.py``.
"""

from __future__ import annotations

import sys
from array import array
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b

_KEY_BYTES = 16  # enough that no two blocks of a run meet by chance
_NOT_TO_FIND = b""
"""Key of a block that holds some of an answer: no later prompt is taken to begin with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """What an order of prompts costs."""

    prompt_tokens: int
    """Of all prompts."""
    computed_tokens: int
    """Those that were not found in the cache."""
    requests: int
    """Number of prompts."""

    @property
    def share_cached(self) -> float | None:
        """Tokens found over tokens asked, in [0, 1); None without any."""
        return 1 - self.computed_tokens / self.prompt_tokens if self.prompt_tokens else None


class BlockCache:
    """The blocks of a KV cache, least recently used first."""

    def __init__(self, block_tokens: int, capacity_blocks: int | None) -> None:
        """An empty cache.

        Args:
            block_tokens: tokens in a block.
            capacity_blocks: blocks that requests can have; vLLM keeps one of its own besides. None
                is as many as they want.

        Raises:
            ValueError: a block without a token, or no block.
        """
        if block_tokens < 1:
            raise ValueError(f"block_tokens is {block_tokens}; a block has at least 1 token")
        if capacity_blocks is not None and capacity_blocks < 1:
            raise ValueError(f"capacity_blocks is {capacity_blocks}; a cache has at least 1 block")
        self._block_tokens = block_tokens
        self._capacity_blocks = sys.maxsize if capacity_blocks is None else capacity_blocks
        self._blank = self._capacity_blocks  # free ones that hold nothing to find: taken first
        self._made = 0
        self._queue: OrderedDict[int, bytes] = OrderedDict()
        self._found: dict[bytes, int] = {}
        self._doubles: dict[bytes, list[int]] = {}

    def run(self, prompt_ids: array[int], answer_tokens: int = 0) -> int:
        """Tokens of the prompt that are found; then it is computed, answered and done with.

        Args:
            prompt_ids: shape (n_tokens,).
            answer_tokens: length of the answer; the last of them takes no place in the cache.

        Raises:
            ValueError: the cache is too small for the request alone.
        """
        taken = len(prompt_ids) + max(answer_tokens - 1, 0)
        full, blocks = taken // self._block_tokens, -(-taken // self._block_tokens)
        if blocks > self._capacity_blocks:
            raise ValueError(
                f"a request of {taken} tokens takes {blocks} blocks of {self._block_tokens}; the "
                f"cache has {self._capacity_blocks}"
            )
        keys = self._keys(prompt_ids)
        hits = self._hits(keys[: max(len(prompt_ids) - 1, 0) // self._block_tokens])
        for block in hits:
            del self._queue[block]
        made = self._take(blocks - len(hits))[: full - len(hits)]
        for block, key in zip(made, keys[len(hits) :], strict=False):
            self._enter(block, key)
        self._blank += blocks - full
        keys += [_NOT_TO_FIND] * (full - len(keys))
        self._queue.update(zip(reversed([*hits, *made]), reversed(keys), strict=True))
        return len(hits) * self._block_tokens

    def _keys(self, ids: array[int]) -> list[bytes]:
        """A name for each full block, made of all ids up to its end."""
        content = memoryview(ids).cast("B")
        step = self._block_tokens * ids.itemsize
        whole = blake2b(digest_size=_KEY_BYTES)
        keys = []
        for end in range(step, len(content) + 1, step):
            whole.update(content[end - step : end])
            keys.append(whole.digest())
        return keys

    def _hits(self, keys: list[bytes]) -> list[int]:
        """The blocks of these keys, up to the first that is not there."""
        hits = []
        for key in keys:
            block = self._found.get(key)
            if block is None:
                break
            hits.append(block)
        return hits

    def _take(self, count: int) -> range:
        """New blocks: blank ones, then those that were used least recently."""
        blank = min(count, self._blank)
        self._blank -= blank
        for _ in range(count - blank):
            self._give_up(*self._queue.popitem(last=False))
        self._made += count
        return range(self._made - count, self._made)

    def _enter(self, block: int, key: bytes) -> None:
        """Let ``block`` be found; behind one of the same content, if there is one."""
        if self._found.setdefault(key, block) != block:
            self._doubles.setdefault(key, []).append(block)

    def _give_up(self, block: int, key: bytes) -> None:
        """Let ``block`` no more be found."""
        doubles = self._doubles.get(key, [])
        if block in doubles:
            doubles.remove(block)
        elif doubles:
            self._found[key] = doubles.pop(0)
        else:
            self._found.pop(key, None)
        if not doubles:
            self._doubles.pop(key, None)


def score(prompts: Iterable[array[int]], cache: BlockCache, answer_tokens: int = 0) -> Score:
    """What these prompts cost, one after another in their order.

    Args:
        prompts: each of shape (n_tokens,).
        cache: what they find, and where they stay.
        answer_tokens: length of each answer.

    Raises:
        ValueError: the cache is too small for one of them.
    """
    asked, found, requests = 0, 0, 0
    for ids in prompts:
        asked += len(ids)
        found += cache.run(ids, answer_tokens)
        requests += 1
    return Score(prompt_tokens=asked, computed_tokens=asked - found, requests=requests)
