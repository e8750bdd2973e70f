"""Random draws that depend on nothing but their name.

Each draw has its own generator, seeded by a SHA-256 of (seed, identity, purpose). So order, resume,
sharding and parallelism change nothing, and adding a purpose leaves the other draws as they were.
Only ``Random.random`` is used: it alone is promised to be the same in every Python version.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Draws:
    """A reproducible stream of random choices for one purpose."""

    def __init__(self, seed: int, identity: str, purpose: str) -> None:
        """Seed the stream by its name, e.g. ``Draws(7, "8000-0.5-0", "key")``."""
        name = f"{seed}\x00{identity}\x00{purpose}".encode()
        self._random = random.Random(int.from_bytes(hashlib.sha256(name).digest()))

    def below(self, bound: int) -> int:
        """An integer in [0, bound)."""
        return int(self._random.random() * bound)

    def pick(self, items: Sequence[T]) -> T:
        """One of ``items``, all equally likely."""
        return items[self.below(len(items))]
