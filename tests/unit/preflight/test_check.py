"""Each broken deployment is named for what breaks it, and sound ones are left alone."""

from __future__ import annotations

import shlex
from dataclasses import replace
from typing import Any

import pytest

from recallbench.preflight import Deployment, Finding, Severity, case_of, findings, is_allowed
from recallbench.preflight.arguments import read_arguments
from recallbench.preflight.check import rope_findings
from recallbench.preflight.rule_names import MISMATCHES, ROPE_MISMATCH, RULE_NAMES
from recallbench.rope.known_checkpoints import known_checkpoint

QWEN3 = "Qwen/Qwen3-8B"
QWEN3_MOE = "Qwen/Qwen3-30B-A3B"
LLAMA31 = "meta-llama/Llama-3.1-8B-Instruct"
QWEN_1M = "Qwen/Qwen2.5-7B-Instruct-1M"
QWEN25 = "Qwen/Qwen2.5-7B-Instruct"
SMOL = "HuggingFaceTB/SmolLM2-135M-Instruct"
UNKNOWN = "someone/own-model"
BARE: dict[str, Any] = {
    "rope_type": "yarn",
    "factor": 4.0,
    "original_max_position_embeddings": 32768,
}
YARN = {**BARE, "rope_theta": 1_000_000}
LONG = {"max_position_embeddings": 131072}
ALLOW = {"VLLM_ALLOW_LONG_MAX_MODEL_LEN": "1"}


def deployed(model: str, version: str, **settings: Any) -> Deployment:
    return Deployment(model=model, vllm_version=version, **settings)


def found(deployment: Deployment, *severities: Severity) -> set[str]:
    case = case_of(deployment, known_checkpoint(deployment.model or ""))
    wanted = severities or (Severity.ERROR, Severity.WARNING)
    return {finding.rule for finding in findings(case) if finding.severity in wanted}


SOUND = [
    deployed(QWEN3, "0.33.0"),
    deployed(QWEN3, "0.33.0", max_model_len=40960),
    deployed(QWEN3, "0.33.0", max_model_len=32768),
    deployed(QWEN3, "0.29.0", hf_overrides={"rope_parameters": YARN}),
    deployed(QWEN3, "0.29.0", hf_overrides={"rope_parameters": YARN}, max_model_len=131072),
    deployed(QWEN3, "0.30.0", hf_overrides={"rope_parameters": YARN, **LONG}),
    deployed(QWEN3, "0.33.0", hf_overrides={"rope_parameters": YARN, **LONG}, max_model_len=131072),
    deployed(QWEN3, "0.8.5", rope_scaling=None, hf_overrides={"rope_scaling": YARN}),
    deployed(QWEN3, "0.11.2", hf_overrides={"rope_scaling": BARE}, max_model_len=131072),
    deployed(QWEN3_MOE, "0.10.2", hf_overrides={"rope_scaling": BARE}, max_model_len=131072),
    deployed("Qwen/Qwen3-VL-8B-Instruct", "0.33.0", hf_overrides={"text_config": {
        "max_position_embeddings": 524288, "rope_parameters": {
            "rope_type": "yarn", "factor": 2.0, "original_max_position_embeddings": 262144}}}),
    deployed(LLAMA31, "0.33.0"),
    deployed(LLAMA31, "0.33.0", max_model_len=131072),
    deployed(LLAMA31, "0.20.2", max_model_len=8192),
    deployed(QWEN3, "0.26.0", kv_cache_dtype="fp8", quantization="fp8", max_model_len=32768),
    deployed(UNKNOWN, "0.33.0", max_model_len=4096),
    deployed(UNKNOWN, "0.33.0"),
    deployed(UNKNOWN, "0.29.0", hf_overrides={"rope_parameters": YARN}, max_model_len=131072),
]  # fmt: skip
BROKEN: list[tuple[Deployment, set[str]]] = [
    # keys that this version ignores
    (deployed(QWEN3, "0.12.0", hf_overrides={"rope_scaling": YARN}), {"key-ignored"}),
    (deployed(QWEN3, "0.16.0", hf_overrides={"rope_scaling": YARN}), {"key-ignored"}),
    (deployed(QWEN3, "0.11.2", hf_overrides={"rope_parameters": YARN}), {"key-ignored"}),
    (deployed(QWEN3, "0.10.2", hf_overrides={"rope_parameters": YARN}), {"key-ignored"}),
    (
        deployed(QWEN3, "0.12.0", hf_overrides={"rope_scaling": YARN}, max_model_len=131072),
        {"key-ignored", "longer-than-derived"},
    ),
    (deployed(QWEN3, "0.26.0", hf_overrides={"rope_theta": 10_000_000}), {"key-ignored"}),
    (
        deployed(QWEN3, "0.26.0", hf_overrides={"rope_scaling": YARN}, max_model_len=131072),
        {"key-deprecated"},
    ),
    # a theta that is lost
    (
        deployed(QWEN3_MOE, "0.29.0", hf_overrides={"rope_parameters": BARE}),
        {"theta-lost"},
    ),
    (deployed(SMOL, "0.26.0", hf_overrides={"rope_parameters": {**BARE, "factor": 2.0,
     "original_max_position_embeddings": 8192}}), {"theta-lost"}),
    (deployed(UNKNOWN, "0.29.0", hf_overrides={"rope_parameters": BARE}), {"theta-lost"}),
    # the old name of the type
    (
        deployed(QWEN3, "0.26.0", hf_overrides={"rope_parameters": {
            "type": "yarn", "factor": 4.0, "original_max_position_embeddings": 32768,
            "rope_theta": 1e6}}),
        {"legacy-type"},
    ),
    (
        deployed(QWEN3, "0.10.2", hf_overrides={"rope_scaling": {
            "type": "yarn", "factor": 4.0, "original_max_position_embeddings": 32768}}),
        {"legacy-type"},
    ),
    # the trained length
    (
        deployed(QWEN3, "0.26.0", hf_overrides={"rope_parameters": {
            **YARN, "original_max_position_embeddings": 4096}}),
        {"original-wrong", "scaling-not-needed"},
    ),
    (
        deployed(QWEN3, "0.26.0", hf_overrides={"rope_parameters": {
            **YARN, "original_max_position_embeddings": 40960}}),
        {"original-wrong"},
    ),
    (
        deployed(QWEN3, "0.26.0", hf_overrides={"rope_parameters": {
            "rope_type": "yarn", "factor": 4.0, "rope_theta": 1e6}}),
        {"missing-original"},
    ),
    # the wrong base of the factor
    (
        deployed(LLAMA31, "0.26.0", hf_overrides={"rope_parameters": {
            **BARE, "rope_theta": 5e5}}, max_model_len=131072),
        {"original-wrong", "trained-scaling-replaced", "scaling-not-needed"},
    ),
    (
        deployed(LLAMA31, "0.26.0", hf_overrides={"rope_parameters": {
            **BARE, "rope_theta": 5e5, "original_max_position_embeddings": 131072}}),
        {"original-wrong", "trained-scaling-replaced"},
    ),
    # scaling that is not needed, or larger than needed
    (
        deployed(QWEN3, "0.26.0", hf_overrides={"rope_parameters": YARN}, max_model_len=32768),
        {"scaling-not-needed"},
    ),
    (
        deployed(QWEN3, "0.26.0", hf_overrides={"rope_parameters": YARN}, max_model_len=65536),
        {"factor-too-large"},
    ),
    # lengths
    (deployed(QWEN3, "0.33.0", max_model_len=131072), {"longer-than-derived"}),
    (
        deployed(QWEN3, "0.33.0", max_model_len=131072, env=ALLOW),
        {"past-the-table"},
    ),
    (
        deployed(QWEN_1M, "0.10.2", max_model_len=1_048_576, tensor_parallel_size=4,
                 enforce_eager=True, enable_chunked_prefill=True,
                 max_num_batched_tokens=131072, env=ALLOW | {
                     "VLLM_ATTENTION_BACKEND": "DUAL_CHUNK_FLASH_ATTN", "VLLM_USE_V1": "0"}),
        {"past-the-table"},
    ),
    (
        deployed(QWEN3, "0.30.0", hf_overrides={"rope_parameters": YARN}),
        {"length-not-extended"},
    ),
    (
        deployed(QWEN3, "0.30.0", hf_overrides={"rope_parameters": YARN}, max_model_len=131072),
        {"longer-than-derived"},
    ),
    (
        deployed(UNKNOWN, "0.33.0", hf_overrides={"rope_parameters": YARN}, max_model_len=131072),
        {"length-not-extended"},
    ),
    (
        deployed(QWEN3, "0.33.0", hf_overrides={"rope_parameters": YARN, "max_model_len": 131072}),
        {"length-not-extended", "max-model-len-inside"},
    ),
    (
        deployed(QWEN3, "0.33.0", hf_overrides={"model_max_length": 131072}),
        {"model-max-length", "past-the-table"},
    ),
    (deployed(QWEN3, "0.33.0", hf_overrides=LONG), {"length-without-scaling"}),
    (
        deployed(QWEN3, "0.31.0", hf_overrides={
            "rope_parameters": {**YARN, "factor": 2.0}, **LONG}),
        {"past-the-table"},
    ),
    # types
    (
        deployed(QWEN25, "0.26.0", hf_overrides={"rope_parameters": {
            "rope_type": "dynamic", "factor": 4.0, "rope_theta": 1e6}}),
        {"dynamic-does-nothing", "past-the-table"},
    ),
    (
        deployed(QWEN25, "0.26.0", hf_overrides={"rope_parameters": {
            "rope_type": "linear", "factor": 4.0, "rope_theta": 1e6}, **LONG}),
        {"double-scaling"},
    ),
    (
        deployed(QWEN25, "0.26.0", hf_overrides={"rope_parameters": {
            "rope_type": "linear", "factor": 4, "rope_theta": 1e6}}),
        {"refused"},
    ),
    (
        deployed(QWEN25, "0.26.0", hf_overrides={"rope_parameters": {
            "rope_type": "yaarn", "factor": 4.0, "rope_theta": 1e6}}),
        {"refused"},
    ),
    # typos
    (deployed(QWEN3, "0.26.0", hf_overrides={"rope_parameter": YARN}), {"typo"}),
    (
        deployed(QWEN3, "0.26.0", hf_overrides={"rope_parameters": {**YARN, "beta_fst": 16}}),
        {"typo"},
    ),
    (
        deployed(QWEN3, "0.26.0", hf_overrides={"rope_parameters": {**YARN, "colour": 16}}),
        {"unknown-key"},
    ),
    # YaRN's magnitude
    (
        deployed(QWEN3, "0.29.0", hf_overrides={"rope_parameters": {
            **YARN, "attention_factor": 1.3}}),
        {"magnitude-ignored"},
    ),
    (
        deployed(QWEN3, "0.30.0", hf_overrides={"rope_parameters": {
            **YARN, "attn_factor": 1.3}, **LONG}),
        {"magnitude-ignored"},
    ),
    # removed flags
    (
        deployed(QWEN3, "0.8.5", rope_scaling=BARE, max_model_len=131072),
        {"flag-deprecated"},
    ),
    (
        deployed(QWEN3, "0.12.0", rope_scaling=YARN, max_model_len=131072),
        {"flag-removed"},
    ),
    # versions
    (Deployment(vllm_version="0.8.5", torch_version="2.4.0"), {"torch-drift"}),
    # multimodal
    (
        deployed("Qwen/Qwen3-VL-8B-Instruct", "0.33.0", hf_overrides={"rope_parameters": {
            "rope_type": "yarn", "factor": 2.0, "original_max_position_embeddings": 262144}}),
        {"key-ignored", "length-not-extended"},
    ),
    (
        deployed("Qwen/Qwen3-VL-8B-Instruct", "0.29.0", hf_overrides={"text_config": {
            "rope_parameters": {"rope_type": "yarn", "factor": 2.0,
                                "original_max_position_embeddings": 262144}}}),
        {"multimodal-blend"},
    ),
]  # fmt: skip


def named(value: Deployment | set[str]) -> str:
    """A name that is the same in every process: the order of a set is not."""
    return ", ".join(sorted(value)) if isinstance(value, set) else str(value)


@pytest.mark.parametrize("deployment", SOUND, ids=str)
def test_a_sound_deployment_is_left_alone(deployment: Deployment) -> None:
    assert found(deployment) == set()


@pytest.mark.parametrize(("deployment", "rules"), BROKEN, ids=named)
def test_a_broken_deployment_is_named(deployment: Deployment, rules: set[str]) -> None:
    assert found(deployment) == rules


@pytest.mark.parametrize(("deployment", "rules"), BROKEN, ids=named)
def test_every_finding_says_what_why_and_how_to_mend_it(
    deployment: Deployment, rules: set[str]
) -> None:
    del rules
    for finding in findings(case_of(deployment, known_checkpoint(deployment.model or ""))):
        assert finding.rule in RULE_NAMES
        assert finding.what
        assert finding.why
        assert finding.fix


def mended(deployment: Deployment, finding: Finding) -> Deployment:
    """The deployment with the arguments that a fix says to use."""
    words = shlex.split(finding.fix.removeprefix("use ").split(", or")[0])
    given = read_arguments(words).deployment()
    return replace(
        deployment,
        hf_overrides=given.hf_overrides,
        max_model_len=given.max_model_len,
        rope_scaling=None,
        rope_theta=None,
    )


@pytest.mark.parametrize(
    "deployment",
    [
        deployment
        for deployment, rules in BROKEN
        if known_checkpoint(deployment.model or "")
        and rules
        <= {
            "key-ignored", "theta-lost", "legacy-type", "length-not-extended", "flag-removed",
            "flag-deprecated", "magnitude-ignored", "max-model-len-inside", "missing-original",
            "longer-than-derived", "dynamic-does-nothing", "past-the-table",
        }
    ],
    ids=str,
)  # fmt: skip
def test_what_a_fix_says_to_use_mends_it(deployment: Deployment) -> None:
    case = case_of(deployment, known_checkpoint(deployment.model or ""))
    told = [f for f in findings(case) if f.fix.startswith("use --hf-overrides")]
    for finding in told:
        assert found(mended(deployment, finding), Severity.ERROR) == set(), finding


def test_a_prompt_shorter_than_the_scaling_is_for_gets_advice() -> None:
    deployment = deployed(QWEN3, "0.29.0", hf_overrides={"rope_parameters": YARN})
    case = case_of(deployment, known_checkpoint(QWEN3), longest_tokens=50_000)

    advice = [f for f in rope_findings(case) if f.rule == "factor-larger-than-asked"]

    assert advice[0].severity is Severity.ADVICE
    assert "factor of 2 " in advice[0].fix


def test_findings_stand_worst_first() -> None:
    deployment = deployed(QWEN3, "0.33.0", max_model_len=131072, env=ALLOW, torch_version="2.4.0")
    order = [f.severity for f in findings(case_of(deployment, known_checkpoint(QWEN3)))]

    assert order == sorted(order, key=list(Severity).index)


@pytest.mark.parametrize(
    ("rule", "allow", "allowed"),
    [
        ("theta-lost", (), False),
        ("theta-lost", ("theta-lost",), True),
        ("theta-lost", (ROPE_MISMATCH,), True),
        ("kv-memory", (ROPE_MISMATCH,), False),
        ("kv-memory", ("kv-memory", "x"), True),
    ],
)
def test_what_a_user_allows_stops_nothing(
    rule: str,
    allow: tuple[str, ...],
    allowed: bool,  # noqa: FBT001 - a table's column
) -> None:
    finding = Finding(rule=rule, severity=Severity.ERROR, what="w", why="y", fix="f")

    assert is_allowed(finding, allow) is allowed


def test_a_mismatch_is_any_rule_that_foretells_another_rope() -> None:
    assert {"key-ignored", "dynamic-does-nothing"} <= MISMATCHES
    assert "kv-memory" not in MISMATCHES
