"""What every rule looks at: a deployment, its checkpoint, and what its vLLM would make of both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from recallbench.preflight.deployment import Deployment
from recallbench.preflight.finding import Finding
from recallbench.preflight.odd_values import odd_values
from recallbench.rope import CheckpointConfig, versions
from recallbench.rope.effect import Effect, effect
from recallbench.rope.effective import Engine
from recallbench.rope.intent import intended_rope, written_rope
from recallbench.rope.reach import scaled_length

ALLOW_LONG = "VLLM_ALLOW_LONG_MAX_MODEL_LEN"
"""The variable that lets vLLM serve more than it derives."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A deployment with all that follows from it."""

    deployment: Deployment
    """As it is written."""
    config: CheckpointConfig
    """The checkpoint's; where it is unknown, one without length, theta and shape."""
    is_known: bool
    """Whether the config is the checkpoint's own."""
    engine: Engine
    """The vLLM that will run."""
    version: str
    """Its version, as written."""
    overrides: Mapping[str, Any]
    """``hf_overrides`` with what the removed flags would add."""
    effect: Effect
    """What the engine would serve."""
    odd: tuple[Finding, ...]
    """Values that nothing can be reckoned with; where there are any, the overrides are left out."""
    longest_tokens: int | None
    """The longest prompt with its answer that will be asked; None is unknown."""

    @property
    def written(self) -> tuple[str, Mapping[str, Any]] | None:
        """The RoPE parameters as written, with their path in the overrides."""
        return written_rope(self.overrides)

    @property
    def intended(self) -> dict[str, Any]:
        """The RoPE that is evidently meant."""
        return intended_rope(self.overrides, self.config)

    @property
    def native_length(self) -> int | None:
        """The length the checkpoint serves as it is, its own scaling included."""
        return self.config.max_position_embeddings

    @property
    def wanted_length(self) -> int | None:
        """The context that is evidently wanted: what is asked for, else what the scaling gives."""
        asked = self.deployment.max_model_len
        if asked is not None and asked > 0:
            return asked
        return self.longest_tokens or self.target_length

    @property
    def target_length(self) -> int | None:
        """The context that the intended scaling is for; None without one that extends."""
        return scaled_length(self.intended, self.native_length)

    @property
    def allows_long(self) -> bool:
        """Whether vLLM is told to serve more than it derives."""
        return _is_on(self.deployment.env.get(ALLOW_LONG))


def case_of(
    deployment: Deployment,
    config: CheckpointConfig | None,
    *,
    vllm_version: str | None = None,
    transformers_major: int | None = None,
    longest_tokens: int | None = None,
) -> Case:
    """Work out what a deployment comes to.

    Args:
        deployment: what is written; its own version of vLLM counts first.
        config: the checkpoint's; None where it is unknown.
        vllm_version: for a deployment that names none; None takes the newest known.
        transformers_major: 4 or 5; None is what comes with that vLLM.
        longest_tokens: the longest prompt with its answer that will be asked, if known.

    Raises:
        RopeError: a version that is none.
    """
    version = deployment.vllm_version or vllm_version or versions.NEWEST
    engine = Engine.of(version, transformers_major)
    overrides = _with_flags(deployment, engine)
    odd = odd_values(overrides)
    overrides = {} if odd else overrides
    known = config or _unknown(deployment)
    return Case(
        deployment=deployment,
        config=known,
        is_known=config is not None,
        engine=engine,
        version=version,
        overrides=overrides,
        effect=effect(
            overrides,
            known,
            engine,
            max_model_len=deployment.max_model_len,
            allow_long=_is_on(deployment.env.get(ALLOW_LONG)),
        ),
        odd=odd,
        longest_tokens=longest_tokens,
    )


def _with_flags(deployment: Deployment, engine: Engine) -> dict[str, Any]:
    """What the flags say goes over the overrides; source: 0.11.0, vllm/config/model.py."""
    overrides = dict(deployment.hf_overrides or {})
    key = "rope_scaling" if engine.version < versions.RENAMED else "rope_parameters"
    if deployment.rope_scaling is not None:
        overrides[key] = dict(deployment.rope_scaling)
    if deployment.rope_theta is not None:
        overrides["rope_theta"] = deployment.rope_theta
    return overrides


def _unknown(deployment: Deployment) -> CheckpointConfig:
    return CheckpointConfig(
        source=deployment.model or "unknown",
        model_type="unknown",
        is_nested="text_config" in (deployment.hf_overrides or {}),
        rope_parameters={"rope_type": "default"},
        max_position_embeddings=None,
        kv_bytes_per_token=None,
    )


def _is_on(value: str | None) -> bool:
    """As vLLM reads its switches: ``bool(int(value))``, and true by name."""
    return (value or "0").strip().lower() in {"1", "true"}
