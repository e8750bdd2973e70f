"""How far a scaling reaches: the context in tokens that RoPE parameters are meant for. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import Any

YARN_TYPES = frozenset({"yarn", "deepseek_yarn"})
"""Types that scale from ``original_max_position_embeddings``."""
EXTENDING_TYPES = frozenset({"linear", "dynamic", "ntk"})
"""Types that scale from the config's ``max_position_embeddings``."""


def scaled_length(parameters: Mapping[str, Any], native_tokens: int | None) -> int | None:
    """The context in tokens that a scaling is for; None without one that extends.

    Args:
        parameters: in transformers 5 form; values of any kind.
        native_tokens: the config's ``max_position_embeddings``; None is unknown.
    """
    kind, factor = parameters.get("rope_type"), parameters.get("factor")
    if not isinstance(factor, int | float) or not isfinite(factor):
        return None
    if kind in YARN_TYPES:
        original = parameters.get("original_max_position_embeddings")
        return int(original * factor) if isinstance(original, int) else None
    extends = kind in EXTENDING_TYPES and native_tokens is not None
    return int((native_tokens or 0) * factor) if extends else None
