"""Rotation frequencies of a RoPE, recomputed from its parameters alone, in float64.

Written from the papers and from transformers' ``modeling_rope_utils.py``, and held against vLLM's
tables in the tests; shares no code with either. Knows nothing of vLLM versions: a key that one
version reads and another ignores is honoured here, as that is what was asked for.

Sources: RoPE, Su et al. 2021 (arXiv 2104.09864); linear, Chen et al. 2023 (arXiv 2306.15595); YaRN,
Peng et al. 2023 (arXiv 2309.00071); LongRoPE, Ding et al. 2024 (arXiv 2402.13753); NTK-aware and
dynamic NTK as in vllm/model_executor/layers/rotary_embedding/ (0.20 and 0.32); llama3 as in
Meta's llama-models and transformers' ``_compute_llama3_parameters``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recallbench.errors import RopeError

Floats = NDArray[np.float64]
DEFAULT_BASE = 10_000.0
"""The base that vLLM takes without ``rope_theta``; source: ``get_rope``, 0.12 to 0.33."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """How fast each pair of dimensions turns, and how long the rotated vectors are."""

    inv_freq: tuple[float, ...]
    """Radians a position, shape (rotary_dim / 2,)."""
    magnitude: float = 1.0
    """Factor on cos and sin; YaRN's attention scaling."""


def base_of(parameters: Mapping[str, Any]) -> float:
    """The base of the frequencies."""
    theta = parameters.get("rope_theta")
    return DEFAULT_BASE if theta is None else float(theta)


def rotation(parameters: Mapping[str, Any], rotary_dim: int) -> Rotation | None:
    """The rotation that RoPE parameters ask for; None for a type without a formula here.

    Args:
        parameters: in transformers 5 form, ``rope_type`` and ``rope_theta`` included.
        rotary_dim: rotated dimensions of a head, an even number.

    Raises:
        RopeError: a key that the type needs is missing or no number.
    """
    formula = _FORMULAS.get(str(parameters.get("rope_type", "default")))
    if formula is None:
        return None
    try:
        return formula(parameters, rotary_dim)
    except KeyError as error:
        raise RopeError(
            f"rope: {parameters['rope_type']} needs {error.args[0]}; give it in the RoPE parameters"
        ) from error
    except (TypeError, ValueError, ZeroDivisionError, OverflowError) as error:
        raise RopeError(
            f"rope: {dict(parameters)!r} cannot be computed ({error}); use plain numbers"
        ) from error


def plain(base: float, rotary_dim: int) -> Floats:
    """Frequencies without scaling, shape (rotary_dim / 2,)."""
    exponents: Floats = np.arange(0, rotary_dim, 2, dtype=np.float64) / rotary_dim
    return np.float64(base) ** -exponents


def _default(parameters: Mapping[str, Any], rotary_dim: int) -> Rotation:
    return _rotation(plain(base_of(parameters), rotary_dim))


def _linear(parameters: Mapping[str, Any], rotary_dim: int) -> Rotation:
    return _rotation(plain(base_of(parameters), rotary_dim) / float(parameters["factor"]))


def _ntk(parameters: Mapping[str, Any], rotary_dim: int) -> Rotation:
    """Fixed and mixed NTK; with ``mixed_b`` the scaling grows over the dimensions."""
    factor, mixed_b = float(parameters["factor"]), parameters.get("mixed_b")
    base = base_of(parameters)
    if mixed_b is None:
        return _rotation(plain(base * factor, rotary_dim) / factor ** (2 / rotary_dim))
    half = rotary_dim // 2
    steepness = math.log(factor) / half ** float(mixed_b)
    places: Floats = np.arange(1, half + 1, dtype=np.float64)
    return _rotation(plain(base, rotary_dim) / np.exp(steepness * places ** float(mixed_b)))


def _dynamic(parameters: Mapping[str, Any], rotary_dim: int) -> Rotation:
    """Dynamic NTK at its full length: vLLM builds one table, for the longest context.

    ``stretch`` is that length over the trained one, the factor unless the parameters say else.
    """
    exponent = rotary_dim / (rotary_dim - 2)
    if "alpha" in parameters:
        base = base_of(parameters) * float(parameters["alpha"]) ** exponent
    else:
        factor = float(parameters["factor"])
        stretch = float(parameters.get("stretch", factor))
        base = base_of(parameters) * (factor * stretch - (factor - 1)) ** exponent
    return _rotation(plain(base, rotary_dim))


def _yarn(parameters: Mapping[str, Any], rotary_dim: int) -> Rotation:
    """High frequencies are kept, low ones divided by the factor, those between blended."""
    factor, base = float(parameters["factor"]), base_of(parameters)
    low, high = _blended_dims(parameters, rotary_dim, base)
    places: Floats = np.arange(rotary_dim // 2, dtype=np.float64)
    ramp = np.clip((places - low) / (high - low), 0.0, 1.0)
    kept = (1.0 - ramp) * float(parameters.get("extrapolation_factor", 1.0))
    own = plain(base, rotary_dim)
    return _rotation(own / factor * (1.0 - kept) + own * kept, yarn_magnitude(parameters))


def _blended_dims(
    parameters: Mapping[str, Any], rotary_dim: int, base: float
) -> tuple[float, float]:
    """Between which dimensions YaRN blends: those that turn beta_fast to beta_slow times."""
    original = float(parameters["original_max_position_embeddings"])

    def dim_turning(times: float) -> float:
        return rotary_dim * math.log(original / (times * 2 * math.pi)) / (2 * math.log(base))

    low = dim_turning(float(parameters.get("beta_fast", 32)))
    high = dim_turning(float(parameters.get("beta_slow", 1)))
    if parameters.get("truncate", True):
        low, high = math.floor(low), math.ceil(high)
    low, high = max(low, 0.0), min(high, rotary_dim - 1.0)
    return low, high + 0.001 if low == high else high


def yarn_magnitude(parameters: Mapping[str, Any]) -> float:
    """YaRN's attention scaling, by whichever of its keys is given.

    ``attention_factor``, ``mscale`` and ``mscale_all_dim`` are transformers' keys, which vLLM reads
    from 0.30 on; ``attn_factor`` and ``apply_yarn_scaling`` are those of vLLM up to 0.29.
    """
    factor = float(parameters["factor"])
    if parameters.get("attention_factor") is not None:
        return float(parameters["attention_factor"])
    mscale, all_dim = parameters.get("mscale"), parameters.get("mscale_all_dim")
    if mscale and all_dim:
        return _mscale(factor, float(mscale)) / _mscale(factor, float(all_dim))
    own = _mscale(factor) if parameters.get("apply_yarn_scaling", True) else 1.0
    return own * float(parameters.get("attn_factor", 1.0))


def _mscale(factor: float, mscale: float = 1.0) -> float:
    return 1.0 if factor <= 1 else 0.1 * mscale * math.log(factor) + 1.0


def _deepseek(parameters: Mapping[str, Any], rotary_dim: int) -> Rotation:
    """YaRN with DeepSeek's own defaults of the two magnitude keys."""
    factor = float(parameters["factor"])
    yarn = _yarn({**parameters, "truncate": True}, rotary_dim)
    magnitude = _mscale(factor, float(parameters.get("mscale", 1))) / _mscale(
        factor, float(parameters.get("mscale_all_dim", 0))
    )
    return Rotation(inv_freq=yarn.inv_freq, magnitude=magnitude)


def _llama3(parameters: Mapping[str, Any], rotary_dim: int) -> Rotation:
    """Long waves are divided by the factor, short ones kept, those between blended."""
    factor = float(parameters["factor"])
    low, high = float(parameters["low_freq_factor"]), float(parameters["high_freq_factor"])
    own = plain(base_of(parameters), rotary_dim)
    turns = float(parameters["original_max_position_embeddings"]) * own / (2 * math.pi)
    share = np.zeros_like(own) if low == high else (turns - low) / (high - low)
    blended = (1 - share) * own / factor + share * own
    return _rotation(np.where(turns > high, own, np.where(turns < low, own / factor, blended)))


def _rotation(inv_freq: Floats, magnitude: float = 1.0) -> Rotation:
    return Rotation(inv_freq=tuple(inv_freq.tolist()), magnitude=magnitude)


_FORMULAS: dict[str, Callable[[Mapping[str, Any], int], Rotation]] = {
    "default": _default,
    "linear": _linear,
    "ntk": _ntk,
    "dynamic": _dynamic,
    "yarn": _yarn,
    "deepseek_yarn": _deepseek,
    "llama3": _llama3,
}
