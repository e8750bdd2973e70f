"""Engine settings given by name and typed value: Python keywords, YAML keys in any spelling."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from recallbench.preflight.arguments import REST, Arguments
from recallbench.preflight.option_names import is_vllm_only
from recallbench.preflight.option_values import is_unresolved, read_value

_HUMP = re.compile(r"(?<=[a-z0-9])([A-Z])")
_MOST_PIECES = 20_000
_KINDS: Mapping[str, type | tuple[type, ...]] = {
    "model": str,
    "hf_overrides": dict,
    "rope_scaling": dict,
    "rope_theta": (int, float),
    "max_model_len": int,
    "dtype": str,
    "kv_cache_dtype": str,
    "quantization": str,
    "tensor_parallel_size": int,
    "pipeline_parallel_size": int,
    "gpu_memory_utilization": (int, float),
    "max_num_batched_tokens": int,
    "enable_chunked_prefill": bool,
    "enforce_eager": bool,
}


@dataclass(frozen=True, slots=True)
class Unknown:
    """A value that only the running program knows."""


def snake_case(name: str) -> str:
    """``max_model_len`` for ``maxModelLen``, ``max-model-len`` and ``--max-model-len``."""
    return _HUMP.sub(lambda hump: "_" + hump[1], name.lstrip("-")).replace("-", "_").lower()


def are_engine_settings(names: Iterable[str], *, is_sure: bool) -> bool:
    """Whether a mapping with such keys is meant for a vLLM engine.

    Args:
        names: The keys, in any spelling.
        is_sure: Whether the mapping stands where vLLM is spoken of, so that one key will do.
    """
    snakes = {snake_case(name) for name in names}
    telling = sum(is_vllm_only("--" + name) for name in snakes)
    return telling > (0 if is_sure or "hf_overrides" in snakes else 1)


def read_settings(given: Mapping[str, Any]) -> Arguments:
    """The settings that typed values make, as ``EngineArgs`` takes them.

    Args:
        given: Values by setting in snake case; ``Unknown`` for one that is not known. Names that
            are no settings are passed over, None is as good as not given.
    """
    settings: dict[str, Any] = {}
    unread: set[str] = set()
    malformed: dict[str, str] = {}
    for name, value in given.items():
        if value is None or (name not in _KINDS and name != REST):
            continue
        if is_unknown(value):
            unread.add(name)
            continue
        try:
            settings[name] = _read(name, value)
        except ValueError as error:
            malformed[name] = str(error)
    return Arguments(settings=settings, unread=tuple(sorted(unread)), malformed=malformed)


def _read(name: str, value: object) -> object:
    kind = _KINDS[name]
    if kind is bool and isinstance(value, str) and value.lower() in {"true", "false"}:
        return value.lower() == "true"
    if isinstance(value, str) and kind in {str, int, (int, float)}:
        # Only the command line knows 128k.
        return read_value(name, value) if kind is str else _number(kind, value)
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise ValueError(f"{value!r} is of the wrong type")
    is_decimal = name in {"rope_theta", "gpu_memory_utilization"}
    return float(value) if is_decimal and isinstance(value, int | float) else value


def is_unknown(value: object) -> bool:
    """Whether a value, or a piece of it, is not known; one with too many pieces is not."""
    waiting = [value]
    for _ in range(_MOST_PIECES):
        if not waiting:
            return False
        piece = waiting.pop()
        if isinstance(piece, Unknown) or (isinstance(piece, str) and is_unresolved(piece)):
            return True
        if isinstance(piece, Mapping):
            waiting.extend([*piece.keys(), *piece.values()])
        elif isinstance(piece, list | tuple):
            waiting.extend(piece)
    return True


def _number(kind: type | tuple[type, ...], text: str) -> float:
    try:
        return int(text) if kind is int else float(text)
    except ValueError as error:
        raise ValueError(f"{text!r} is no {'whole ' if kind is int else ''}number") from error
