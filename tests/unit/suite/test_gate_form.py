"""A suite's gate becomes the rules it says, and what is wrong in it is told by its key."""

from __future__ import annotations

import json
from typing import Any

import pytest

from recallbench.domain.gate_rules import BaselineRule, EffectiveLengthRule, Floor, GateRules
from recallbench.errors import SuiteError
from recallbench.suite import parse_suite
from recallbench.suite.gate_form import GateForm


def form(gate: dict[str, Any]) -> GateForm:
    held = parse_suite(
        {"suite": "s", "variants": [{"name": "a"}, {"name": "b"}], "gate": gate}, "F"
    )
    assert held.gate
    return held.gate


def rules(gate: dict[str, Any]) -> GateRules:
    return form(gate).rules()


def test_every_key_stands_in_the_rules() -> None:
    made = rules(
        {
            "floor": {2000: 0.8, 1000: 0.9},
            "tolerance": 0.1,
            "baseline": {"run": "old", "variant": "bf16", "max_drop": 0.2},
            "effective_length": {"tokens": 1500, "recall": 0.7},
            "errors": 3,
            "until": "decided",
            "max_trials": 12,
            "confidence": 0.9,
            "inconclusive": "fail",
        }
    )

    assert made == GateRules(
        floors=(Floor(up_to_tokens=1000, recall=0.9), Floor(up_to_tokens=2000, recall=0.8)),
        tolerance=0.1,
        baseline=BaselineRule(run="old", variant="bf16", max_drop=0.2),
        effective_length=EffectiveLengthRule(tokens=1500, recall=0.7),
        errors=3,
        until_decided=True,
        max_trials=12,
        confidence=0.9,
        on_inconclusive="fail",
    )


def test_a_single_floor_is_for_every_length_and_the_rest_has_its_defaults() -> None:
    made = rules({"floor": 0.95})

    assert made == GateRules(floors=(Floor(up_to_tokens=None, recall=0.95),))
    assert (made.tolerance, made.max_trials, made.confidence) == (0.08, 40, 0.95)
    assert (made.errors, made.until_decided, made.on_inconclusive) == (None, False, "inconclusive")


def test_parts_have_defaults_of_their_own() -> None:
    made = rules({"baseline": {"variant": "a"}, "effective_length": {"tokens": 8}})

    assert made.baseline == BaselineRule(run=None, variant="a", max_drop=0.05)
    assert made.effective_length == EffectiveLengthRule(tokens=8, recall=0.85)


def test_a_whole_number_is_a_recall_too() -> None:
    assert rules({"floor": 1}).floors == (Floor(up_to_tokens=None, recall=1.0),)
    assert json.dumps(form({"floor": 1}).model_dump(mode="json")["floor"]) == "1.0"


@pytest.mark.parametrize(
    "gate", [{"floor": {32000: 0.99, 4000: 1}}, {"floor": 0.9}, {"baseline": {"run": "r"}}]
)
def test_a_gate_comes_back_from_json_as_it_was(gate: dict[str, Any]) -> None:
    """JSON knows no numbers as keys; ``run.json`` keeps them as text."""
    kept = json.loads(json.dumps(form(gate).model_dump(mode="json")))

    assert form(kept) == form(gate)
    assert rules(kept) == rules(gate)


def test_a_stored_baseline_needs_no_name() -> None:
    assert rules({"baseline": {"run": "old"}}).baseline == BaselineRule(
        run="old", variant=None, max_drop=0.05
    )


@pytest.mark.parametrize(
    ("gate", "words"),
    [
        ({}, ["gate: got {}", "no rule about recall", "floor, baseline or effective_length"]),
        ({"errors": 3, "until": "decided"}, ["no rule about recall"]),
        ({"floor": True}, ["gate.floor: got True", "0.95", "{32000: 0.99"]),
        ({"floor": "0.9"}, ["gate.floor: got '0.9'", "allowed are a recall"]),
        ({"floor": [0.9]}, ["gate.floor: got [0.9]"]),
        ({"floor": {}}, ["gate.floor: got {}", "at least 1"]),
        ({"floor": 0}, ["gate.floor: got 0", "greater than 0"]),
        ({"floor": 1.01}, ["gate.floor: got 1.01", "less than or equal to 1"]),
        ({"floor": {"32k": 0.9}}, ["gate.floor.32k: got '32k'", "integer"]),
        ({"floor": {0: 0.9}}, ["gate.floor.0: got 0"]),
        ({"floor": {8: "high"}}, ["gate.floor.8: got 'high'"]),
        ({"floor": {8: 0.9, 9: 0.08}}, ["floor 0.08 less the tolerance 0.08", "lower"]),
        ({"floor": 0.9, "tolerance": 0}, ["gate.tolerance: got 0"]),
        ({"floor": 0.9, "tolerance": 1}, ["gate.tolerance: got 1"]),
        ({"baseline": {}}, ["gate.baseline.variant: got None", "a, b", "gate.baseline.run"]),
        ({"baseline": {"variant": "c"}}, ["gate.baseline.variant: got 'c'", "a, b"]),
        ({"baseline": {"run": "r", "max_drop": 1}}, ["gate.baseline.max_drop: got 1"]),
        ({"baseline": {"rn": "r"}}, ["gate.baseline.rn: unknown", "'run'", "max_drop, run"]),
        ({"effective_length": {"recall": 0.9}}, ["gate.effective_length.tokens", "required"]),
        ({"effective_length": {"tokens": 8, "recall": 1}}, ["gate.effective_length.recall"]),
        ({"floor": 0.9, "errors": -1}, ["gate.errors: got -1"]),
        ({"floor": 0.9, "until": "done"}, ["gate.until: got 'done'", "'decided'"]),
        ({"floor": 0.9, "max_trials": 0}, ["gate.max_trials: got 0"]),
        ({"floor": 0.9, "confidence": 0.49}, ["gate.confidence: got 0.49"]),
        ({"floor": 0.9, "confidence": 1}, ["gate.confidence: got 1"]),
        ({"floor": 0.9, "inconclusive": "ok"}, ["gate.inconclusive: got 'ok'", "'pass'"]),
        ({"flor": 0.9}, ["gate.flor: unknown key", "'floor'", "baseline, confidence"]),
    ],
    ids=str,
)
def test_what_is_wrong_is_told_with_its_key_and_what_is_allowed(
    gate: dict[str, Any], words: list[str]
) -> None:
    with pytest.raises(SuiteError) as caught:
        rules(gate)

    told = str(caught.value)
    assert told.startswith("F: ")
    assert [word for word in words if word not in told] == []
