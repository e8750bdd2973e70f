"""From what a user asks for to whole RoPE parameters: merged over the checkpoint's own.

vLLM replaces a dict, it does not merge it (``_apply_dict_overrides``, vllm/config/model.py): what
is not restated is lost without a word. So the whole is worked out here and sent in full.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf
from typing import Any

from recallbench.domain import RopeRequest
from recallbench.errors import RopeError
from recallbench.rope.checkpoint import CheckpointConfig, renamed_type
from recallbench.rope.cos_sin import LAYER_TYPES, is_by_layer
from recallbench.rope.known_checkpoints import trained_length
from recallbench.rope.reach import YARN_TYPES

# Keys that describe the rotation itself and not its scaling: they hold under any scaling.
_KEPT_KEYS = (
    "rope_theta",
    "partial_rotary_factor",
    "rope_dim",
    "mrope_section",
    "mrope_interleaved",
)
_FACTOR_TYPES = YARN_TYPES | {"linear", "ntk", "llama3"}


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedRope:
    """Whole RoPE parameters, and how those were chosen that the user did not give."""

    parameters: Mapping[str, Any]
    """In transformers 5 form; what should be in effect."""
    reasons: tuple[str, ...] = ()
    """In words."""


def asked_rope(request: RopeRequest, config: CheckpointConfig) -> AskedRope:
    """Merge a request over the checkpoint's RoPE.

    Raises:
        RopeError: a value is missing, or is none that a RoPE can have.
    """
    if request.is_native:
        return AskedRope(parameters=dict(config.rope_parameters))
    asked: dict[str, Any] = (
        {"rope_type": "yarn", "factor": float(request.factor)}
        if request.factor is not None
        else dict(request.parameters or ())
    )
    reasons: list[str] = []
    if is_by_layer(config.rope_parameters) or is_by_layer(asked):
        merged = _by_layer(asked, config)
    else:
        merged = _merged(asked, dict(config.rope_parameters), config, reasons)
    return AskedRope(parameters=merged, reasons=tuple(reasons))


def original_length(config: CheckpointConfig) -> tuple[int, str] | None:
    """The length a checkpoint was trained on before any scaling, and where that is known from."""
    held = config.rope_parameters.get("original_max_position_embeddings")
    if isinstance(held, int):
        return held, "from the checkpoint's RoPE parameters"
    trained = trained_length(config)
    if trained is not None:
        return trained
    if config.max_position_embeddings is None:
        return None
    return config.max_position_embeddings, "the config's max_position_embeddings"


def trained_tokens(config: CheckpointConfig) -> int | None:
    """The context in tokens that a checkpoint was trained for; scaling it was trained with counts.

    None where the config does not say.
    """
    own_yarn = config.rope_parameters.get("rope_type") in YARN_TYPES
    known = original_length(config) if own_yarn else trained_length(config)
    return known[0] if known else config.max_position_embeddings


def _merged(
    asked: dict[str, Any], own: dict[str, Any], config: CheckpointConfig, reasons: list[str]
) -> dict[str, Any]:
    if "type" in asked:
        kind = renamed_type(asked.pop("type"))
        asked.setdefault("rope_type", kind)
        reasons.append(f"`type` is the old name of `rope_type`: sent as rope_type={kind}")
    if asked.get("rope_type", own["rope_type"]) != own["rope_type"]:
        dropped = sorted(own.keys() - asked.keys() - {*_KEPT_KEYS, "rope_type"})
        if dropped:
            reasons.append(
                f"the checkpoint's own {own['rope_type']} scaling is replaced: "
                f"{', '.join(dropped)} dropped"
            )
        own = {key: value for key, value in own.items() if key not in dropped}
    merged = {**own, **asked}
    _check_rotation(merged)
    _check_factor(merged)
    if merged["rope_type"] in YARN_TYPES:
        _set_original(merged, config, reasons)
    return merged


def _check_rotation(merged: Mapping[str, Any]) -> None:
    kind, theta = merged["rope_type"], merged.get("rope_theta", 1.0)
    if not isinstance(kind, str):
        raise RopeError(f"rope: rope_type is {kind!r}; a name, such as yarn, is allowed")
    if isinstance(theta, bool) or not isinstance(theta, int | float) or not 0 < theta < inf:
        raise RopeError(f"rope: rope_theta is {theta!r}; a number above 0 is allowed")


def _check_factor(merged: dict[str, Any]) -> None:
    """A factor is sent as a float: vLLM's linear scaling takes an integer for a list and fails."""
    kind, factor = merged["rope_type"], merged.get("factor")
    if factor is None:
        if kind in _FACTOR_TYPES or (kind == "dynamic" and "alpha" not in merged):
            raise RopeError(f"rope: {kind} needs a factor, a number of 1 or more")
        return
    if isinstance(factor, bool) or not isinstance(factor, int | float) or not 1 <= factor < inf:
        raise RopeError(f"rope: factor is {factor!r}; a number of 1 or more is allowed")
    merged["factor"] = float(factor)


def _set_original(merged: dict[str, Any], config: CheckpointConfig, reasons: list[str]) -> None:
    if "original_max_position_embeddings" not in merged:
        known = original_length(config)
        if known is None:
            raise RopeError(
                f"model {config.source}: yarn needs original_max_position_embeddings and the "
                "config has no max_position_embeddings to take it from; give it in the variant's "
                "rope"
            )
        merged["original_max_position_embeddings"], why = known
        reasons.append(f"original_max_position_embeddings {known[0]:,}: {why}")
    held = merged["original_max_position_embeddings"]
    if isinstance(held, bool) or not isinstance(held, int) or held < 1:
        raise RopeError(
            f"rope: original_max_position_embeddings is {held!r}; a whole number of tokens is "
            "allowed"
        )


def _by_layer(asked: dict[str, Any], config: CheckpointConfig) -> dict[str, Any]:
    """Gemma 3 and 4 have RoPE parameters for each type of layer; each is merged with its own."""
    layers = [name for name in LAYER_TYPES if name in config.rope_parameters]
    if not is_by_layer(asked) or not layers:
        names = ", ".join(layers) or "no types of layers"
        raise RopeError(
            f"model {config.source}: its RoPE parameters are for {names}; "
            f"{'give them as its config has them' if layers else 'give one set for all layers'}, "
            f"such as rope: {{{layers[0] if layers else 'rope_type'}: ...}}"
        )
    unknown = sorted(asked.keys() - config.rope_parameters.keys())
    if unknown:
        raise RopeError(
            f"model {config.source}: rope has {unknown[0]}, the checkpoint has {', '.join(layers)}"
        )
    merged = dict(config.rope_parameters)
    for name, parameters in asked.items():
        if not isinstance(parameters, Mapping):
            raise RopeError(f"rope: {name} is {parameters!r}; RoPE parameters are allowed")
        merged[name] = _merged(dict(parameters), dict(merged[name]), config, [])
    return merged
