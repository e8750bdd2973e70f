"""What becomes of overrides: which paths have no effect, and what is lost with its value.

That the parameters in effect are the engines' own is held against real engines in test_effect.
"""

from __future__ import annotations

from typing import Any

import pytest

from recallbench.errors import RopeError
from recallbench.rope import parse_config
from recallbench.rope.effective import Effective, Engine, effective

YARN: dict[str, Any] = {
    "rope_type": "yarn",
    "factor": 4.0,
    "original_max_position_embeddings": 32768,
}
WHOLE = {**YARN, "rope_theta": 1e6}
QWEN3: dict[str, Any] = {
    "model_type": "qwen3",
    "max_position_embeddings": 40960,
    "rope_theta": 1e6,
}
VL: dict[str, Any] = {
    "model_type": "qwen3_vl",
    "text_config": {
        "max_position_embeddings": 32768,
        "rope_theta": 5e6,
        "rope_scaling": {"rope_type": "default", "mrope_section": [24, 20, 20]},
    },
}


def outcome(
    overrides: dict[str, Any],
    vllm: str = "0.32.0",
    raw: dict[str, Any] = QWEN3,
    transformers: int | None = None,
) -> Effective:
    return effective(overrides, parse_config(raw, "m"), Engine.of(vllm, transformers))


@pytest.mark.parametrize(
    ("vllm", "transformers", "major", "keys", "scalar"),
    [
        ("0.11.2", None, 4, ("rope_scaling",), True),
        ("0.12.0", None, 4, ("rope_parameters",), True),
        ("0.20.0", None, 5, ("rope_parameters", "rope_scaling"), False),
        ("0.20.0", 4, 4, ("rope_parameters",), True),
        ("0.32.0+cpu", 5, 5, ("rope_parameters", "rope_scaling"), False),
    ],
)
def test_what_an_engine_reads_follows_from_its_versions(
    vllm: str, transformers: int | None, major: int, keys: tuple[str, ...], *, scalar: bool
) -> None:
    engine = Engine.of(vllm, transformers)

    assert (engine.transformers_major, engine.rope_keys) == (major, keys)
    assert engine.takes_scalar_theta is scalar


def test_an_engine_is_named_by_its_release() -> None:
    assert Engine.of("0.11.1rc2+cpu").release == "0.11.1"
    with pytest.raises(RopeError, match="expected numbers"):
        Engine.of("latest")


@pytest.mark.parametrize(
    ("overrides", "vllm", "transformers", "ignored"),
    [
        ({"rope_parameters": WHOLE}, "0.11.2", 4, ("rope_parameters",)),
        ({"rope_scaling": WHOLE}, "0.12.0", 4, ("rope_scaling",)),
        ({"rope_scaling": WHOLE}, "0.32.0", 5, ()),
        ({"rope_theta": 5e6}, "0.32.0", 5, ("rope_theta",)),
        ({"rope_theta": 5e6}, "0.26.0", 4, ()),
        ({"rope_theta": 5e6, "rope_parameters": WHOLE}, "0.26.0", 4, ("rope_theta",)),
        ({"rope_scaling": {**YARN, "rope_theta": 5e6}}, "0.11.2", 4, ("rope_scaling.rope_theta",)),
        ({"rope_scaling": {**YARN, "rope_theta": 1e6}}, "0.11.2", 4, ()),
        (
            {"rope_scaling": {**YARN, "partial_rotary_factor": 0.5}},
            "0.11.2",
            4,
            ("rope_scaling.partial_rotary_factor",),
        ),
        (
            {"rope_parameters": {**WHOLE, "partial_rotary_factor": 0.5}},
            "0.12.0",
            4,
            ("rope_parameters.partial_rotary_factor",),
        ),
        ({"rope_parameters": {**WHOLE, "partial_rotary_factor": 0.5}}, "0.13.0", 4, ()),
    ],
    ids=str,
)
def test_paths_without_effect_are_named(
    overrides: dict[str, Any], vllm: str, transformers: int, ignored: tuple[str, ...]
) -> None:
    assert outcome(overrides, vllm, transformers=transformers).ignored == ignored


@pytest.mark.parametrize(
    ("overrides", "vllm", "ignored"),
    [
        (
            {"rope_parameters": YARN, "max_position_embeddings": 9, "vision_config": {}},
            "0.32.0",
            ("rope_parameters", "max_position_embeddings"),
        ),
        ({"text_config": {"rope_parameters": YARN}, "rope_theta": 1.0}, "0.32.0", ("rope_theta",)),
        ({"text_config": {"rope_theta": 1.0}}, "0.32.0", ("text_config.rope_theta",)),
        ({"text_config": {"rope_theta": 1.0}}, "0.11.1", ()),
        (
            {"text_config": {"rope_parameters": YARN}},
            "0.11.1",
            ("text_config.rope_parameters",),
        ),
        ({"text_config": {"rope_scaling": {**YARN, "rope_theta": 5e6}}}, "0.11.1", ()),
        (
            {"text_config": {"rope_scaling": {"rope_theta": 1.0, "partial_rotary_factor": 0.5}}},
            "0.11.1",
            (
                "text_config.rope_scaling.partial_rotary_factor",
                "text_config.rope_scaling.rope_theta",
            ),
        ),
        (
            {"text_config": {"rope_parameters": {"partial_rotary_factor": 0.5}}},
            "0.12.0",
            ("text_config.rope_parameters.partial_rotary_factor",),
        ),
        ({"text_config": {"rope_parameters": {"partial_rotary_factor": 0.5}}}, "0.13.0", ()),
        (
            {"text_config": {"rope_scaling": {"type": "yarn", "factor": 4.0}}},
            "0.32.0",
            ("text_config.rope_scaling.type",),
        ),
    ],
    ids=str,
)
def test_what_misses_a_multimodal_models_text_config_is_named(
    overrides: dict[str, Any], vllm: str, ignored: tuple[str, ...]
) -> None:
    assert outcome(overrides, vllm, VL).ignored == ignored


def test_what_is_lost_is_told_with_its_value() -> None:
    raw = {**QWEN3, "partial_rotary_factor": 0.5}

    assert outcome({"rope_parameters": YARN}, raw=raw).lost == {
        "partial_rotary_factor": 0.5,
        "rope_theta": 1e6,
    }
    assert outcome({"rope_parameters": WHOLE}, raw=raw).lost == {"partial_rotary_factor": 0.5}
    assert outcome({"rope_parameters": {**WHOLE, "partial_rotary_factor": 0.5}}, raw=raw).lost == {}


@pytest.mark.parametrize("vllm", ["0.8.5", "0.11.2"])
def test_nothing_is_lost_while_theta_stands_beside_the_scaling(vllm: str) -> None:
    told = outcome({"rope_scaling": YARN}, vllm)

    assert told.lost == {}
    assert told.parameters["rope_theta"] == 1e6


def test_nothing_is_lost_under_a_text_config() -> None:
    told = outcome({"text_config": {"rope_parameters": YARN}}, raw=VL)

    assert told.lost == {}
    assert told.parameters == {**YARN, "rope_theta": 5e6, "mrope_section": [24, 20, 20]}


@pytest.mark.parametrize(
    ("vllm", "key", "theta", "partial"),
    [
        ("0.11.1", "rope_scaling", 5e6, 1.0),
        ("0.12.0", "rope_parameters", 7e6, 1.0),
        ("0.13.0", "rope_parameters", 7e6, 0.5),
    ],
)
def test_what_is_read_outside_is_not_taken_from_inside(
    vllm: str, key: str, theta: float, partial: float
) -> None:
    inside = {"rope_theta": 7e6, "partial_rotary_factor": 0.5}

    told = outcome({"text_config": {key: inside}}, vllm, VL).parameters

    assert told["rope_theta"] == theta
    assert told.get("partial_rotary_factor", 1.0) == partial


def test_a_scaling_type_is_no_loss_as_it_is_no_rotation() -> None:
    raw = {**QWEN3, "rope_scaling": {**YARN, "beta_fast": 16}}

    assert outcome({"rope_parameters": WHOLE}, raw=raw).lost == {}


@pytest.mark.parametrize(
    ("model_type", "base"), [("qwen3", 1e6), ("llama", 1e4), ("falcon_h1", 1e11)]
)
def test_a_lost_theta_becomes_the_models_own_default(model_type: str, base: float) -> None:
    raw = {**QWEN3, "model_type": model_type, "rope_theta": 3e6}

    told = outcome({"rope_parameters": YARN}, raw=raw)

    assert told.parameters["rope_theta"] == base
    assert told.lost == {"rope_theta": 3e6}


@pytest.mark.parametrize(
    ("overrides", "vllm", "raw", "words"),
    [
        ({"rope_parameters": {"factor": 4.0}}, "0.32.0", QWEN3, "no rope_type (KeyError"),
        ({"rope_scaling": {"factor": 4.0}}, "0.10.2", QWEN3, "no rope_type (KeyError"),
        ({"rope_parameters": YARN}, "0.12.0", {**QWEN3, "model_type": "llama"}, "no rope_theta"),
        ({"text_config": {"rope_parameters": YARN}}, "0.32.0", QWEN3, "model that has none"),
        ({"text_config": {"rope_parameters": YARN}}, "0.11.0", VL, "replaced as a whole"),
        ({"text_config": {"rope_parameters": YARN}}, "0.19.0", VL, "cannot be built with yarn"),
        (
            {"rope_parameters": {"full_attention": WHOLE}},
            "0.32.0",
            {**QWEN3, "model_type": "gemma3_text"},
            "the other's are missing",
        ),
        (
            {"rope_parameters": WHOLE},
            "0.32.0",
            {**QWEN3, "model_type": "gemma3_text"},
            "for each type of layer",
        ),
    ],
    ids=str,
)
def test_an_engine_that_does_not_start_has_its_reason(
    overrides: dict[str, Any], vllm: str, raw: dict[str, Any], words: str
) -> None:
    failure = outcome(overrides, vllm, raw).failure

    assert failure is not None
    assert words in failure


@pytest.mark.parametrize(
    ("overrides", "lengths"),
    [
        ({}, {"max_position_embeddings": 40960}),
        ({"max_position_embeddings": 131072}, {"max_position_embeddings": 131072}),
        ({"max_position_embeddings": None}, {"max_position_embeddings": 40960}),
        (
            {"model_max_length": 65536},
            {"max_position_embeddings": 40960, "model_max_length": 65536},
        ),
        ({"max_position_embeddings": "long"}, {}),
    ],
    ids=str,
)
def test_lengths_are_the_overrides_or_the_checkpoints(
    overrides: dict[str, Any], lengths: dict[str, int]
) -> None:
    assert outcome(overrides).lengths == lengths
