"""One deployment's findings come from all checks, worst first, and only from what is known."""

from __future__ import annotations

from typing import Any

import pytest

from recallbench.preflight import Deployment, Finding, Severity, case_of, findings
from recallbench.rope.known_checkpoints import known_checkpoint

QWEN3 = "Qwen/Qwen3-8B"
QWEN_1M = "Qwen/Qwen2.5-7B-Instruct-1M"
OWN = "someone/own-model"
GIB = 1 << 30
BARE = {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 32768}


def found(
    model: str,
    *,
    version: str | None = "0.33.0",
    memory: int | None = None,
    weights: int | None = None,
    **settings: Any,
) -> tuple[Finding, ...]:
    deployment = Deployment(model=model, vllm_version=version, **settings)
    case = case_of(deployment, known_checkpoint(model))
    return findings(case, gpu_memory_bytes=memory, weights_bytes=weights)


def rules(held: tuple[Finding, ...]) -> list[str]:
    return [finding.rule for finding in held]


def test_a_sound_deployment_has_none() -> None:
    assert found(QWEN3, max_model_len=32768) == ()


def test_each_malformed_value_is_an_error_with_its_option_reason_and_setting() -> None:
    held = found(
        QWEN3, malformed={"max_model_len": "'128kk' is no number", "hf_overrides": "is no JSON"}
    )

    assert [(finding.rule, finding.severity, finding.setting) for finding in held] == [
        ("malformed", Severity.ERROR, "hf_overrides"),
        ("malformed", Severity.ERROR, "max_model_len"),
    ]
    assert "--hf-overrides has a value that vLLM cannot read: is no JSON" in held[0].what
    assert "--max-model-len" in held[1].what
    assert "'128kk' is no number" in held[1].what


def test_of_overrides_that_cannot_be_read_nothing_more_is_claimed() -> None:
    assert rules(found(QWEN3, max_model_len=131072, malformed={"hf_overrides": "no JSON"})) == [
        "malformed"
    ]


def test_kv_memory_is_claimed_only_where_the_gpus_memory_is_known() -> None:
    assert rules(found(QWEN3, max_model_len=40960, memory=4 * GIB)) == ["kv-memory"]
    assert found(QWEN3, max_model_len=40960, memory=80 * GIB) == ()
    assert found(QWEN3, max_model_len=40960) == ()


def test_weights_count_beside_the_kv_cache_where_their_size_is_known() -> None:
    assert found(QWEN3, max_model_len=40960, memory=16 * GIB) == ()
    held = found(QWEN3, max_model_len=40960, memory=16 * GIB, weights=15 * GIB)

    assert [(finding.rule, finding.severity) for finding in held] == [
        ("kv-memory", Severity.WARNING)
    ]


def test_kv_memory_of_a_checkpoint_that_is_not_known_is_not_claimed() -> None:
    assert found(OWN, max_model_len=1_000_000, memory=GIB) == ()


@pytest.mark.parametrize(
    ("version", "severity"),
    [(None, Severity.ERROR), ("0.33.0", Severity.ERROR), ("0.10.2", Severity.WARNING)],
)
def test_dual_chunk_counts_with_the_version_that_will_run(
    version: str | None, severity: Severity
) -> None:
    """Without one, that is the newest."""
    held = found(QWEN_1M, version=version, max_model_len=32768)

    assert [finding.severity for finding in held if finding.rule == "dual-chunk"] == [severity]


def test_versions_that_do_not_go_together_are_told() -> None:
    held = found(QWEN3, version="0.8.5", torch_version="2.7.0")

    assert [finding.setting for finding in held] != []
    assert all("torch" in finding.what for finding in held)


def test_the_worst_come_first_whichever_check_they_are_of() -> None:
    held = found(
        QWEN3,
        version="0.29.0",
        hf_overrides={"rope_parameters": {**BARE, "rope_theta": 1e6}, "max_model_len": 131072},
        env={"VLLM_ALLOW_LONG_MAX_MODEL_LEN": "1"},
        malformed={"dtype": "no type"},
    )
    severities = [finding.severity for finding in held]

    assert set(severities) == set(Severity)
    assert severities == sorted(severities, key=list(Severity).index)


def test_an_error_of_a_later_check_comes_before_a_warning_of_an_earlier_one() -> None:
    scaled = {"rope_parameters": {**BARE, "rope_theta": 1_000_000}}

    held = found(QWEN3, version="0.29.0", hf_overrides=scaled, max_model_len=32768, memory=4 * GIB)

    assert rules(held) == ["kv-memory", "scaling-not-needed"]


def test_within_a_severity_the_order_of_the_checks_is_kept() -> None:
    """What cannot be read comes before what follows from it."""
    held = found(QWEN3, max_model_len=131072, malformed={"dtype": "no type"})

    assert rules(held) == ["malformed", "longer-than-derived"]
