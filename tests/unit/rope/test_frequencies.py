"""Frequencies are the papers', held against transformers' own where it has the type."""

from __future__ import annotations

import math
from typing import Any

import pytest
from transformers import LlamaConfig
from transformers.modeling_rope_utils import ROPE_INIT_FUNCTIONS

from recallbench.errors import RopeError
from recallbench.rope.frequencies import rotation, yarn_magnitude

DIM = 64
YARN = {
    "rope_type": "yarn",
    "rope_theta": 1e6,
    "factor": 4.0,
    "original_max_position_embeddings": 32768,
}
SHARED = {
    "linear": {"rope_type": "linear", "rope_theta": 1e5, "factor": 4.0},
    "yarn": YARN,
    "yarn with attention_factor": {**YARN, "attention_factor": 1.3},
    "yarn with both mscales": {**YARN, "mscale": 0.7, "mscale_all_dim": 0.9},
    "yarn with other betas": {**YARN, "beta_fast": 16, "beta_slow": 2},
    "yarn untruncated": {**YARN, "truncate": False},
    "llama3": {
        "rope_type": "llama3",
        "rope_theta": 5e5,
        "factor": 8.0,
        "low_freq_factor": 1.0,
        "high_freq_factor": 4.0,
        "original_max_position_embeddings": 8192,
    },
}


@pytest.mark.parametrize("name", SHARED)
def test_a_type_that_transformers_has_too_is_the_same(name: str) -> None:
    parameters: dict[str, Any] = SHARED[name]
    config = LlamaConfig(
        hidden_size=DIM * 2,
        num_attention_heads=2,
        max_position_embeddings=131072,
        rope_parameters=dict(parameters),
    )
    theirs, magnitude = ROPE_INIT_FUNCTIONS[parameters["rope_type"]](config, device="cpu")

    ours = rotation(parameters, DIM)

    assert ours is not None
    assert ours.inv_freq == pytest.approx(theirs.tolist(), rel=1e-5)
    assert ours.magnitude == pytest.approx(magnitude)


def test_without_scaling_the_first_pair_turns_a_radian_and_the_last_hardly() -> None:
    turning = rotation({"rope_type": "default", "rope_theta": 1e4}, DIM)

    assert turning is not None
    assert turning.inv_freq[0] == 1.0
    assert turning.inv_freq[-1] == pytest.approx(1e4 ** -(62 / 64))
    assert turning.magnitude == 1.0


def test_without_a_base_it_is_the_one_that_vllm_takes() -> None:
    assert rotation({}, DIM) == rotation({"rope_theta": 10_000}, DIM)


def test_dynamic_at_its_full_length_turns_by_another_base() -> None:
    """Base x (factor x stretch - (factor - 1)) ^ (d / (d - 2)), at 4 times the length."""
    turning = rotation({"rope_type": "dynamic", "rope_theta": 1e4, "factor": 4.0}, DIM)
    base = 1e4 * (4 * 4 - 3) ** (DIM / (DIM - 2))

    assert turning == rotation({"rope_theta": base}, DIM)


def test_dynamic_that_is_not_stretched_does_nothing() -> None:
    parameters = {"rope_type": "dynamic", "rope_theta": 1e4, "factor": 4.0, "stretch": 1.0}

    assert rotation(parameters, DIM) == rotation({"rope_theta": 1e4}, DIM)


def test_a_type_without_a_formula_has_no_rotation() -> None:
    assert rotation({"rope_type": "proportional"}, DIM) is None


@pytest.mark.parametrize(
    ("keys", "magnitude"),
    [
        ({}, 0.1 * math.log(4) + 1),
        ({"factor": 1.0}, 1.0),
        ({"attention_factor": 1.3, "attn_factor": 2.0}, 1.3),
        ({"attn_factor": 2.0}, 2 * (0.1 * math.log(4) + 1)),
        ({"attn_factor": 2.0, "apply_yarn_scaling": False}, 2.0),
        ({"mscale": 0.7}, 0.1 * math.log(4) + 1),
        ({"mscale": 1.0, "mscale_all_dim": 1.0}, 1.0),
    ],
)
def test_the_magnitude_is_by_whichever_key_is_given(keys: dict[str, Any], magnitude: float) -> None:
    assert yarn_magnitude({**YARN, **keys}) == pytest.approx(magnitude)


@pytest.mark.parametrize(
    ("parameters", "told"),
    [
        ({"rope_type": "yarn", "factor": 4.0}, "original_max_position_embeddings"),
        ({"rope_type": "linear"}, "linear needs factor"),
        ({"rope_type": "linear", "factor": "four"}, "cannot be computed"),
        ({**YARN, "rope_theta": 1.0}, "cannot be computed"),
    ],
)
def test_what_cannot_be_computed_is_told(parameters: dict[str, Any], told: str) -> None:
    with pytest.raises(RopeError, match=told):
        rotation(parameters, DIM)
