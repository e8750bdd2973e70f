"""Dual chunk models are held to their own length wherever vLLM has no such attention."""

from __future__ import annotations

from dataclasses import replace

import pytest

from recallbench.preflight import Deployment, Finding, Severity
from recallbench.preflight.dual_chunk import dual_chunk, has_dual_chunk
from recallbench.rope import CheckpointConfig
from recallbench.rope.known_checkpoints import known_checkpoint

SET = {"VLLM_ATTENTION_BACKEND": "DUAL_CHUNK_FLASH_ATTN", "VLLM_USE_V1": "0"}
NULLED = {"dual_chunk_attention_config": None}


def qwen_1m() -> CheckpointConfig:
    config = known_checkpoint("Qwen/Qwen2.5-7B-Instruct-1M")
    assert config is not None
    return config


def check(deployment: Deployment) -> list[Finding]:
    return list(dual_chunk(deployment, qwen_1m()))


@pytest.mark.parametrize(
    ("version", "has"),
    [
        ("0.8.5", False), ("0.9.0", True), ("0.10.2", True), ("0.11.0", False), ("0.16.0", False),
        ("0.33.0", False), (None, False), ("latest", False), ("0.9", True), ("0.11", False),
    ],
)  # fmt: skip
def test_the_versions_that_have_it(version: str | None, *, has: bool) -> None:
    assert has_dual_chunk(version) is has


@pytest.mark.parametrize("version", ["0.11", "0.11.0", "0.16.0", "0.33.0"])
@pytest.mark.parametrize("length", [None, 32768, 1010000])
def test_a_vllm_that_lost_it_does_not_start(version: str, length: int | None) -> None:
    (found,) = check(Deployment(vllm_version=version, max_model_len=length))

    assert found.rule == "dual-chunk"
    assert found.severity is Severity.ERROR
    assert "262,144" in found.what
    assert version in found.what
    assert "layer_idx" in found.why


@pytest.mark.parametrize("version", [None, "0.8.5"])
def test_beyond_the_trained_length_recall_is_not_the_cards(version: str | None) -> None:
    (found,) = check(Deployment(vllm_version=version, max_model_len=1010000))

    assert found.severity is Severity.WARNING
    assert "layer_idx" not in found.why


@pytest.mark.parametrize("version", [None, "0.8.5"])
def test_within_the_trained_length_nothing_is_said(version: str | None) -> None:
    assert check(Deployment(vllm_version=version, max_model_len=262144)) == []


def test_the_recipe_of_the_card_is_sound() -> None:
    deployment = Deployment(
        vllm_version="0.10.2", max_model_len=1010000, enforce_eager=True, env=SET
    )

    assert check(deployment) == []


@pytest.mark.parametrize(
    ("deployment", "unset"),
    [
        (Deployment(env=SET), "--enforce-eager"),
        (Deployment(enforce_eager=True, env={**SET, "VLLM_USE_V1": "1"}), "VLLM_USE_V1=0"),
        (
            Deployment(enforce_eager=True),
            "VLLM_ATTENTION_BACKEND=DUAL_CHUNK_FLASH_ATTN, VLLM_USE_V1=0",
        ),
    ],
)
def test_what_the_backend_needs_is_named(deployment: Deployment, unset: str) -> None:
    (found,) = check(replace(deployment, vllm_version="0.10.2"))

    assert found.severity is Severity.WARNING
    assert found.what.endswith(f"not set here: {unset}")


def test_what_only_the_running_system_knows_is_not_missed() -> None:
    deployment = Deployment(vllm_version="0.10.2", env=SET, unread=("enforce_eager",))

    assert check(deployment) == []


@pytest.mark.parametrize("length", [131072, 262144])
def test_a_config_without_the_settings_serves_its_own_length(length: int) -> None:
    deployment = Deployment(vllm_version="0.33.0", max_model_len=length)
    taken_out = replace(qwen_1m(), dual_chunk=None)

    assert list(dual_chunk(deployment, taken_out)) == []
    assert check(replace(deployment, hf_overrides=NULLED)) == []


def test_a_config_without_the_settings_is_no_better_beyond_its_own_length() -> None:
    deployment = Deployment(vllm_version="0.33.0", max_model_len=1010000)

    (found,) = dual_chunk(deployment, replace(qwen_1m(), dual_chunk=None))

    assert found.severity is Severity.WARNING


@pytest.mark.parametrize("name", ["Qwen3-8B", "Llama-3.1-8B", "Qwen3-30B-A3B-Instruct-2507"])
def test_other_models_are_not_judged(name: str) -> None:
    deployment = Deployment(vllm_version="0.33.0", max_model_len=1010000)

    assert list(dual_chunk(deployment, known_checkpoint(name))) == []
    assert list(dual_chunk(deployment, None)) == []
