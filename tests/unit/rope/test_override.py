"""The override is the checkpoint's whole RoPE with the asked change, spelled for one vLLM."""

from __future__ import annotations

from typing import Any

import pytest

from recallbench.domain import RopeRequest
from recallbench.errors import RopeError
from recallbench.rope import RopeOverride, parse_config, rope_override
from recallbench.rope.versions import release

QWEN3: dict[str, Any] = {
    "model_type": "qwen3",
    "max_position_embeddings": 40960,
    "rope_theta": 1e6,
}
LLAMA31: dict[str, Any] = {
    "model_type": "llama",
    "max_position_embeddings": 131072,
    "rope_theta": 5e5,
    "partial_rotary_factor": 0.5,
    "rope_scaling": {
        "rope_type": "llama3",
        "factor": 8.0,
        "low_freq_factor": 1.0,
        "high_freq_factor": 4.0,
        "original_max_position_embeddings": 8192,
    },
}
YARN = {
    "rope_type": "yarn",
    "factor": 4.0,
    "original_max_position_embeddings": 32768,
    "rope_theta": 1e6,
}


def override(
    request: RopeRequest, raw: dict[str, Any] = QWEN3, vllm: str = "0.32.0"
) -> RopeOverride:
    return rope_override(request, parse_config(raw, "m"), vllm)


def asked(**parameters: Any) -> RopeRequest:
    return RopeRequest(parameters=tuple(sorted(parameters.items())))


def test_native_sends_nothing() -> None:
    native = override(RopeRequest())

    assert native.hf_overrides is None
    assert native.context_limit == 40960
    assert native.rope_parameters == {"rope_type": "default", "rope_theta": 1e6}


@pytest.mark.parametrize(
    ("vllm", "sent"),
    [
        ("0.10.2", {"rope_scaling": YARN}),
        ("0.11.0", {"rope_scaling": YARN}),
        ("0.11.1", {"rope_scaling": YARN}),
        ("0.12.0", {"rope_parameters": YARN}),
        ("0.26.0", {"rope_parameters": YARN}),
        ("0.29.9", {"rope_parameters": YARN}),
        ("0.30.0", {"rope_parameters": YARN, "max_position_embeddings": 131072}),
        ("0.30", {"rope_parameters": YARN, "max_position_embeddings": 131072}),
        ("0.33.0rc1+cpu", {"rope_parameters": YARN, "max_position_embeddings": 131072}),
        ("1.0", {"rope_parameters": YARN, "max_position_embeddings": 131072}),
    ],
)
def test_a_factor_is_spelled_as_the_version_obeys_it(vllm: str, sent: dict[str, Any]) -> None:
    assert override(RopeRequest(factor=4), vllm=vllm).hf_overrides == sent


def test_qwen3s_length_is_the_trained_one_and_the_choice_is_told() -> None:
    yarn = override(RopeRequest(factor=4))

    assert yarn.context_limit == 131072
    assert "32,768" in yarn.reasons[0]
    assert "40,960" in yarn.reasons[0]


def test_another_length_of_the_family_is_taken_as_it_is() -> None:
    raw = {**QWEN3, "max_position_embeddings": 262144}

    yarn = override(RopeRequest(factor=2), raw)

    assert yarn.rope_parameters["original_max_position_embeddings"] == 262144
    assert yarn.context_limit == 524288


def test_the_checkpoints_own_scaling_is_replaced_and_told_but_never_its_theta() -> None:
    yarn = override(RopeRequest(factor=4), LLAMA31)

    assert yarn.rope_parameters == {
        "rope_type": "yarn",
        "factor": 4.0,
        "rope_theta": 5e5,
        "partial_rotary_factor": 0.5,
        "original_max_position_embeddings": 8192,
    }
    assert any("llama3 scaling is replaced" in reason for reason in yarn.reasons)
    assert any("low_freq_factor" in reason for reason in yarn.reasons)


def test_what_the_user_gives_goes_over_the_checkpoint() -> None:
    linear = override(asked(rope_type="linear", factor=2))

    assert linear.rope_parameters == {"rope_type": "linear", "factor": 2, "rope_theta": 1e6}
    assert linear.context_limit == 81920
    assert linear.hf_overrides == {"rope_parameters": linear.rope_parameters}


def test_the_old_name_of_the_type_is_renamed_and_told() -> None:
    yarn = override(asked(type="yarn", factor=4, original_max_position_embeddings=8192))

    assert yarn.rope_parameters["rope_type"] == "yarn"
    assert "type" not in yarn.rope_parameters
    assert yarn.context_limit == 32768
    assert any("old name" in reason for reason in yarn.reasons)


def test_a_multimodal_models_override_goes_to_its_text_config() -> None:
    raw = {"model_type": "qwen3_vl", "text_config": QWEN3}

    sent = override(RopeRequest(factor=4), raw).hf_overrides

    assert sent == {"text_config": {"rope_parameters": YARN, "max_position_embeddings": 131072}}


@pytest.mark.parametrize("factor", [0, 0.5, -4, "four", None])
def test_a_factor_that_stretches_nothing_is_refused(factor: Any) -> None:
    with pytest.raises(RopeError, match="1 or more"):
        override(asked(rope_type="linear", factor=factor))


@pytest.mark.parametrize("factor", [float("nan"), float("inf")])
def test_a_factor_that_is_no_number_is_refused(factor: float) -> None:
    with pytest.raises(RopeError, match="1 or more"):
        override(RopeRequest(factor=factor))


def test_yarn_without_a_factor_is_refused() -> None:
    with pytest.raises(RopeError, match="yarn needs a factor"):
        override(asked(rope_type="yarn"))


@pytest.mark.parametrize("original", ["32768", 32768.5, None, 0, [32768]])
def test_a_length_to_start_from_that_is_none_is_refused(original: Any) -> None:
    with pytest.raises(RopeError, match=r"original_max_position_embeddings is .* a whole number"):
        override(asked(rope_type="yarn", factor=4, original_max_position_embeddings=original))


def test_a_checkpoint_that_has_yarn_keeps_its_other_parameters() -> None:
    scaling = {"rope_type": "yarn", "factor": 2.0, "beta_fast": 16}
    scaling["original_max_position_embeddings"] = 4096
    raw = {"model_type": "llama", "max_position_embeddings": 8192, "rope_scaling": scaling}

    yarn = override(RopeRequest(factor=8), raw)

    assert yarn.rope_parameters == {**scaling, "factor": 8.0}
    assert yarn.context_limit == 32768
    assert yarn.reasons == ()


def test_a_folder_without_config_cannot_be_stretched() -> None:
    with pytest.raises(RopeError, match=r"no config\.json"):
        rope_override(RopeRequest(factor=4), None, "0.32.0")
    assert rope_override(RopeRequest(), None, "0.32.0").context_limit is None


def test_yarn_needs_a_length_to_start_from() -> None:
    with pytest.raises(RopeError, match="original_max_position_embeddings"):
        override(RopeRequest(factor=4), {"model_type": "llama"})


@pytest.mark.parametrize("version", ["", "newest", "v"])
def test_a_version_without_numbers_is_refused(version: str) -> None:
    with pytest.raises(RopeError, match="expected numbers"):
        release(version)
