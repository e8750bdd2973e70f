"""Options of the gate go over the rules of a suite, and those over a run's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from recallbench.cli.gate_options import floor_of, rules_of, run_and_variant
from recallbench.domain.gate_rules import BaselineRule, EffectiveLengthRule, Floor, GateRules
from recallbench.errors import SuiteError
from recallbench.suite import parse_suite

NOT_GIVEN: dict[str, Any] = dict.fromkeys(
    (
        "rules",
        "floor",
        "tolerance",
        "baseline",
        "max_drop",
        "effective_length",
        "errors",
        "confidence",
        "inconclusive",
    )
)


def suite(gate: dict[str, Any] | None = None) -> dict[str, Any]:
    """As ``run.json`` keeps it."""
    content = {"suite": "s", "variants": [{"name": "bf16"}, {"name": "fp8"}], "gate": gate}
    return parse_suite(content, "test").model_dump(mode="json")


def rules(gate: dict[str, Any] | None = None, **options: Any) -> GateRules:
    return rules_of(suite(gate), {**NOT_GIVEN, **options}, "RUN")


@pytest.mark.parametrize(
    ("text", "floor"),
    [
        ("0.95", 0.95),
        ("1", 1.0),
        ("32k=0.99,64k=0.93", {32000: 0.99, 64000: 0.93}),
        ("8160=0.9", {8160: 0.9}),
        (" 1000 = 0.9 , 2k = .8 ", {1000: 0.9, 2000: 0.8}),
    ],
)
def test_a_floor_is_one_recall_or_one_up_to_each_length(
    text: str, floor: float | dict[int, float]
) -> None:
    assert floor_of(text) == floor


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("high", ["--floor: got 'high'", "0.95", "32k=0.99,64k=0.93"]),
        ("32k=", ["--floor: got ''"]),
        ("32k=0.9,0.8", ["--floor"]),
        ("=0.9", ["--floor"]),
        ("32x=0.9", ["--floor", "32x"]),
        ("32k=0.9,", ["--floor"]),
        ("", ["--floor: got ''"]),
    ],
)
def test_what_is_no_floor_is_told_with_what_is(text: str, words: list[str]) -> None:
    with pytest.raises(SuiteError) as caught:
        floor_of(text)

    assert [word for word in words if word not in str(caught.value)] == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("results/run", ("results/run", None)),
        ("results/run:fp8", ("results/run", "fp8")),
        (":fp8", (None, "fp8")),
        ("run:", ("run", None)),
        ("results/12:30/run", ("results/12:30/run", None)),
        ("results/12:30/run:fp8", ("results/12:30/run", "fp8")),
        ("results/12:30/", ("results/12:30/", None)),
        ("results/12:30:", ("results/12:30", None)),
        ("a:b:c", ("a:b", "c")),
        ("run", ("run", None)),
        (":", (None, None)),
    ],
)
def test_a_variant_stands_behind_the_last_colon_of_the_last_part(
    text: str, expected: tuple[str | None, str | None]
) -> None:
    assert run_and_variant(text) == expected


def test_without_options_the_runs_own_rules_hold() -> None:
    assert rules({"floor": 0.9, "errors": 2, "until": "decided"}) == GateRules(
        floors=(Floor(up_to_tokens=None, recall=0.9),), errors=2, until_decided=True
    )


def test_each_option_goes_over_its_own_key_and_leaves_the_others() -> None:
    made = rules(
        {"floor": {1000: 0.9}, "tolerance": 0.2, "errors": 1, "confidence": 0.9},
        floor="2k=0.8",
        errors=5,
        inconclusive="pass",
    )

    assert made.floors == (Floor(up_to_tokens=2000, recall=0.8),)
    assert (made.tolerance, made.errors, made.confidence) == (0.2, 5, 0.9)
    assert made.on_inconclusive == "pass"


def test_zero_errors_is_a_rule_and_not_left_out() -> None:
    assert rules({"floor": 0.9}, errors=0).errors == 0


def test_options_alone_make_rules() -> None:
    assert rules(floor="0.9", tolerance=0.1, confidence=0.99) == GateRules(
        floors=(Floor(up_to_tokens=None, recall=0.9),), tolerance=0.1, confidence=0.99
    )
    assert rules(effective_length="32k=0.7").effective_length == EffectiveLengthRule(
        tokens=32000, recall=0.7
    )
    assert rules(effective_length="32k").effective_length == EffectiveLengthRule(
        tokens=32000, recall=0.85
    )
    assert rules(baseline="old").baseline == BaselineRule(run="old", variant=None, max_drop=0.05)
    assert rules(baseline=":bf16", max_drop=0.2).baseline == BaselineRule(
        run=None, variant="bf16", max_drop=0.2
    )


def test_another_baseline_keeps_the_drop_and_another_drop_the_baseline() -> None:
    gate = {"baseline": {"variant": "bf16", "max_drop": 0.2}}

    assert rules(gate, baseline="old:v").baseline == BaselineRule(
        run="old", variant="v", max_drop=0.2
    )
    assert rules(gate, max_drop=0.1).baseline == BaselineRule(
        run=None, variant="bf16", max_drop=0.1
    )


def test_the_rules_of_a_suite_replace_the_runs_own_and_options_go_over_both(
    tmp_path: Path,
) -> None:
    path = tmp_path / "strict.yaml"
    path.write_text(
        "suite: strict\ngate: {floor: {1000: 0.99}, tolerance: 0.01}\n", encoding="utf-8"
    )

    made = rules({"effective_length": {"tokens": 9}, "errors": 7}, rules=str(path), tolerance=0.03)

    assert made == GateRules(floors=(Floor(up_to_tokens=1000, recall=0.99),), tolerance=0.03)


def test_a_baseline_of_those_rules_is_beside_their_file(tmp_path: Path) -> None:
    path = tmp_path / "against.yaml"
    path.write_text("suite: against\ngate: {baseline: {run: old}}\n", encoding="utf-8")

    made = rules(rules=str(path)).baseline

    assert made is not None
    assert made.run == str(tmp_path.resolve() / "old")


@pytest.mark.parametrize(
    ("gate", "options", "words"),
    [
        (None, {}, ["RUN: its suite has no gate", "--floor", "--rules gate"]),
        (None, {"errors": 0}, ["RUN: its suite has no gate"]),
        (None, {"max_drop": 0.1}, ["--max-drop: from which baseline?"]),
        (None, {"baseline": ":int4"}, ["RUN with the options", "'int4'", "bf16, fp8"]),
        (None, {"baseline": ":"}, ["gate.baseline.variant: got None"]),
        (None, {"floor": "0.9", "max_drop": 0.1}, ["--max-drop"]),
        ({"floor": 0.9}, {"tolerance": 0.9}, ["floor 0.9 less the tolerance 0.9"]),
        ({"floor": 0.9}, {"confidence": 2.0}, ["gate.confidence: got 2.0"]),
        ({"floor": 0.9}, {"errors": -1}, ["gate.errors: got -1"]),
        ({"floor": 0.9}, {"rules": "smoke"}, ["--rules smoke: this suite has no gate"]),
        ({"floor": 0.9}, {"rules": "nosuch"}, ["nosuch", "shipped are"]),
    ],
    ids=str,
)
def test_what_is_wrong_is_told_by_the_name_it_was_given(
    gate: dict[str, Any] | None, options: dict[str, Any], words: list[str]
) -> None:
    with pytest.raises(SuiteError) as caught:
        rules(gate, **options)

    assert [word for word in words if word not in str(caught.value)] == []
