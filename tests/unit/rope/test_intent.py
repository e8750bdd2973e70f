"""What overrides are meant to do does not depend on whether vLLM obeys them."""

from __future__ import annotations

from typing import Any

import pytest

from recallbench.rope import parse_config
from recallbench.rope.intent import intended_rope, is_misspelled, written_rope

QWEN3 = parse_config(
    {"model_type": "qwen3", "max_position_embeddings": 40960, "rope_theta": 1e6}, "m"
)
QWEN3_VL = parse_config(
    {
        "model_type": "qwen3_vl",
        "text_config": {
            "max_position_embeddings": 32768,
            "rope_theta": 5e6,
            "rope_scaling": {"rope_type": "default", "mrope_section": [24, 20, 20]},
        },
    },
    "m",
)
GEMMA3 = parse_config(
    {
        "model_type": "gemma3_text",
        "max_position_embeddings": 32768,
        "rope_parameters": {
            "full_attention": {"rope_type": "default", "rope_theta": 1e6},
            "sliding_attention": {"rope_type": "default", "rope_theta": 1e4},
        },
    },
    "m",
)
YARN: dict[str, Any] = {
    "rope_type": "yarn",
    "factor": 4.0,
    "original_max_position_embeddings": 32768,
}


@pytest.mark.parametrize(
    "overrides",
    [
        {"rope_parameters": YARN},
        {"rope_scaling": YARN},
        {"rope_paramters": YARN},
        {"rope-scaling": YARN},
        {"text_config": {"rope_parameters": YARN}},
        {"rope_scaling": {**YARN, "rope_type": "yarn", "type": "yarn"}},
        {"rope_scaling": {"type": "yarn", **{k: YARN[k] for k in YARN if k != "rope_type"}}},
        {"rope_parameters": {"rope_type": "yarn", "factor": 4}},
    ],
    ids=str,
)
def test_wherever_and_however_it_is_written_the_same_is_meant(overrides: dict[str, Any]) -> None:
    assert intended_rope(overrides, QWEN3) == {**YARN, "rope_theta": 1e6}


def test_a_theta_that_is_left_out_is_meant_to_stay() -> None:
    assert intended_rope({"rope_parameters": YARN}, QWEN3)["rope_theta"] == 1e6


@pytest.mark.parametrize(
    "overrides",
    [
        {"rope_theta": 5e6},
        {"text_config": {"rope_theta": 5e6}},
        {"rope_parameters": {"rope_theta": 5e6}},
        {"rope_parameters": {"rope_theta": 5e6}, "rope_theta": 7.0},
    ],
    ids=str,
)
def test_a_theta_of_ones_own_is_meant_at_every_level(overrides: dict[str, Any]) -> None:
    assert intended_rope(overrides, QWEN3) == {"rope_type": "default", "rope_theta": 5e6}


@pytest.mark.parametrize("overrides", [{}, {"max_position_embeddings": 9}, {"rope_scaling": None}])
def test_overrides_without_a_rope_mean_the_checkpoints_own(overrides: dict[str, Any]) -> None:
    assert intended_rope(overrides, QWEN3) == {"rope_type": "default", "rope_theta": 1e6}


def test_what_belongs_to_a_multimodal_rotation_is_meant_to_stay() -> None:
    meant = intended_rope({"text_config": {"rope_parameters": YARN}}, QWEN3_VL)

    assert meant == {**YARN, "rope_theta": 5e6, "mrope_section": [24, 20, 20]}


def test_one_type_of_layer_alone_leaves_the_others() -> None:
    meant = intended_rope({"rope_parameters": {"full_attention": YARN}}, GEMMA3)

    assert meant == {
        "full_attention": {**YARN, "rope_theta": 1e6},
        "sliding_attention": {"rope_type": "default", "rope_theta": 1e4},
    }


@pytest.mark.parametrize(
    "given",
    [
        {"rope_type": "yarn"},
        {"rope_type": "yarn", "factor": "four"},
        {"rope_type": ["yarn"]},
        {"rope_type": "linear", "factor": 0},
        {"rope_theta": "million"},
    ],
    ids=str,
)
def test_what_no_engine_could_run_is_meant_as_it_is_written(given: dict[str, Any]) -> None:
    meant = intended_rope({"rope_parameters": given}, QWEN3)

    assert meant == {"rope_type": "default", "rope_theta": 1e6, **given}


def test_the_newer_name_is_read_first_and_the_path_is_told() -> None:
    both = {"rope_scaling": {"factor": 2.0}, "rope_parameters": YARN}

    assert written_rope(both) == ("rope_parameters", YARN)
    assert written_rope({"text_config": both}) == ("text_config.rope_parameters", YARN)
    assert written_rope({"rope_scalling": YARN}) == ("rope_scalling", YARN)
    assert written_rope({"rope_parameters": None, "text_config": 7}) is None


@pytest.mark.parametrize(
    ("key", "value", "misspelled"),
    [
        ("rope_paramters", {}, True),
        ("rope_scalings", {}, True),
        ("ropescaling", {}, True),
        ("rope_parameters", {}, False),
        ("rope_scaling", {}, False),
        ("rope_paramters", 4.0, False),
        ("rope_config", {}, False),
        ("rope_settings", {}, False),
        ("vision_config", {}, False),
        ("text_config", {}, False),
        ("quantization_config", {}, False),
    ],
)
def test_only_a_slip_in_a_rope_key_is_one(key: str, value: object, *, misspelled: bool) -> None:
    assert is_misspelled(key, value) is misspelled
