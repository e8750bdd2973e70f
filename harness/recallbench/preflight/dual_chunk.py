"""Dual chunk attention: models that need it beyond the length they were trained on.

Its backend is vllm/attention/backends/dual_chunk_flash_attn.py of vLLM 0.9.0 to 0.10.2 and of no
other released wheel; vllm/engine/arg_utils.py there wants the older engine and no CUDA graphs. From
0.11.0 on the models still hand its settings to backends that do not know them (vllm-project/vllm
issues 21452, 24048, 33470).
"""

from __future__ import annotations

from collections.abc import Iterator

from recallbench.preflight.deployment import Deployment
from recallbench.preflight.finding import Finding, Severity
from recallbench.preflight.memory import served_length
from recallbench.rope import versions
from recallbench.rope.checkpoint import CheckpointConfig
from recallbench.rope.known_checkpoints import trained_length

_SINCE = (0, 9)
_BACKEND = "DUAL_CHUNK_FLASH_ATTN"
_KEY = "dual_chunk_attention_config"
_POSITIONS = 1_010_000


def dual_chunk(deployment: Deployment, config: CheckpointConfig | None) -> Iterator[Finding]:
    """A model that asks for dual chunk attention, on a vLLM that lacks it or is not set for it."""
    original, length = _original_length(config), served_length(deployment, config)
    if config is None or original is None:
        return
    asks = asks_for_dual_chunk(deployment, config)
    has_backend = has_dual_chunk(deployment.vllm_version)
    if asks and has_backend:
        yield from _settings(deployment)
        return
    is_dead = asks and versions.release_if_any(deployment.vllm_version) >= versions.DUAL_CHUNK_GONE
    if is_dead or (length is not None and length > original):
        yield _lacking(deployment, original, is_dead=is_dead)


def asks_for_dual_chunk(deployment: Deployment, config: CheckpointConfig | None) -> bool:
    """Whether the config vLLM sees has the settings: an override can take them out."""
    overridden = (deployment.hf_overrides or {}).get(_KEY, config.dual_chunk if config else None)
    return bool(overridden)


def has_dual_chunk(vllm_version: str | None) -> bool:
    """Whether a vLLM has dual chunk attention; not, if its version is unknown."""
    return _SINCE <= versions.release_if_any(vllm_version) < versions.DUAL_CHUNK_GONE


def _lacking(deployment: Deployment, original: int, *, is_dead: bool) -> Finding:
    return Finding(
        rule="dual-chunk",
        severity=Severity.ERROR if is_dead else Severity.WARNING,
        what=f"beyond {original:,} tokens this model needs dual chunk attention, which only vLLM "
        f"0.9.0 to 0.10.2 has; here it is {deployment.vllm_version or 'an unknown version'}",
        why="without that attention recall beyond this length is not what the model card says"
        + (
            ", and this vLLM does not start with the published config (unexpected keyword argument "
            "'layer_idx')"
            if is_dead
            else ""
        ),
        fix=f"serve at most {original:,} tokens, from 0.11.0 on out of a copy of the checkpoint "
        f"whose config.json has no {_KEY}; or take vLLM 0.10.2 with VLLM_ATTENTION_BACKEND="
        f"{_BACKEND}, VLLM_USE_V1=0 and --enforce-eager; or a model that was trained longer",
        setting="max_model_len",
    )


def _settings(deployment: Deployment) -> Iterator[Finding]:
    """What 0.9.0 to 0.10.2 want set, without which they do not start."""
    wanted = {"VLLM_ATTENTION_BACKEND": _BACKEND, "VLLM_USE_V1": "0"}
    unset = [
        f"{name}={value}"
        for name, value in wanted.items()
        if name not in deployment.unread and deployment.env.get(name) != value
    ]
    if not deployment.enforce_eager and "enforce_eager" not in deployment.unread:
        unset.append("--enforce-eager")
    if unset:
        yield Finding(
            rule="dual-chunk",
            severity=Severity.WARNING,
            what=f"this model needs dual chunk attention; not set here: {', '.join(unset)}",
            why=f"vLLM {deployment.vllm_version} has it in that backend alone, in its older "
            "engine and without CUDA graphs, and does not start otherwise",
            fix=f"set {' '.join(unset)}",
            setting="VLLM_ATTENTION_BACKEND",
        )


def _original_length(config: CheckpointConfig | None) -> int | None:
    """Tokens such a model is good for by itself; also of a copy whose settings were taken out."""
    if config is None:
        return None
    held = (config.dual_chunk or {}).get("original_max_position_embeddings")
    if isinstance(held, int):
        return held
    trained = trained_length(config) if config.max_position_embeddings == _POSITIONS else None
    return trained[0] if trained else None
