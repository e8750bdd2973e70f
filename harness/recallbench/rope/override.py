"""From the RoPE that was asked for to the ``--hf-overrides`` that this vLLM obeys.

The whole set is always sent, in the words, at the level and with the length key that the version
needs. What no spelling can bring about is refused here. Sources: ``effective`` and ``effect``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from recallbench.domain import RopeRequest
from recallbench.errors import RopeError
from recallbench.rope import versions
from recallbench.rope.asked import AskedRope, asked_rope
from recallbench.rope.checkpoint import CheckpointConfig
from recallbench.rope.cos_sin import (
    TablePart,
    TableShape,
    expected_table,
    is_by_layer,
    is_same_table,
)
from recallbench.rope.effect import (
    KNOWN_TYPES,
    NEW_MAGNITUDES,
    OLD_MAGNITUDES,
    Effect,
    effect,
    unread_keys,
)
from recallbench.rope.effective import Engine
from recallbench.rope.frequencies import yarn_magnitude
from recallbench.rope.intent import intended_rope
from recallbench.rope.reach import EXTENDING_TYPES, YARN_TYPES, scaled_length

# Among the magnitude keys, but it weighs frequencies: no other key can stand for it.
_FREQUENCIES = frozenset({"extrapolation_factor"})
_DUAL_CHUNK = "dual_chunk_attention_config"
# What arithmetic on values of any kind that JSON has can raise.
_UNREADABLE = (AttributeError, TypeError, ValueError, ArithmeticError)
# Frequencies are compared at some width where the config does not tell the head's.
_USUAL_HEAD_DIM = 128


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

    @property
    def sent_length(self) -> int | None:
        """The ``max_position_embeddings`` that is sent, at whichever level; None where none is."""
        sent = self.hf_overrides or {}
        nested = sent.get("text_config")
        room = nested if isinstance(nested, Mapping) else sent
        length = room.get("max_position_embeddings")
        return length if isinstance(length, int) else None


def rope_override(
    request: RopeRequest,
    config: CheckpointConfig | None,
    vllm_version: str,
    transformers_major: int | None = None,
) -> RopeOverride:
    """Merge a request over the checkpoint's RoPE and spell it for one vLLM version.

    Raises:
        RopeError: a RoPE was asked for and there is no config to merge it with, a value is
            missing, or this version cannot run it.
    """
    if config is None:
        return _without_config(request)
    engine = Engine.of(vllm_version, transformers_major)
    try:
        return _merged_override(request, config, engine)
    except _UNREADABLE as error:
        held = request.hf_overrides or dict(request.parameters or ())
        raise RopeError(f"rope: {held} cannot be computed ({error}); use plain numbers") from error


def _merged_override(
    request: RopeRequest, config: CheckpointConfig, engine: Engine
) -> RopeOverride:
    if request.hf_overrides is not None:
        return _as_written(json.loads(request.hf_overrides), config, engine)
    if request.is_native:
        return RopeOverride(
            rope_parameters=dict(config.rope_parameters),
            hf_overrides=None,
            context_limit=config.max_position_embeddings,
        )
    asked = asked_rope(request, config)
    parameters = dict(asked.parameters)
    dual_chunk = parameters.pop(_DUAL_CHUNK, None)
    if dual_chunk is not None and engine.version >= versions.DUAL_CHUNK_GONE:
        raise RopeError(
            f"rope: vLLM {engine.release} has no dual chunk attention any more; it went with "
            f"{'.'.join(map(str, versions.DUAL_CHUNK_GONE))}"
        )
    override = _spelled(replace(asked, parameters=parameters), dual_chunk, config, engine)
    _refuse_unmet(override, config, engine)
    return override


def _without_config(request: RopeRequest) -> RopeOverride:
    if request.is_native:
        return RopeOverride(rope_parameters={}, hf_overrides=None, context_limit=None)
    raise RopeError(
        "RoPE parameters are merged over the checkpoint's own, and this model folder has no "
        "config.json; name a whole checkpoint"
    )


def _as_written(
    overrides: dict[str, Any], config: CheckpointConfig, engine: Engine
) -> RopeOverride:
    """The user's own overrides, sent as they are; asked is what they are evidently meant to do."""
    predicted = effect(overrides, config, engine)
    return RopeOverride(
        rope_parameters=intended_rope(overrides, config),
        hf_overrides=overrides,
        context_limit=predicted.max_model_len,
        reasons=("hf_overrides are sent as written, not merged with the checkpoint's own",),
    )


def _spelled(
    asked: AskedRope, dual_chunk: object, config: CheckpointConfig, engine: Engine
) -> RopeOverride:
    parameters = asked.parameters
    limit = _context_limit(parameters, config)
    reasons = list(asked.reasons)
    key = "rope_parameters" if engine.version >= versions.RENAMED else "rope_scaling"
    overrides: dict[str, Any] = {key: _with_magnitudes(parameters, engine, reasons)}
    theta = parameters.get("rope_theta")
    if engine.version < versions.RENAMED and theta != config.rope_parameters.get("rope_theta"):
        overrides["rope_theta"] = theta
    if limit and _needs_length(parameters, config, engine):
        overrides["max_position_embeddings"] = limit
    if parameters.get("rope_type") == "dynamic" and "factor" in parameters:
        _make_dynamic_scale(overrides[key], config, engine)
    if dual_chunk is not None:
        overrides[_DUAL_CHUNK] = dual_chunk
    return RopeOverride(
        rope_parameters=parameters,
        hf_overrides={"text_config": overrides} if config.is_nested else overrides,
        context_limit=limit,
        reasons=tuple(reasons),
    )


def _context_limit(parameters: Mapping[str, Any], config: CheckpointConfig) -> int | None:
    """Longest context the parameters are meant for."""
    if is_by_layer(parameters):
        return config.max_position_embeddings
    kind = parameters["rope_type"]
    if kind not in KNOWN_TYPES:
        raise RopeError(f"rope: rope_type is {kind!r}; vLLM knows {', '.join(sorted(KNOWN_TYPES))}")
    reach = scaled_length(parameters, config.max_position_embeddings)
    return config.max_position_embeddings if reach is None else reach


def _needs_length(parameters: Mapping[str, Any], config: CheckpointConfig, engine: Engine) -> bool:
    """Whether the table or the served length is too short without max_position_embeddings."""
    kind = parameters.get("rope_type")
    if "gemma3" in config.model_type and "factor" in parameters:
        return kind in EXTENDING_TYPES | YARN_TYPES
    if kind in YARN_TYPES:
        return engine.version >= versions.YARN_STOPPED_EXTENDING
    return kind == "ntk" or (kind == "dynamic" and engine.version >= versions.DYNAMIC_IS_STATIC)


def _make_dynamic_scale(sent: dict[str, Any], config: CheckpointConfig, engine: Engine) -> None:
    """Say what the model was trained on: without it this vLLM scales the base by 1."""
    if engine.version >= versions.DYNAMIC_IS_STATIC and config.max_position_embeddings:
        sent.setdefault("max_trained_positions", config.max_position_embeddings)


def _with_magnitudes(
    parameters: Mapping[str, Any], engine: Engine, reasons: list[str]
) -> dict[str, Any]:
    if not is_by_layer(parameters):
        return _with_magnitude(parameters, engine, reasons)
    return {
        name: _with_magnitude(held, engine, reasons) if isinstance(held, Mapping) else held
        for name, held in parameters.items()
    }


def _with_magnitude(
    parameters: Mapping[str, Any], engine: Engine, reasons: list[str]
) -> dict[str, Any]:
    """YaRN's attention scaling by the key that this version reads, to the same effect."""
    sent = dict(parameters)
    if sent.get("rope_type") != "yarn":
        return sent
    wanted = yarn_magnitude(sent)
    own = yarn_magnitude({"factor": sent["factor"]})
    old = engine.version < versions.YARN_STOPPED_EXTENDING
    foreign = sorted(unread_keys(sent, engine) & (NEW_MAGNITUDES | OLD_MAGNITUDES) - _FREQUENCIES)
    word, value = ("attn_factor", wanted / own) if old else ("attention_factor", wanted)
    if not foreign:
        return sent
    for key in (*foreign, "apply_yarn_scaling", word):
        sent.pop(key, None)
    if wanted != own:
        sent[word] = value
    reasons.append(
        f"{', '.join(foreign)}: not read by vLLM {engine.release}; the magnitude {wanted:.6g} is "
        f"sent as {word}"
    )
    return sent


def _refuse_unmet(override: RopeOverride, config: CheckpointConfig, engine: Engine) -> None:
    """Hold what this vLLM makes of the overrides against what was asked for."""
    told = effect(override.hf_overrides or {}, config, engine)
    if told.failure:
        raise RopeError(
            f"rope: vLLM {engine.release} does not start with it: {told.failure}; ask for another "
            "RoPE, or install another vLLM"
        )
    try:
        asked, runs = _asked_table(override, config), _run_table(told, config)
    except RopeError:
        return  # no formula to compare by: the proof tells so
    if asked is None or runs is None or is_same_table(asked, runs):
        return
    unread = [*sorted(unread_keys(told.effective.parameters, engine)), *told.effective.ignored]
    raise RopeError(
        f"rope: vLLM {engine.release} would run another RoPE than is asked for, as it does not "
        f"read {', '.join(unread) or 'all of it'}; leave that out, or install another vLLM"
    )


def _asked_table(override: RopeOverride, config: CheckpointConfig) -> tuple[TablePart, ...] | None:
    asked = override.rope_parameters
    if is_by_layer(asked):
        asked = asked.get("full_attention") or {}
    length = override.sent_length or config.max_position_embeddings
    return expected_table(asked, _shape(config, length))


def _run_table(told: Effect, config: CheckpointConfig) -> tuple[TablePart, ...] | None:
    length = told.effective.lengths.get("max_position_embeddings")
    parameters = dict(told.parameters)
    if parameters.get("rope_type") == "dynamic" and told.rows and length:
        parameters["stretch"] = told.rows / length
    return expected_table(parameters, _shape(config, length))


def _shape(config: CheckpointConfig, length: int | None) -> TableShape:
    return TableShape(head_dim=config.head_dim or _USUAL_HEAD_DIM, max_position_embeddings=length)
