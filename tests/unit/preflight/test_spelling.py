"""What is told to paste is what a shell and this vLLM take, and mends what was wrong."""

from __future__ import annotations

import json
import shlex
from dataclasses import replace
from typing import Any

import pytest

from recallbench.preflight import Case, Deployment, Severity, case_of, findings
from recallbench.preflight.arguments import read_arguments
from recallbench.preflight.spelling import fixed_arguments
from recallbench.rope.known_checkpoints import known_checkpoint

QWEN3 = "Qwen/Qwen3-8B"
SMOL = "HuggingFaceTB/SmolLM2-135M-Instruct"
QWEN3_VL = "Qwen/Qwen3-VL-8B-Instruct"
OWN = "someone/own-model"
BARE: dict[str, Any] = {
    "rope_type": "yarn",
    "factor": 4.0,
    "original_max_position_embeddings": 32768,
}
SMOL_BARE = {**BARE, "original_max_position_embeddings": 8192}
FULL = {**BARE, "rope_theta": 1_000_000}


def case(model: str, version: str, **settings: Any) -> Case:
    deployment = Deployment(model=model, vllm_version=version, **settings)
    return case_of(deployment, known_checkpoint(model))


def pasted(case: Case) -> Deployment:
    """The deployment as it would be with these arguments in place of the RoPE's own."""
    words = shlex.split(fixed_arguments(case))
    fixed = read_arguments(words).deployment()
    assert fixed.malformed == {}
    assert fixed.unread == ()
    return replace(
        case.deployment,
        hf_overrides=fixed.hf_overrides,
        max_model_len=fixed.max_model_len,
        rope_scaling=None,
        rope_theta=None,
    )


@pytest.mark.parametrize(
    ("model", "version", "settings", "arguments"),
    [
        (
            QWEN3, "0.33.0", {"hf_overrides": {"rope_parameters": BARE}},
            {"rope_parameters": FULL, "max_position_embeddings": 131072},
        ),
        (QWEN3, "0.29.0", {"hf_overrides": {"rope_scaling": BARE}}, {"rope_parameters": FULL}),
        (QWEN3, "0.11.2", {"hf_overrides": {"rope_parameters": BARE}}, {"rope_scaling": FULL}),
        (QWEN3, "0.29.0", {"rope_scaling": BARE}, {"rope_parameters": FULL}),
        (
            SMOL, "0.33.0", {"hf_overrides": {"rope_parameters": SMOL_BARE}},
            {
                "rope_parameters": {**SMOL_BARE, "rope_theta": 100_000},
                "max_position_embeddings": 32768,
            },
        ),
    ],
)  # fmt: skip
def test_the_whole_rope_is_spelled_for_the_version_with_the_checkpoints_theta(
    model: str, version: str, settings: dict[str, Any], arguments: dict[str, Any]
) -> None:
    held = case(model, version, **settings)

    assert pasted(held).hf_overrides == arguments


def test_the_length_is_the_one_the_scaling_is_for() -> None:
    assert fixed_arguments(case(QWEN3, "0.29.0", rope_scaling=BARE)).endswith(
        " --max-model-len 131072"
    )


@pytest.mark.parametrize(("given", "ending"), [(8192, " --max-model-len 8192"), (-1, "}'")])
def test_without_a_scaling_the_given_length_is_kept_and_auto_left_out(
    given: int, ending: str
) -> None:
    held = case(QWEN3, "0.33.0", hf_overrides={"rope_theta": 2e6}, max_model_len=given)

    assert fixed_arguments(held).endswith(ending)


def test_a_multimodal_models_rope_stands_under_text_config() -> None:
    held = case(QWEN3_VL, "0.33.0", hf_overrides={"rope_parameters": {**BARE, "factor": 2.0}})

    assert set(pasted(held).hf_overrides or {}) == {"text_config"}


BROKEN = [
    case(QWEN3, "0.33.0", hf_overrides={"rope_parameters": BARE}),
    case(QWEN3, "0.33.0", hf_overrides={"rope_scaling": BARE}, max_model_len=131072),
    case(QWEN3, "0.33.0", rope_scaling=BARE, rope_theta=1_000_000),
    case(QWEN3, "0.26.0", hf_overrides={"rope_scaling": FULL}),
    case(QWEN3, "0.11.2", hf_overrides={"rope_parameters": FULL}),
    case(QWEN3, "0.33.0", hf_overrides={"rope_paramters": FULL}),
    case(SMOL, "0.33.0", hf_overrides={"rope_parameters": SMOL_BARE}),
    case(SMOL, "0.26.0", hf_overrides={"rope_parameters": {"type": "yarn", **SMOL_BARE}}),
    case(SMOL, "0.26.0", hf_overrides={"rope_parameters": {"rope_type": "yarn", "factor": 4.0}}),
]


@pytest.mark.parametrize("broken", BROKEN, ids=lambda held: str(held.overrides))
def test_what_was_wrong_is_not_any_more_once_it_is_pasted(broken: Case) -> None:
    mended = case_of(pasted(broken), broken.config)

    assert [f.rule for f in findings(broken) if f.severity is not Severity.ADVICE]
    assert [f for f in findings(mended) if f.severity is not Severity.ADVICE] == []


def test_a_theta_that_is_not_known_is_left_to_be_filled_in_and_vllm_would_refuse_it() -> None:
    held = case(OWN, "0.29.0", hf_overrides={"rope_parameters": BARE})

    sent = json.loads(shlex.split(fixed_arguments(held))[1])

    assert sent["rope_parameters"] == {**BARE, "rope_theta": "THE BASE OF THE CHECKPOINT"}


def test_a_theta_to_be_filled_in_stands_where_the_text_models_rope_does() -> None:
    held = case(OWN, "0.33.0", hf_overrides={"text_config": {"rope_parameters": BARE}})

    sent = json.loads(shlex.split(fixed_arguments(held))[1])

    assert sent["text_config"]["rope_parameters"] == {
        **BARE,
        "rope_theta": "THE BASE OF THE CHECKPOINT",
    }


def test_a_length_among_the_rope_parameters_is_given_as_the_argument_it_is() -> None:
    strayed = {**FULL, "max_model_len": 131072}
    held = pasted(case(QWEN3, "0.29.0", hf_overrides={"rope_parameters": strayed}))

    assert held.hf_overrides == {"rope_parameters": FULL}
    assert held.max_model_len == 131072


def test_a_theta_that_is_written_stays_as_it_is_written() -> None:
    held = case(OWN, "0.29.0", hf_overrides={"rope_parameters": FULL}, max_model_len=4096)

    assert pasted(held).hf_overrides == {"rope_parameters": FULL}


def test_a_quote_in_a_value_does_not_end_the_argument() -> None:
    held = case(QWEN3, "0.33.0", hf_overrides={"rope_parameters": {**FULL, "rope_type": "it's"}})

    option, value = shlex.split(fixed_arguments(held))

    assert option == "--hf-overrides"
    assert json.loads(value)["rope_parameters"]["rope_type"] == "it's"
