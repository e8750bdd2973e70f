"""What a run keeps of its proofs, and that only the same suite goes on with it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import pytest

from recallbench.domain import Variant
from recallbench.errors import RunFolderError
from recallbench.journal import RunFolder
from recallbench.preflight import Finding, Severity
from recallbench.rope import parse_config
from recallbench.rope.proof import (
    ProofStatus,
    RopeProof,
    RopeReading,
    TableError,
    TableReading,
    unverified,
)
from recallbench.runner.preflight import CheckedVariant
from recallbench.runner.prompt_kit import Builder, PromptKit
from recallbench.runner.run_facts import (
    first_facts,
    preflight_facts,
    proof_facts,
    refuse_another,
)
from recallbench.suite import RunPlan, Serving, parse_suite, plan_run, resolve

QWEN3 = parse_config(
    {"model_type": "qwen3", "max_position_embeddings": 40960, "rope_theta": 1e6, "head_dim": 128},
    "m",
)
TABLE = {
    "module": "model.rotary_emb",
    "rotary_class": "YaRNScalingRotaryEmbedding",
    "base": 1e6,
    "scaling_factor": 4.0,
    "magnitude": 1.1386,
    "rows": 131072,
    "columns": 128,
    "dtype": "bfloat16",
    "sha256": "a" * 64,
    "uses": 36,
}
LOST = Finding(
    rule="theta-lost",
    severity=Severity.ERROR,
    what="the base becomes 10,000",
    why="recall falls",
    fix="give the whole set",
    setting="hf_overrides",
)
EAGER = Finding(rule="eager", severity=Severity.ADVICE, what="w", why="y", fix="f")
ERROR = {"largest": 0.002, "beyond_rounding": 0.0, "first_row": None}


def plan(*variants: dict[str, Any], lengths: tuple[int, ...] = (100, 200)) -> RunPlan:
    form = parse_suite(
        {
            "suite": "s",
            "model": "m",
            "grid": {"lengths": list(lengths)},
            "variants": list(variants) or [{"name": "yarn4", "rope": 4}],
        },
        "test",
    )
    return plan_run(resolve(form), {"m": QWEN3}, Serving(vllm_version="0.32.0"))


def facts_of(made: RunPlan) -> dict[str, Any]:
    """The part of ``run.json`` that a resumed run is held against, as it comes from the file."""
    content = {
        "suite": made.suite.form.model_dump(mode="json"),
        "grid": {"lengths": list(made.grid.lengths)},
    }
    read: dict[str, Any] = json.loads(json.dumps(content))
    return read


def refusal(facts: Mapping[str, Any], now: RunPlan) -> str:
    with pytest.raises(RunFolderError) as caught:
        refuse_another(RunFolder(Path("runs/one")), facts, now)
    return str(caught.value)


def test_a_proof_is_kept_with_all_that_it_rests_on() -> None:
    reading = RopeReading(
        tables=(TableReading(**TABLE), TableReading(**{**TABLE, "sha256": "b" * 64})),  # type: ignore[arg-type]  # a table's values
        against_asked=(TableError(**ERROR), None),  # type: ignore[arg-type]  # a table's values
        against_plain=(None, None),
        settings={"max_model_len": 131072, "workers": 2},
    )
    proof = RopeProof(status=ProofStatus.MISMATCH, reasons=("why", "and why"), reading=reading)

    kept = json.loads(json.dumps(proof_facts(proof)))

    assert kept == {
        "status": "mismatch",
        "reasons": ["why", "and why"],
        "tables": [TABLE, {**TABLE, "sha256": "b" * 64}],
        "against_asked": [ERROR, None],
        "settings": {"max_model_len": 131072, "workers": 2},
    }


def test_a_proof_without_a_reading_is_kept_in_the_same_form() -> None:
    assert proof_facts(unverified("why")) == {
        "status": "unverified",
        "reasons": ["why"],
        "tables": [],
        "against_asked": [],
        "settings": {},
    }


def test_the_same_suite_goes_on() -> None:
    refuse_another(RunFolder(Path("runs/one")), facts_of(plan()), plan())


def test_keys_that_have_come_since_have_their_defaults() -> None:
    facts = facts_of(plan())
    for variant in facts["suite"]["variants"]:
        del variant["allow"], variant["hf_overrides"]

    refuse_another(RunFolder(Path("runs/one")), facts, plan())


def test_what_is_allowed_may_be_another_when_a_run_goes_on() -> None:
    allowing = plan({"name": "yarn4", "rope": 4, "allow": ["rope-mismatch"]})

    refuse_another(RunFolder(Path("runs/one")), facts_of(plan()), allowing)
    refuse_another(RunFolder(Path("runs/one")), facts_of(allowing), plan())


def test_engines_may_start_beside_each_other_when_a_run_goes_on() -> None:
    facts = facts_of(plan())
    assert facts["suite"]["engine"]["overlap"] is False
    facts["suite"]["engine"]["overlap"] = True

    refuse_another(RunFolder(Path("runs/one")), facts, plan())


@pytest.mark.parametrize(
    ("variant", "path", "values"),
    [
        ({"rope": 2}, "variants[yarn4].rope", "4.0 in the run, 2.0 now"),
        (
            {"hf_overrides": {"rope_theta": 1e6}},
            "variants[yarn4].hf_overrides.rope_theta",
            "'absent' in the run, 1000000.0 now",
        ),
        ({"rope": 4, "args": ["-x"]}, "variants[yarn4].args", "[] in the run, ['-x'] now"),
    ],
)
def test_another_suite_is_refused_and_what_differs_is_named(
    variant: dict[str, Any], path: str, values: str
) -> None:
    facts = facts_of(plan())
    for entry in facts["suite"]["variants"]:
        del entry["allow"], entry["hf_overrides"]

    told = refusal(facts, plan({"name": "yarn4", **variant}))

    assert "runs/one: cannot be resumed with another suite" in told
    assert f"{path}: {values}" in told


def test_lengths_that_a_model_no_longer_allows_are_refused() -> None:
    facts = {**facts_of(plan()), "grid": {"lengths": [100, 200, 300]}}

    assert "lengths were [100, 200, 300] and are [100, 200] now" in refusal(facts, plan())


def checked(name: str, *found: Finding, allow: tuple[str, ...] = ()) -> CheckedVariant:
    return CheckedVariant(
        variant=Variant(name=name, model="m", allow=allow), case=None, findings=found
    )


def test_findings_are_kept_whole_in_their_order() -> None:
    kept = preflight_facts([checked("other", EAGER), checked("yarn4", LOST, EAGER)], "yarn4")

    assert json.loads(json.dumps(kept)) == [
        {
            "rule": "theta-lost",
            "severity": "error",
            "what": "the base becomes 10,000",
            "why": "recall falls",
            "fix": "give the whole set",
            "setting": "hf_overrides",
            "allowed": False,
        },
        {
            "rule": "eager",
            "severity": "advice",
            "what": "w",
            "why": "y",
            "fix": "f",
            "setting": None,
            "allowed": False,
        },
    ]


@pytest.mark.parametrize(
    ("allow", "allowed"),
    [
        ((), [False, False]),
        (("theta-lost",), [True, False]),
        (("rope-mismatch",), [True, False]),
        (("eager",), [False, True]),
    ],
)
def test_what_the_user_has_allowed_is_kept_as_allowed(
    allow: tuple[str, ...], allowed: list[bool]
) -> None:
    kept = preflight_facts([checked("v", LOST, EAGER, allow=allow)], "v")

    assert [found["allowed"] for found in kept] == allowed


def test_where_nothing_was_checked_or_found_nothing_is_kept() -> None:
    assert preflight_facts([], "v") == []
    assert preflight_facts([checked("v"), checked("other", LOST)], "v") == []


def test_a_new_run_says_what_was_found_in_each_variant_before_any_starts() -> None:
    of = plan({"name": "native"}, {"name": "yarn4", "rope": 4})
    kit = PromptKit(builder=cast("Builder", None), facts={}, notes=())
    found = [checked("native"), checked("yarn4", LOST, allow=("theta-lost",))]

    facts = first_facts(of, kit, found, "recallbench run")

    kept = {entry["name"]: entry["preflight"] for entry in facts["variants"]}
    assert kept == {"native": [], "yarn4": preflight_facts(found, "yarn4")}
    assert facts["command"] == "recallbench run"
