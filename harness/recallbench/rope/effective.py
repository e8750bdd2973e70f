"""Which RoPE parameters a model's code reads, once vLLM has applied ``--hf-overrides``. Pure.

A dict override is set on the config as it is: it replaces, is not merged, and nothing in it is
checked; only what stands under a nested config (``text_config``) is merged. Sources:
vllm/config/model.py ``__post_init__``, ``_apply_dict_overrides``, ``_update_nested``;
vllm/transformers_utils/config.py ``patch_rope_parameters``, ``set_default_rope_theta``; read in
0.8.5 to 0.33 and held against measured outcomes in the tests.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from recallbench.rope import versions
from recallbench.rope.checkpoint import CheckpointConfig, renamed_type
from recallbench.rope.cos_sin import is_by_layer
from recallbench.rope.frequencies import DEFAULT_BASE

LENGTH_KEYS = ("max_position_embeddings", "model_max_length")
"""Keys of a config that decide its length."""
_ROPE_KEYS = ("rope_parameters", "rope_scaling")
# Model code that sets a base of its own where the parameters have none: set_default_rope_theta.
_ROTATION = frozenset({"rope_theta", "partial_rotary_factor", "mrope_section", "mrope_interleaved"})
# With transformers 5 these have RoPE parameters for each type of layer.
_LAYERED = ("gemma3", "gemma4")
_OWN_BASE = {
    "qwen2": 1e6,
    "qwen3": 1e6,
    "exaone4": 1e6,
    "exaone_moe": 1e6,
    "ernie4_5_moe": 5e5,
    "falcon_h1": 1e11,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """What decides how overrides are taken."""

    version: tuple[int, ...]
    """vLLM's release."""
    transformers_major: int
    """4 or 5."""

    @classmethod
    def of(cls, vllm_version: str, transformers_major: int | None = None) -> Engine:
        """An engine by its version, with the transformers that comes with it.

        Raises:
            RopeError: no version.
        """
        version = versions.release(vllm_version)
        usual = 5 if version >= versions.TRANSFORMERS_5 else 4
        return cls(version=version, transformers_major=transformers_major or usual)

    @property
    def release(self) -> str:
        """vLLM's release as it is written."""
        return ".".join(map(str, self.version))

    @property
    def rope_keys(self) -> tuple[str, ...]:
        """Top-level keys that set RoPE parameters."""
        if self.version < versions.RENAMED:
            return ("rope_scaling",)
        return _ROPE_KEYS if self.transformers_major >= 5 else ("rope_parameters",)  # noqa: PLR2004 - a version

    @property
    def read_outside(self) -> frozenset[str]:
        """What is read beside the RoPE parameters, and not in them."""
        if self.version < versions.RENAMED:
            return frozenset({"rope_theta", "partial_rotary_factor"})
        inside = self.version >= versions.PARTIAL_INSIDE
        return frozenset() if inside else frozenset({"partial_rotary_factor"})

    @property
    def takes_scalar_theta(self) -> bool:
        """Whether a ``rope_theta`` beside the parameters has any effect."""
        return self.transformers_major < 5  # noqa: PLR2004 - a version


@dataclass(frozen=True, slots=True, kw_only=True)
class Effective:
    """What is in effect, and what became of the overrides."""

    parameters: Mapping[str, Any]
    """As the model's code reads them; ``rope_theta`` is what it takes without one."""
    lengths: Mapping[str, int] = field(default_factory=dict)
    """``max_position_embeddings`` and ``model_max_length`` in effect, where there are any."""
    ignored: tuple[str, ...] = ()
    """Paths of overrides without effect, such as ``rope_scaling`` or ``rope_parameters.mscale``."""
    lost: Mapping[str, Any] = field(default_factory=dict)
    """The checkpoint's own parameters that describe its rotation and are no longer in effect."""
    failure: str | None = None
    """Why the engine does not start; None where it does."""


def effective(overrides: Mapping[str, Any], config: CheckpointConfig, engine: Engine) -> Effective:
    """Apply overrides to a checkpoint's config as an engine does."""
    nested = overrides.get("text_config")
    if isinstance(nested, Mapping):
        return _nested(overrides, nested, config, engine)
    if config.is_nested:
        ignored = [key for key in overrides if key in {*_ROPE_KEYS, "rope_theta", *LENGTH_KEYS}]
        return _own(config, ignored=tuple(ignored))
    return _flat(overrides, config, engine)


def _own(
    config: CheckpointConfig, *, ignored: tuple[str, ...] = (), failure: str | None = None
) -> Effective:
    """The checkpoint as it is."""
    return Effective(
        parameters=config.rope_parameters,
        lengths=_lengths({}, config),
        ignored=ignored,
        failure=failure,
    )


def _nested(
    overrides: Mapping[str, Any],
    nested: Mapping[str, Any],
    config: CheckpointConfig,
    engine: Engine,
) -> Effective:
    """Merged key by key, so nothing is lost; but old names in it are not brought up to date."""
    if not config.is_nested:
        return _own(config, failure="text_config replaces the config of a model that has none")
    if engine.version < versions.FLAGS_GONE:
        return _own(config, failure="text_config is replaced as a whole by this vLLM")
    ignored = [key for key in overrides if key in {*_ROPE_KEYS, "rope_theta", *LENGTH_KEYS}]
    parameters = dict(config.rope_parameters)
    old = engine.version < versions.RENAMED
    if "rope_theta" in nested and old:
        parameters["rope_theta"] = nested["rope_theta"]
    elif "rope_theta" in nested:
        ignored.append("text_config.rope_theta")
    for key in _ROPE_KEYS:
        given = nested.get(key)
        if not isinstance(given, Mapping):
            continue
        if old and key == "rope_parameters":
            ignored.append(f"text_config.{key}")
            continue
        outside = engine.read_outside & given.keys()
        unread = sorted(name for name in outside if given[name] != parameters.get(name))
        ignored += [f"text_config.{key}.{name}" for name in unread]
        parameters.update({name: held for name, held in given.items() if name not in outside})
        if "type" in given and "rope_type" not in given:
            ignored.append(f"text_config.{key}.type")
    parameters.pop("type", None)
    is_yarn = parameters.get("rope_type") == "yarn" and "mrope_section" in parameters
    early = not old and engine.version < versions.NESTED_MROPE_YARN
    return Effective(
        parameters=parameters,
        lengths=_lengths(nested, config),
        ignored=tuple(ignored),
        failure="multimodal RoPE cannot be built with yarn" if is_yarn and early else None,
    )


def _flat(overrides: Mapping[str, Any], config: CheckpointConfig, engine: Engine) -> Effective:
    own, lengths = dict(config.rope_parameters), _lengths(overrides, config)
    theta, partial = overrides.get("rope_theta"), overrides.get("partial_rotary_factor")
    if partial is not None and engine.version >= versions.NULL_KEEPS_OWN:
        own["partial_rotary_factor"] = partial
    ignored = [key for key in _ROPE_KEYS if key in overrides and key not in engine.rope_keys]
    if theta is not None and engine.takes_scalar_theta:
        own["rope_theta"] = theta
    elif theta is not None:
        ignored.append("rope_theta")
    # Both names set the same attribute where both are read: the one that stands last holds.
    given = next((key for key in reversed(list(overrides)) if key in engine.rope_keys), None)
    if given is None:
        return Effective(parameters=own, lengths=lengths, ignored=tuple(ignored))
    kept = Effective(parameters=own, lengths=lengths, ignored=tuple(ignored))
    if engine.version < versions.RENAMED:
        return _before_renaming(overrides[given], kept, engine)
    if overrides[given] is None and engine.transformers_major < 5:  # noqa: PLR2004 - a version
        fails = engine.version < versions.NULL_KEEPS_OWN and own.get("rope_type") == "default"
        return replace(kept, failure="rope_parameters: null fails (TypeError)" if fails else None)
    if theta is not None:
        ignored.append("rope_theta")
    return _replaced(overrides[given] or {}, replace(kept, ignored=tuple(ignored)), config, engine)


def _replaced(
    given: Mapping[str, Any], before: Effective, config: CheckpointConfig, engine: Engine
) -> Effective:
    """From 0.12 on: the given parameters and nothing else."""
    own, parameters = before.parameters, dict(given)
    if is_by_layer(parameters):
        return replace(before, parameters=parameters, failure=_layers_failure(parameters, engine))
    failure = None
    if config.model_type.startswith(_LAYERED) and engine.transformers_major >= 5:  # noqa: PLR2004 - a version
        failure = "the RoPE parameters of this model are for each type of layer"
    elif parameters and "rope_type" not in parameters:
        failure = "rope_parameters has no rope_type (KeyError: 'rope_type')"
    lost = {key: own[key] for key in sorted(_ROTATION & own.keys() - parameters.keys())}
    default = _OWN_BASE.get(config.model_type)
    if engine.version < versions.BASE_HAS_DEFAULT and failure is None:
        if "rope_theta" not in parameters and default is None:
            failure = "rope_parameters has no rope_theta (KeyError: 'rope_theta')"
        if not parameters:
            failure = "rope_parameters has no rope_type (KeyError: 'rope_type')"
    parameters.setdefault("rope_type", "default")
    parameters.setdefault("rope_theta", default or DEFAULT_BASE)
    ignored = dict.fromkeys(before.ignored)
    if engine.version < versions.PARTIAL_INSIDE and "partial_rotary_factor" in parameters:
        ignored["rope_parameters.partial_rotary_factor"] = None
        parameters["partial_rotary_factor"] = own.get("partial_rotary_factor", 1.0)
    return replace(
        before,
        parameters=parameters,
        ignored=tuple(ignored),
        lost=lost,
        failure=failure,
    )


def _layers_failure(parameters: Mapping[str, Any], engine: Engine) -> str | None:
    both = {"full_attention", "sliding_attention"} <= parameters.keys()
    if both or engine.transformers_major < 5:  # noqa: PLR2004 - a version
        return None
    return "RoPE parameters of one type of layer alone: the other's are missing"


def _before_renaming(
    given: Mapping[str, Any] | None, before: Effective, engine: Engine
) -> Effective:
    """Up to 0.11, where theta stands beside the scaling: it cannot be lost, nor set inside."""
    own, ignored = before.parameters, list(before.ignored)
    parameters: dict[str, Any] = dict({"rope_type": "default"} if given is None else given)
    patched = versions.OVERRIDES_PATCHED <= engine.version < versions.FLAGS_GONE
    if "rope_type" not in parameters and "type" in parameters and patched:
        parameters["rope_type"] = renamed_type(parameters["type"])
    failure = None if "rope_type" in parameters else "rope_scaling has no rope_type (KeyError)"
    parameters.setdefault("rope_type", "default")
    parameters.pop("type", None)
    if "rope_theta" in parameters and parameters["rope_theta"] != own.get("rope_theta"):
        ignored.append("rope_scaling.rope_theta")
    partial = parameters.pop("partial_rotary_factor", None)
    if partial not in {None, own.get("partial_rotary_factor")}:
        ignored.append("rope_scaling.partial_rotary_factor")
    beside = ("rope_theta", "partial_rotary_factor")
    parameters.update({key: own[key] for key in beside if key in own})
    return replace(before, parameters=parameters, ignored=tuple(ignored), failure=failure)


def _lengths(overrides: Mapping[str, Any], config: CheckpointConfig) -> dict[str, int]:
    own = {"max_position_embeddings": config.max_position_embeddings}
    given = {key: overrides.get(key) for key in LENGTH_KEYS}
    merged = {**own, **{key: value for key, value in given.items() if value is not None}}
    return {key: value for key, value in merged.items() if isinstance(value, int)}
