"""An arm says what ran, what was asked where that differs, and nothing that is not known."""

from __future__ import annotations

from typing import Any

import pytest

from recallbench.reports.arms import Arm, arm_of, shared_rows
from recallbench.stats.cost import Cost, Figure

COST = Cost(
    mean_first_token_s=Figure(value=1.2345, n=400),
    prefill_tokens_per_s=Figure(value=23_456.7, n=399),
    prompt_tokens_per_s=None,
    median_latency_s=Figure(value=0.42, n=398),
    cached_share=Figure(value=0.0004, n=400),
    answered=400,
    finished=400,
)
UNKNOWN = Cost(
    mean_first_token_s=None,
    prefill_tokens_per_s=None,
    prompt_tokens_per_s=None,
    median_latency_s=None,
    cached_share=None,
    answered=0,
    finished=None,
)


def texts(arm: Arm) -> dict[str, str | None]:
    return {fact.key: fact.text for fact in arm.facts}


def test_all_that_is_known_is_told_with_its_n(run_entry: dict[str, Any]) -> None:
    assert texts(arm_of(run_entry, "fp8", COST)) == {
        "model": "Qwen/Qwen3-8B",
        "rope": "yarn x4, proved",
        "max_model_len": "131,072",
        "version": "0.12.0",
        "dtype": "bfloat16",
        "quantization": "fp8",
        "kv_cache_dtype": "auto asked, bfloat16 runs",
        "attention_backend": None,
        "startup_s": "62",
        "mean_first_token_s": "1.23 (n = 400)",
        "prefill_tokens_per_s": "23,457 (n = 399)",
        "prompt_tokens_per_s": None,
        "median_latency_s": "0.42 (n = 398)",
        "cached_share": "<0.1% (n = 400)",
        "kv_cache_tokens": "400,000",
        "kv_max_concurrency": "3.0",
    }


def test_values_are_kept_as_they_are(run_entry: dict[str, Any]) -> None:
    facts = {fact.key: (fact.value, fact.n) for fact in arm_of(run_entry, "fp8", COST).facts}

    assert facts["startup_s"] == (61.7, None)
    assert facts["mean_first_token_s"] == (1.2345, 400)
    assert facts["prompt_tokens_per_s"] == (None, None)


@pytest.mark.parametrize("cost", [None, UNKNOWN])
def test_a_variant_that_never_started_is_known_by_what_was_asked(
    run_entry: dict[str, Any], cost: Cost | None
) -> None:
    known = {
        key: text
        for key, text in texts(arm_of({**run_entry, "engine": None}, "fp8", cost)).items()
        if text is not None
    }

    assert known == {
        "model": "Qwen/Qwen3-8B",
        "rope": "yarn x4, proved",
        "max_model_len": "131,072",
        "quantization": "fp8 asked",
        "kv_cache_dtype": "auto asked",
    }


def test_an_endpoints_model_is_the_one_it_serves(run_entry: dict[str, Any]) -> None:
    entry = {**run_entry, "model": None, "engine": {"served_model": "served"}}

    assert arm_of(entry, "fp8", None).text_of("model") == "served"


def test_only_rows_that_one_of_the_two_knows_are_shared(run_entry: dict[str, Any]) -> None:
    arms = arm_of({**run_entry, "engine": None}, "a", None), arm_of(run_entry, "b", COST)

    rows = {label: (a, b) for label, a, b in shared_rows(arms)}

    assert rows["vLLM"] == (None, "0.12.0")
    assert "attention" not in rows
    assert "prompts of all requests, tokens/s" not in rows


def test_figures_of_other_requests_too_are_noted(run_entry: dict[str, Any]) -> None:
    other = Cost(
        mean_first_token_s=None,
        prefill_tokens_per_s=None,
        prompt_tokens_per_s=None,
        median_latency_s=None,
        cached_share=None,
        answered=400,
        finished=412,
    )

    assert arm_of(run_entry, "fp8", COST).notes == ()
    assert arm_of(run_entry, "fp8", other).notes == (
        (
            "the server counted 412 requests and the journal 400: the server's figures are not of "
            "these trials alone"
        ),
    )


def test_rows_are_labels_and_texts(run_entry: dict[str, Any]) -> None:
    arm = arm_of(run_entry, "fp8", None)

    assert arm.rows[0] == ("checkpoint", "Qwen/Qwen3-8B")
    with pytest.raises(KeyError, match="weights"):
        arm.text_of("weights")
