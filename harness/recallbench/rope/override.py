"""From the RoPE that was asked for to the ``--hf-overrides`` that this vLLM obeys.

The whole set is always sent, in the words, at the level and with the length key that the version
needs. What no spelling can bring about is refused here. Sources: ``effective`` and ``effect``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from recallbench.domain import RopeRequest
from recallbench.errors import RopeError
from recallbench.rope import versions
from recallbench.rope.asked import AskedRope, asked_rope
from recallbench.rope.checkpoint import CheckpointConfig
from recallbench.rope.cos_sin import is_by_layer
from recallbench.rope.effect import KNOWN_TYPES, NEW_MAGNITUDES, OLD_MAGNITUDES, effect
from recallbench.rope.effective import Engine
from recallbench.rope.frequencies import yarn_magnitude
from recallbench.rope.intent import intended_rope

_FACTOR_EXTENDS = frozenset({"linear", "dynamic", "ntk"})
_DUAL_CHUNK = "dual_chunk_attention_config"


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
            f"rope: vLLM {vllm_version} has no dual chunk attention any more; it went with "
            f"{'.'.join(map(str, versions.DUAL_CHUNK_GONE))}"
        )
    return _spelled(asked, parameters, dual_chunk, config, engine)


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
    asked: AskedRope,
    parameters: dict[str, Any],
    dual_chunk: object,
    config: CheckpointConfig,
    engine: Engine,
) -> RopeOverride:
    limit = _context_limit(parameters, config)
    reasons = list(asked.reasons)
    key = "rope_parameters" if engine.version >= versions.RENAMED else "rope_scaling"
    overrides: dict[str, Any] = {key: _with_magnitude(parameters, engine, reasons)}
    if limit and _needs_length(parameters, engine):
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
    factor = parameters.get("factor", 1.0)
    if kind in {"yarn", "deepseek_yarn"}:
        return int(parameters["original_max_position_embeddings"] * factor)
    length = config.max_position_embeddings
    return int(length * factor) if length is not None and kind in _FACTOR_EXTENDS else length


def _needs_length(parameters: Mapping[str, Any], engine: Engine) -> bool:
    """Whether the table or the served length is too short without max_position_embeddings."""
    kind = parameters.get("rope_type")
    if kind in {"yarn", "deepseek_yarn"}:
        return engine.version >= versions.YARN_STOPPED_EXTENDING
    return kind == "ntk" or (kind == "dynamic" and engine.version >= versions.DYNAMIC_IS_STATIC)


def _make_dynamic_scale(sent: dict[str, Any], config: CheckpointConfig, engine: Engine) -> None:
    """Say what the model was trained on: without it this vLLM scales the base by 1."""
    if engine.version >= versions.DYNAMIC_IS_STATIC and config.max_position_embeddings:
        sent.setdefault("max_trained_positions", config.max_position_embeddings)


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
    unread = NEW_MAGNITUDES if old else OLD_MAGNITUDES - {"extrapolation_factor"}
    foreign = sorted(unread & sent.keys())
    word, value = ("attn_factor", wanted / own) if old else ("attention_factor", wanted)
    if not foreign:
        return sent
    for key in (*foreign, "apply_yarn_scaling"):
        sent.pop(key, None)
    if wanted != own:
        sent[word] = value
    release = ".".join(map(str, engine.version))
    reasons.append(
        f"{', '.join(foreign)}: not read by vLLM {release}; the magnitude {wanted:.6g} is sent as "
        f"{word}"
    )
    return sent
