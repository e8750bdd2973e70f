"""What an engine would serve, by vLLM version: length, table, base, or why it does not start. Pure.

Sources: vllm/config/model.py ``_get_and_verify_max_len`` and
vllm/model_executor/layers/rotary_embedding/, 0.8.5 to 0.33; each rule is held against measured
outcomes in the tests.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf, isfinite
from typing import Any

from recallbench.rope import versions
from recallbench.rope.checkpoint import CheckpointConfig
from recallbench.rope.cos_sin import is_by_layer
from recallbench.rope.effective import Effective, Engine, effective
from recallbench.rope.frequencies import DEFAULT_BASE, base_of

_YARN = frozenset({"yarn", "deepseek_yarn", "deepseek_llama_scaling"})
_NOT_MULTIPLIED = frozenset({"llama3", "longrope", "su"})
_NEEDED = {
    "linear": ("factor",),
    "ntk": ("factor",),
    "yarn": ("factor", "original_max_position_embeddings"),
    "deepseek_yarn": ("factor", "original_max_position_embeddings"),
    "deepseek_llama_scaling": ("factor", "original_max_position_embeddings"),
    "llama3": (
        "factor",
        "low_freq_factor",
        "high_freq_factor",
        "original_max_position_embeddings",
    ),
    "longrope": ("short_factor", "long_factor", "original_max_position_embeddings"),
}
_WITHOUT_NEEDS = frozenset(
    {"default", "dynamic", "proportional", "mllama4", "openpangu", "bailing_mrope"}
)
_NUMBERS = frozenset({"factor", "rope_theta", "original_max_position_embeddings"})
KNOWN_TYPES = frozenset({*_NEEDED, *_WITHOUT_NEEDS})
"""Values of ``rope_type`` that ``get_rope`` knows."""
OLD_MAGNITUDES = frozenset({"attn_factor", "extrapolation_factor", "apply_yarn_scaling"})
"""YaRN's keys that only vLLM up to 0.29 reads."""
NEW_MAGNITUDES = frozenset({"attention_factor", "mscale", "mscale_all_dim"})
"""YaRN's keys that only vLLM from 0.30 on reads."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What an engine makes of a checkpoint and overrides."""

    effective: Effective
    """RoPE parameters and lengths in effect."""
    parameters: Mapping[str, Any]
    """The effective RoPE parameters, only the keys that this version reads.

    Of models with parameters for each type of layer those of full attention.
    """
    base: float
    """Base of the frequencies."""
    rows: int | None
    """Positions of the cos/sin table; None is unknown."""
    derived_length: int | None
    """Context in tokens that vLLM derives; None is unknown."""
    max_model_len: int | None
    """Context in tokens that is served; None is unknown, or the engine does not start."""
    failure: str | None
    """Why the engine does not start; None where it does."""


def effect(
    overrides: Mapping[str, Any],
    config: CheckpointConfig,
    engine: Engine,
    *,
    max_model_len: int | None = None,
    allow_long: bool = False,
) -> Effect:
    """Predict what an engine serves.

    Args:
        overrides: as given by ``--hf-overrides``; empty for none.
        config: the checkpoint's.
        engine: the vLLM that will run.
        max_model_len: as given by ``--max-model-len``; None and -1 take the derived one.
        allow_long: whether ``VLLM_ALLOW_LONG_MAX_MODEL_LEN`` is set.
    """
    found = effective(overrides, config, engine)
    parameters = _read(found.parameters, engine)
    failure = found.failure or _unreadable(parameters) or _lacking(parameters, engine)
    derived = None if failure else _derived(found, parameters, config, engine)
    served, refusal = _served(derived, max_model_len, found, allow_long=allow_long)
    if max_model_len in {None, -1} and _is_longrope(parameters):
        shortens = engine.version >= versions.FLAGS_GONE
        served = (shortens and config.original_length) or served
    return Effect(
        effective=found,
        parameters=parameters,
        base=DEFAULT_BASE if _unreadable(parameters) else base_of(parameters),
        rows=None if failure else _rows(found, parameters, engine, served),
        derived_length=derived,
        max_model_len=None if failure else served,
        failure=failure or refusal,
    )


def unread_keys(parameters: Mapping[str, Any], engine: Engine) -> frozenset[str]:
    """Keys that some vLLM reads and this version does not."""
    read_from = {
        "alpha": versions.OVERRIDES_PATCHED,
        "apply_yarn_scaling": versions.FLAGS_GONE,
        "truncate": versions.RENAMED,
        "max_trained_positions": versions.DYNAMIC_IS_STATIC,
    }
    unread = {key for key, since in read_from.items() if engine.version < since}
    if parameters.get("rope_type") == "yarn":
        old = engine.version < versions.YARN_STOPPED_EXTENDING
        unread |= NEW_MAGNITUDES if old else OLD_MAGNITUDES
    return frozenset(unread & parameters.keys())


def _read(parameters: Mapping[str, Any], engine: Engine) -> dict[str, Any]:
    """What the layers with full attention, which long contexts rest on, are built from."""
    if is_by_layer(parameters):
        parameters = parameters.get("full_attention") or {}
    unread = unread_keys(parameters, engine)
    return {key: value for key, value in parameters.items() if key not in unread}


def _unreadable(parameters: Mapping[str, Any]) -> str | None:
    """A value that no engine can reckon with."""
    kind = parameters.get("rope_type", "default")
    if not isinstance(kind, str):
        return f"rope_type is {kind!r}, which is no name"
    for key in _NUMBERS & parameters.keys():
        value = parameters[key]
        if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
            return f"{key} is {value!r}, which is no number"
    return None


def _lacking(parameters: Mapping[str, Any], engine: Engine) -> str | None:
    kind = parameters.get("rope_type", "default")
    too_early = kind == "ntk" and engine.version < versions.OVERRIDES_PATCHED
    if kind not in KNOWN_TYPES or too_early:
        return f"Unknown RoPE scaling type {kind}"
    missing = [key for key in _NEEDED.get(kind, ()) if key not in parameters]
    if kind == "dynamic" and not {"alpha", "factor"} & parameters.keys():
        missing = ["factor"]
    if missing:
        return f"{kind} needs {missing[0]} (KeyError: {missing[0]!r})"
    factor = parameters.get("factor")
    if kind == "linear" and isinstance(factor, int):
        return f"linear takes a factor with a decimal point: {factor} must be {float(factor)}"
    return None


def _derived(
    found: Effective, parameters: Mapping[str, Any], config: CheckpointConfig, engine: Engine
) -> int | None:
    length = found.lengths.get("model_max_length") or found.lengths.get("max_position_embeddings")
    kind, factor = parameters.get("rope_type", "default"), parameters.get("factor", 1.0)
    if "gemma3" in config.model_type or factor is None:
        return length
    stopped = engine.version >= versions.YARN_STOPPED_EXTENDING
    if kind == "yarn" and not stopped:
        return int(parameters["original_max_position_embeddings"] * factor)
    if length is None or kind in _NOT_MULTIPLIED or (kind in _YARN and stopped):
        return length
    return int(length * factor)


def _served(
    derived: int | None, asked: int | None, found: Effective, *, allow_long: bool
) -> tuple[int | None, str | None]:
    """The length that is served, and why the engine refuses it."""
    if asked in {None, -1}:
        return derived, None
    assert asked is not None, "None was handled"  # noqa: S101 - an invariant
    largest = max(derived or inf, found.lengths.get("model_max_length", 0))
    if asked <= largest or allow_long:
        return asked, None
    return None, (
        f"User-specified max_model_len ({asked}) is greater than the derived max_model_len "
        f"({derived})"
    )


def _is_longrope(parameters: Mapping[str, Any]) -> bool:
    return parameters.get("rope_type") in {"longrope", "su"}


def _rows(
    found: Effective, parameters: Mapping[str, Any], engine: Engine, served: int | None
) -> int | None:
    """Positions of text; multimodal tables are 4 times as long, which is for images."""
    length = found.lengths.get("max_position_embeddings")
    kind, factor = parameters.get("rope_type", "default"), parameters.get("factor") or 1.0
    if kind in _YARN:
        return int(parameters["original_max_position_embeddings"] * factor)
    if _is_longrope(parameters) and served is not None:
        original = int(parameters["original_max_position_embeddings"])
        return length if served > original else original
    grows = kind == "linear" or (
        kind == "dynamic"
        and "alpha" not in parameters
        and engine.version < versions.DYNAMIC_IS_STATIC
    )
    return int(length * factor) if grows and length is not None else length
