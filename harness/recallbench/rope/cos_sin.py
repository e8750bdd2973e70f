"""The cos/sin table that RoPE parameters ask for, ready to be held against an engine's.

A table is rows of cos and sin of position times frequency, one row a position. LongRoPE's has two
parts, one after the other: the short factors' up to the original length, then the long ones'.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from recallbench.errors import RopeError
from recallbench.rope.frequencies import Rotation, base_of, plain, rotation

LAYER_TYPES = ("full_attention", "sliding_attention", "chunked_attention", "linear_attention")
"""Keys of RoPE parameters that stand once for each type of layer (Gemma 3 and 4)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TablePart:
    """Rows that turn alike."""

    rotation: Rotation
    """How they turn."""
    rows: int | None
    """How many there are; None is the rest of the table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableShape:
    """What a table follows from besides the RoPE parameters."""

    head_dim: int
    """Dimensions of a head."""
    max_position_embeddings: int | None
    """As the engine sees it, overrides included."""


def is_by_layer(parameters: Mapping[str, Any]) -> bool:
    """Whether the parameters stand once for each type of layer."""
    return any(isinstance(parameters.get(name), Mapping) for name in LAYER_TYPES)


def rotary_dim(parameters: Mapping[str, Any], head_dim: int) -> int:
    """Rotated dimensions of a head; source: ``get_rope``, vLLM 0.12 to 0.33."""
    asked = parameters.get("rope_dim")
    return int(asked) if asked else int(head_dim * parameters.get("partial_rotary_factor", 1.0))


def expected_table(
    parameters: Mapping[str, Any], shape: TableShape
) -> tuple[TablePart, ...] | None:
    """The parts of the table that parameters ask for; None for a type without a formula here.

    Raises:
        RopeError: a key that the type needs is missing or no number.
    """
    try:
        return _parts(parameters, shape)
    except (TypeError, ValueError, ArithmeticError) as error:
        raise RopeError(
            f"rope: {dict(parameters)!r} cannot be computed ({error}); use plain numbers"
        ) from error


def _parts(parameters: Mapping[str, Any], shape: TableShape) -> tuple[TablePart, ...] | None:
    width = rotary_dim(parameters, shape.head_dim)
    if parameters.get("rope_type") == "longrope":
        return _longrope(parameters, shape, width)
    trained = parameters.get("max_trained_positions")
    if trained and shape.max_position_embeddings:
        parameters = {**parameters, "stretch": shape.max_position_embeddings / trained}
    turning = rotation(parameters, width)
    return None if turning is None else (TablePart(rotation=turning, rows=None),)


def is_same_table(one: Sequence[TablePart], other: Sequence[TablePart]) -> bool:
    """Whether two tables are one, but for rounding in float64."""
    return len(one) == len(other) and all(map(_is_same_part, one, other))


def _is_same_part(one: TablePart, other: TablePart) -> bool:
    turns, others = one.rotation.inv_freq, other.rotation.inv_freq
    return (
        one.rows == other.rows
        and math.isclose(one.rotation.magnitude, other.rotation.magnitude)
        and len(turns) == len(others)
        and all(map(math.isclose, turns, others))
    )


def _longrope(
    parameters: Mapping[str, Any], shape: TableShape, width: int
) -> tuple[TablePart, ...] | None:
    """Frequencies divided by a factor of each dimension's own, and one magnitude for both parts.

    Source: Ding et al. 2024 (arXiv 2402.13753), section 3; the magnitude as in Phi-3's model code.
    """
    longest = shape.max_position_embeddings
    try:
        original = int(parameters["original_max_position_embeddings"])
        factors = [parameters[f"{part}_factor"] for part in ("short", "long")]
    except KeyError as error:
        raise RopeError(
            f"rope: longrope needs {error.args[0]}; give it in the RoPE parameters"
        ) from error
    if longest is None:
        return None
    own = plain(base_of(parameters), width)
    stretch = max(longest / original, 1.0)
    magnitude = math.sqrt(1 + math.log(stretch) / math.log(original))
    parts = []
    for name, divisors, rows in zip(("short", "long"), factors, (original, None), strict=True):
        if len(divisors) != len(own):
            raise RopeError(
                f"rope: {name}_factor has {len(divisors)} numbers; longrope needs {len(own)}, one "
                "for each pair of rotated dimensions"
            )
        turning = Rotation(
            inv_freq=tuple((own / divisors).tolist()),
            magnitude=float(parameters.get(f"{name}_mscale") or magnitude),
        )
        parts.append(TablePart(rotation=turning, rows=rows))
    return tuple(parts)
