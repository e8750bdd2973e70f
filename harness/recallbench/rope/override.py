"""From the RoPE that was asked for to the ``--hf-overrides`` that this vLLM obeys.

vLLM replaces a dict override, it does not merge it: what is not restated (theta, partial rotary
factor, mrope sections) is lost without a word. So the full dict is always sent. Sources: vllm
config/model.py ``_apply_dict_overrides`` and ``_get_and_verify_max_len``, 0.11 to 0.33.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf
from typing import Any

from packaging.version import InvalidVersion, Version

from recallbench.domain import RopeRequest
from recallbench.errors import RopeError
from recallbench.rope.checkpoint import CheckpointConfig

# Keys that describe the rotation itself and not its scaling: they hold under any scaling.
_KEPT_KEYS = (
    "rope_theta",
    "partial_rotary_factor",
    "rope_dim",
    "mrope_section",
    "mrope_interleaved",
)
# Families whose max_position_embeddings is not the trained length: Qwen3 dense and MoE say 40,960,
# which is 32,768 trained and 8,192 of room for answers. Source: the Qwen3 model cards.
_TRAINED_LENGTHS = {("qwen3", 40960): 32768, ("qwen3_moe", 40960): 32768}
_RENAMED = (0, 11, 1)
_FACTOR_STOPPED_EXTENDING = (0, 30)
_FACTOR_EXTENDS = frozenset({"linear", "dynamic", "ntk"})


@dataclass(frozen=True, slots=True, kw_only=True)
class RopeOverride:
    """What to send to vLLM, and what it should then run."""

    rope_parameters: Mapping[str, Any]
    """The RoPE parameters that should be in effect."""
    hf_overrides: Mapping[str, Any] | None
    """For ``--hf-overrides``; None where the checkpoint's own RoPE is kept."""
    context_limit: int | None
    """Longest context in tokens the positions are good for; None if the config does not say."""
    reasons: tuple[str, ...] = ()
    """How values were chosen that the user did not give, in words."""


def rope_override(
    request: RopeRequest, config: CheckpointConfig | None, vllm_version: str
) -> RopeOverride:
    """Merge a request over the checkpoint's RoPE and spell it for one vLLM version.

    Raises:
        RopeError: a RoPE was asked for and there is no config to merge it with, or a value is
            missing.
    """
    if request.is_native:
        parameters = dict(config.rope_parameters) if config else {}
        limit = config.max_position_embeddings if config else None
        return RopeOverride(rope_parameters=parameters, hf_overrides=None, context_limit=limit)
    if config is None:
        raise RopeError(
            "RoPE parameters are merged over the checkpoint's own, and this model folder has no "
            "config.json; name a whole checkpoint"
        )
    reasons: list[str] = []
    parameters = _merged(request, config, reasons)
    limit = _context_limit(parameters, config)
    overrides = _spelled(parameters, config, limit, vllm_version)
    return RopeOverride(
        rope_parameters=parameters,
        hf_overrides=overrides,
        context_limit=limit,
        reasons=tuple(reasons),
    )


def _merged(request: RopeRequest, config: CheckpointConfig, reasons: list[str]) -> dict[str, Any]:
    own = dict(config.rope_parameters)
    asked: dict[str, Any] = (
        {"rope_type": "yarn", "factor": float(request.factor)}
        if request.factor is not None
        else dict(request.parameters or ())
    )
    if "type" in asked:
        kind = asked.pop("type")
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
    if merged["rope_type"] == "yarn" and "original_max_position_embeddings" not in merged:
        merged["original_max_position_embeddings"] = _original_length(config, reasons)
    return merged


def _original_length(config: CheckpointConfig, reasons: list[str]) -> int:
    held = config.rope_parameters.get("original_max_position_embeddings")
    length = config.max_position_embeddings
    if isinstance(held, int):
        reasons.append(
            f"original_max_position_embeddings {held:,}: from the checkpoint's RoPE parameters"
        )
        return held
    if length is None:
        raise RopeError(
            f"model {config.source}: yarn needs original_max_position_embeddings and the config "
            "has no max_position_embeddings to take it from; give it in the variant's rope"
        )
    trained = _TRAINED_LENGTHS.get((config.model_type, length))
    if trained:
        reasons.append(
            f"original_max_position_embeddings {trained:,}: {config.model_type} was trained on it; "
            f"its max_position_embeddings of {length:,} includes room for answers"
        )
        return trained
    reasons.append(
        f"original_max_position_embeddings {length:,}: the config's max_position_embeddings"
    )
    return length


def _context_limit(parameters: Mapping[str, Any], config: CheckpointConfig) -> int | None:
    """Longest context the parameters are meant for."""
    factor = parameters.get("factor", 1.0)
    if not isinstance(factor, int | float) or not 1 <= factor < inf:
        raise RopeError(f"rope: factor is {factor!r}; a number of 1 or more is allowed")
    if parameters["rope_type"] == "yarn":
        original = parameters["original_max_position_embeddings"]
        if not isinstance(original, int) or original < 1:
            raise RopeError(
                f"rope: original_max_position_embeddings is {original!r}; a whole number of tokens "
                "is allowed"
            )
        if "factor" not in parameters:
            raise RopeError("rope: yarn needs a factor, a number of 1 or more")
        return int(original * factor)
    length = config.max_position_embeddings
    if length is not None and parameters["rope_type"] in _FACTOR_EXTENDS:
        return int(length * factor)
    return length


def _spelled(
    parameters: Mapping[str, Any], config: CheckpointConfig, limit: int | None, vllm_version: str
) -> dict[str, Any]:
    version = release(vllm_version)
    key = "rope_parameters" if version >= _RENAMED else "rope_scaling"
    overrides: dict[str, Any] = {key: dict(parameters)}
    if parameters["rope_type"] == "yarn" and version >= _FACTOR_STOPPED_EXTENDING and limit:
        # From 0.30 on the factor does not extend the context: without this vLLM refuses the length.
        overrides["max_position_embeddings"] = limit
    return {"text_config": overrides} if config.is_nested else overrides


def release(version: str) -> tuple[int, ...]:
    """The numbers of a version, pre-release and local parts left out: ``0.33.0rc1+cpu`` is 0.33.0.

    Raises:
        RopeError: no version at all.
    """
    try:
        return Version(version).release
    except InvalidVersion as error:
        raise RopeError(f"vLLM version {version!r}: expected numbers such as 0.26.0") from error
