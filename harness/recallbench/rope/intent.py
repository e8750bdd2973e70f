"""What overrides that somebody wrote are evidently meant to do, obeyed by vLLM or not. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any

from recallbench.domain import RopeRequest
from recallbench.errors import RopeError
from recallbench.rope.asked import asked_rope
from recallbench.rope.checkpoint import CheckpointConfig

ROPE_KEYS = ("rope_parameters", "rope_scaling")
"""Keys that hold RoPE parameters, the newer one first."""
_CLOSE = 0.75


def written_rope(overrides: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]] | None:
    """The RoPE parameters in overrides with their path; misspelled keys are meant all the same."""
    for path, room in (("", overrides), ("text_config.", overrides.get("text_config"))):
        if not isinstance(room, Mapping):
            continue
        named = [key for key in ROPE_KEYS if isinstance(room.get(key), Mapping)]
        misspelled = [key for key in room if is_misspelled(key, room[key])]
        for key in (*named, *misspelled):
            return f"{path}{key}", room[key]
    return None


def is_misspelled(key: str, value: object) -> bool:
    """Whether a key is a RoPE key but for a slip."""
    return (
        key not in ROPE_KEYS
        and isinstance(value, Mapping)
        and bool(difflib.get_close_matches(key, ROPE_KEYS, n=1, cutoff=_CLOSE))
    )


def intended_rope(overrides: Mapping[str, Any], config: CheckpointConfig) -> dict[str, Any]:
    """Whole RoPE parameters that overrides are meant to bring about.

    What they leave out is meant to stay as the checkpoint has it: nobody drops a theta on purpose.
    Parameters that no engine could run are given as written, merged and unchecked.
    """
    found = written_rope(overrides)
    theta = _scalar_theta(overrides)
    given = {**({"rope_theta": theta} if theta is not None else {}), **(found[1] if found else {})}
    if not given:
        return dict(config.rope_parameters)
    request = RopeRequest(parameters=tuple(given.items()))
    try:
        return dict(asked_rope(request, config).parameters)
    except RopeError:
        return {**config.rope_parameters, **given}


def _scalar_theta(overrides: Mapping[str, Any]) -> object:
    nested = overrides.get("text_config")
    inner = nested.get("rope_theta") if isinstance(nested, Mapping) else None
    return overrides.get("rope_theta", inner)
