"""Facts are read from run.json, of runs with and without a proof."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import recallbench
from recallbench.diagnosis.facts import ServingFacts, serving_facts

PUBLISHED = Path(recallbench.__file__).parents[2] / "results/published/yarn-smollm2-h200"


@pytest.fixture
def run() -> dict[str, Any]:
    content: dict[str, Any] = json.loads((PUBLISHED / "run.json").read_text(encoding="utf-8"))
    return content


def test_the_published_run_is_read(run: dict[str, Any]) -> None:
    overrides = run["variants"][1]["hf_overrides"]

    assert serving_facts(run, "yarn4") == ServingFacts(
        model="smollm2-135m",
        suite="yarn-smollm2",
        engine_args=("--enforce-eager",),
        native_length_tokens=8192,
        scaled_from_tokens=8192,
        cos_sin_rows=32768,
        max_model_len=32768,
        rope_proof="proved",
        rope_is_scaled=True,
        rope_type="yarn",
        hf_overrides=json.dumps(overrides),
        concurrency=32,
        answer_budget_tokens=16,
    )


def test_the_trained_length_is_the_checkpoints_and_not_the_scalings(run: dict[str, Any]) -> None:
    run["variants"][1]["trained_length"] = 2048
    facts = serving_facts(run, "yarn4")

    assert facts.native_length_tokens == 2048
    assert facts.wrong_original is not None
    assert "8,192 tokens, while the model was trained on 2,048" in facts.wrong_original


def test_a_scaling_from_the_trained_length_is_right(run: dict[str, Any]) -> None:
    assert serving_facts(run, "yarn4").wrong_original is None


def test_native_rope_is_not_scaled(run: dict[str, Any]) -> None:
    facts = serving_facts(run, "native")

    assert (facts.rope_is_scaled, facts.rope_type) == (False, "default")
    assert facts.native_length_tokens == 8192
    assert facts.hf_overrides is None


def test_a_run_from_before_the_proof_knows_less(run: dict[str, Any]) -> None:
    native = run["variants"][0]
    del native["trained_length"], native["native_length"]
    native["rope_effective"] = "unverified"
    facts = serving_facts(run, "native")

    assert (facts.rope_proof, facts.cos_sin_rows) == ("unverified", None)
    assert facts.native_length_tokens is None


def test_a_proof_says_rows_and_whether_it_holds(run: dict[str, Any]) -> None:
    native = run["variants"][0]
    native["native_length"] = 8192
    native["rope_effective"] = {"status": "mismatch", "tables": [{"rows": 8192}, {"rows": 512}]}

    facts = serving_facts(run, "native")

    assert (facts.rope_proof, facts.cos_sin_rows, facts.native_length_tokens) == (
        "mismatch",
        512,
        8192,
    )


@pytest.mark.parametrize(
    ("status", "expected"),
    [("proved", "proved"), ("unverified", "unverified"), ("of a later time", "unverified")],
)
def test_what_is_no_proof_is_unverified(run: dict[str, Any], status: str, expected: str) -> None:
    run["variants"][0]["rope_effective"] = {"status": status, "tables": []}

    facts = serving_facts(run, "native")

    assert (facts.rope_proof, facts.cos_sin_rows) == (expected, None)


def test_a_thought_has_a_budget_of_its_own(run: dict[str, Any]) -> None:
    run["suite"]["prompt"]["thinking"] = "on"

    assert serving_facts(run, "native").answer_budget_tokens == 16 + 8192


def test_a_run_by_options_has_no_suite_and_an_endpoint_its_address(run: dict[str, Any]) -> None:
    run["suite"]["suite"] = "recall"
    run["suite"]["endpoint"] = {"url": "http://host/v1"}
    run["variants"][0]["engine"] = None

    facts = serving_facts(run, "native")

    assert (facts.suite, facts.endpoint, facts.max_model_len) == (None, "http://host/v1", 8176)


def test_an_unknown_variant_is_named(run: dict[str, Any]) -> None:
    with pytest.raises(KeyError, match="no variant 'fp8'"):
        serving_facts(run, "fp8")
