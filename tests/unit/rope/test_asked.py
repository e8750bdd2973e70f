"""A request is merged over the checkpoint's whole RoPE, and what cannot be is refused."""

from __future__ import annotations

from typing import Any

import pytest

from recallbench.domain import RopeRequest
from recallbench.errors import RopeError
from recallbench.rope import parse_config
from recallbench.rope.asked import AskedRope, asked_rope, original_length

YARN: dict[str, Any] = {
    "rope_type": "yarn",
    "factor": 4.0,
    "original_max_position_embeddings": 8192,
}
LLAMA: dict[str, Any] = {
    "model_type": "llama",
    "max_position_embeddings": 8192,
    "rope_theta": 5e5,
    "partial_rotary_factor": 0.5,
}
LLAMA31: dict[str, Any] = {
    **LLAMA,
    "max_position_embeddings": 131072,
    "rope_scaling": {
        "rope_type": "llama3",
        "factor": 8.0,
        "low_freq_factor": 1.0,
        "high_freq_factor": 4.0,
        "original_max_position_embeddings": 8192,
    },
}
VL: dict[str, Any] = {
    "model_type": "qwen3_vl_text",
    "max_position_embeddings": 32768,
    "rope_theta": 5e6,
    "rope_scaling": {
        "rope_type": "default",
        "mrope_section": [24, 20, 20],
        "mrope_interleaved": True,
    },
}
FULL: dict[str, Any] = {"rope_type": "linear", "factor": 8.0, "rope_theta": 1e6}
SLIDING: dict[str, Any] = {"rope_type": "default", "rope_theta": 1e4}
GEMMA3: dict[str, Any] = {
    "model_type": "gemma3_text",
    "max_position_embeddings": 131072,
    "rope_parameters": {"full_attention": FULL, "sliding_attention": SLIDING},
}


def asked(raw: dict[str, Any], **parameters: Any) -> AskedRope:
    request = RopeRequest(parameters=tuple(sorted(parameters.items())))
    return asked_rope(request, parse_config(raw, "m"))


def refused(raw: dict[str, Any], **parameters: Any) -> str:
    with pytest.raises(RopeError) as caught:
        asked(raw, **parameters)
    return str(caught.value)


def test_native_is_the_checkpoints_own() -> None:
    native = asked_rope(RopeRequest(), parse_config(LLAMA31, "m"))

    assert native.parameters == {
        **LLAMA31["rope_scaling"],
        "rope_theta": 5e5,
        "partial_rotary_factor": 0.5,
    }
    assert native.reasons == ()


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        (LLAMA, {"rope_theta": 5e5, "partial_rotary_factor": 0.5}),
        (VL, {"rope_theta": 5e6, "mrope_section": [24, 20, 20], "mrope_interleaved": True}),
    ],
)
def test_what_is_no_scaling_stays_under_any_scaling(
    raw: dict[str, Any], kept: dict[str, Any]
) -> None:
    assert asked(raw, **YARN).parameters == {**YARN, **kept}


def test_the_same_type_is_merged_key_by_key() -> None:
    merged = asked(LLAMA31, factor=16)

    assert merged.parameters == {
        **LLAMA31["rope_scaling"],
        "factor": 16.0,
        "rope_theta": 5e5,
        "partial_rotary_factor": 0.5,
    }
    assert merged.reasons == ()


def test_another_type_drops_the_old_ones_keys_and_says_which() -> None:
    merged = asked(LLAMA31, rope_type="linear", factor=2)

    assert merged.parameters == {
        "rope_type": "linear",
        "factor": 2.0,
        "rope_theta": 5e5,
        "partial_rotary_factor": 0.5,
    }
    (reason,) = merged.reasons
    assert reason == (
        "the checkpoint's own llama3 scaling is replaced: high_freq_factor, low_freq_factor, "
        "original_max_position_embeddings dropped"
    )


@pytest.mark.parametrize(
    ("old", "new"), [("yarn", "yarn"), ("su", "longrope"), ("mrope", "default")]
)
def test_old_names_of_types_are_renamed(old: str, new: str) -> None:
    merged = asked(LLAMA, type=old, factor=4.0, original_max_position_embeddings=8192)

    assert merged.parameters["rope_type"] == new
    assert "type" not in merged.parameters
    assert f"sent as rope_type={new}" in merged.reasons[0]


@pytest.mark.parametrize("kind", ["linear", "dynamic", "ntk", "yarn", "deepseek_yarn"])
def test_a_whole_factor_is_sent_with_a_decimal_point(kind: str) -> None:
    factor = asked(LLAMA, rope_type=kind, factor=4).parameters["factor"]

    assert isinstance(factor, float)
    assert factor == 4.0


@pytest.mark.parametrize("kind", ["linear", "dynamic", "ntk", "yarn", "deepseek_yarn", "llama3"])
def test_a_type_that_needs_a_factor_is_refused_without_one(kind: str) -> None:
    assert refused(LLAMA, rope_type=kind) == (f"rope: {kind} needs a factor, a number of 1 or more")


def test_alpha_stands_for_dynamics_factor() -> None:
    assert "factor" not in asked(LLAMA, rope_type="dynamic", alpha=4.0).parameters


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"rope_type": ["yarn"]}, "rope_type is ['yarn']; a name"),
        ({"rope_type": None}, "rope_type is None; a name"),
        ({"rope_theta": "million"}, "rope_theta is 'million'; a number above 0"),
        ({"rope_theta": 0}, "rope_theta is 0"),
        ({"rope_theta": None}, "rope_theta is None"),
        ({"rope_theta": float("nan")}, "rope_theta is nan"),
        ({"rope_type": "linear", "factor": True}, "factor is True"),
        ({**YARN, "original_max_position_embeddings": True}, "embeddings is True; a whole number"),
        ({"full_attention": YARN}, "for no types of layers; give one set for all layers"),
    ],
    ids=str,
)
def test_values_that_no_rope_has_are_refused(parameters: dict[str, Any], words: str) -> None:
    assert words in refused(LLAMA, **parameters)


@pytest.mark.parametrize(
    ("raw", "length", "why"),
    [
        (LLAMA31, 8192, "from the checkpoint's RoPE parameters"),
        (LLAMA, 8192, "the config's max_position_embeddings"),
        (
            {"model_type": "qwen3", "max_position_embeddings": 40960, "rope_theta": 1e6},
            32768,
            "40,960",
        ),
    ],
)
def test_the_trained_length_is_known_from_somewhere(
    raw: dict[str, Any], length: int, why: str
) -> None:
    found = original_length(parse_config(raw, "m"))

    assert found is not None
    assert found[0] == length
    assert why in found[1]


def test_the_trained_length_is_taken_and_told_only_where_it_is_not_given() -> None:
    taken = asked(LLAMA, rope_type="yarn", factor=4.0)
    given = asked(LLAMA, **{**YARN, "original_max_position_embeddings": 4096})

    assert taken.parameters["original_max_position_embeddings"] == 8192
    assert taken.reasons[-1].startswith("original_max_position_embeddings 8,192: ")
    assert given.parameters["original_max_position_embeddings"] == 4096
    assert given.reasons == ()


def test_one_type_of_layer_is_merged_with_its_own_and_the_other_stays() -> None:
    merged = asked(GEMMA3, full_attention={"factor": 16})

    assert merged.parameters == {
        "full_attention": {**FULL, "factor": 16.0},
        "sliding_attention": SLIDING,
    }


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        (
            {"rope_type": "yarn", "factor": 4},
            "are for full_attention, sliding_attention; give them",
        ),
        (
            {"full_attention": {}, "chunked_attention": {}},
            "rope has chunked_attention, the checkpoint has full_attention, sliding_attention",
        ),
        ({"full_attention": {}, "sliding_attention": 4}, "sliding_attention is 4"),
        ({"full_attention": {"factor": 0.5}}, "factor is 0.5; a number of 1 or more"),
    ],
    ids=str,
)
def test_parameters_by_layer_are_checked_too(parameters: dict[str, Any], words: str) -> None:
    assert words in refused(GEMMA3, **parameters)
