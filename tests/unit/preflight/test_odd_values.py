"""A value of the wrong kind is named, and never stops a check."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recallbench.preflight import Deployment, case_of, findings
from recallbench.preflight.odd_values import odd_values
from recallbench.rope.known_checkpoints import known_checkpoint

YARN: dict[str, Any] = {
    "rope_type": "yarn",
    "rope_theta": 1e6,
    "factor": 4.0,
    "original_max_position_embeddings": 32768,
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=4,
)
KEYS = st.sampled_from([
    "rope_type", "type", "rope_theta", "factor", "original_max_position_embeddings", "beta_fast",
    "attention_factor", "mscale", "short_factor", "long_factor", "mrope_section", "truncate",
    "partial_rotary_factor", "max_trained_positions", "alpha", "full_attention",
])  # fmt: skip
ROOMS = st.sampled_from(["rope_parameters", "rope_scaling", "rope_parameter", "text_config"])
MODELS = st.sampled_from(
    ["Qwen/Qwen3-8B", "meta-llama/Llama-3.1-8B", "Qwen/Qwen3-VL-8B-Instruct", "someone/unknown"]
)
VERSIONS = st.sampled_from(["0.8.5", "0.11.2", "0.12.0", "0.22.1", "0.33.0"])


@pytest.mark.parametrize(
    ("overrides", "path"),
    [
        ({"rope_parameters": "yarn"}, "rope_parameters"),
        ({"rope_scaling": [YARN]}, "rope_scaling"),
        ({"rope_parameters": {**YARN, "rope_type": ["yarn"]}}, "rope_parameters.rope_type"),
        ({"rope_parameters": {**YARN, "factor": "4"}}, "rope_parameters.factor"),
        ({"rope_parameters": {**YARN, "factor": True}}, "rope_parameters.factor"),
        ({"rope_parameters": {**YARN, "factor": float("inf")}}, "rope_parameters.factor"),
        ({"rope_parameters": {**YARN, "factor": 10**400}}, "rope_parameters.factor"),
        ({"rope_parameters": {**YARN, "rope_theta": None}}, "rope_parameters.rope_theta"),
        ({"rope_parameters": {**YARN, "rope_theta": "1e6"}}, "rope_parameters.rope_theta"),
        ({"rope_parameters": {**YARN, "short_factor": []}}, "rope_parameters.short_factor"),
        ({"rope_parameters": {"full_attention": 4}}, "rope_parameters.full_attention"),
        ({"text_config": "yarn"}, "text_config"),
        (
            {"text_config": {"rope_parameters": {"factor": -1}}},
            "text_config.rope_parameters.factor",
        ),
        ({"max_position_embeddings": 131072.5}, "max_position_embeddings"),
        ({"max_position_embeddings": 0}, "max_position_embeddings"),
        ({"rope_theta": "10000"}, "rope_theta"),
        ({"rope_parametres": {**YARN, "factor": "4"}}, "rope_parametres.factor"),
    ],
)
def test_a_value_of_the_wrong_kind_is_named_by_its_path(
    overrides: dict[str, Any], path: str
) -> None:
    (found,) = odd_values(overrides)

    assert found.rule == "odd-value"
    assert found.what.startswith(f"hf_overrides.{path} is ")
    assert found.fix.startswith("write a ")


@pytest.mark.parametrize(
    "overrides",
    [
        {},
        {"rope_parameters": YARN},
        {"rope_parameters": None},
        {"rope_parameters": {**YARN, "factor": 4, "attention_factor": None, "truncate": False}},
        {"rope_parameters": {**YARN, "colour": ["any", {"thing": 1}]}},
        {"text_config": {"rope_parameters": YARN, "max_position_embeddings": 131072}},
        {"something": "else"},
    ],
)
def test_what_a_key_takes_is_not_odd(overrides: dict[str, Any]) -> None:
    assert odd_values(overrides) == ()


def test_a_long_value_is_not_shown_whole() -> None:
    (found,) = odd_values({"rope_parameters": "x" * 10_000})

    assert len(found.what) < 200


@given(model=MODELS, version=VERSIONS, room=ROOMS, key=KEYS, value=JSON)
def test_no_value_stops_a_check(
    model: str, version: str, room: str, key: str, value: object
) -> None:
    parameters = {**YARN, key: value}
    held = {"rope_parameters": parameters} if room == "text_config" else parameters
    overrides: dict[str, Any] = {room: held}
    deployment = Deployment(
        model=model, vllm_version=version, hf_overrides=overrides, max_model_len=131072
    )

    for finding in findings(case_of(deployment, known_checkpoint(model))):
        assert finding.what
