"""Every engine that was found is checked, with what is known of it, and told at its line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from recallbench.errors import RopeError
from recallbench.lint.invocation import Invocation, Scan, Unparsed
from recallbench.lint.problems import Linted, lint
from recallbench.preflight import Deployment
from recallbench.rope import CheckpointConfig, versions
from recallbench.rope.known_checkpoints import known_checkpoint

QWEN3 = "Qwen/Qwen3-8B"
OWN = "someone/own-model"
# From 0.30 on the server does not start with it, before it does.
YARN = {
    "rope_parameters": {
        "rope_type": "yarn",
        "factor": 4.0,
        "original_max_position_embeddings": 32768,
        "rope_theta": 1_000_000,
    }
}


def published(model: str, path: str) -> CheckpointConfig | None:
    del path
    return known_checkpoint(model)


def found(
    path: str, line: int, model: str | None, lines: Mapping[str, int] | None = None, **settings: Any
) -> Invocation:
    return Invocation(
        path=path, line=line, deployment=Deployment(model=model, **settings), lines=lines or {}
    )


def linted(*invocations: Invocation, version: str | None = None) -> Linted:
    scan = Scan(invocations=invocations, files=(), skipped=(), unparsed=())
    return lint(scan, published, version)


def places(linted: Linted) -> list[tuple[str, int, str]]:
    return [(each.path, each.line, each.finding.rule) for each in linted.problems]


def test_a_problem_stands_at_the_line_of_its_setting() -> None:
    lines = {"max_model_len": 4, "hf_overrides": 5}

    held = linted(found("serve.sh", 2, QWEN3, lines, max_model_len=131072))

    assert places(held) == [("serve.sh", 4, "longer-than-derived")]
    assert held.is_wrong


def test_without_a_line_of_its_own_a_setting_stands_at_the_engines() -> None:
    held = linted(found("serve.sh", 2, QWEN3, {"dtype": 9}, max_model_len=131072))

    assert places(held) == [("serve.sh", 2, "longer-than-derived")]


def test_an_environment_variable_has_its_line_too() -> None:
    variable = "VLLM_ALLOW_LONG_MAX_MODEL_LEN"
    held = linted(
        found("serve.sh", 2, QWEN3, {variable: 7}, max_model_len=131072, env={variable: "1"})
    )

    assert places(held) == [("serve.sh", 7, "past-the-table")]


def test_problems_come_by_file_and_line_whatever_was_found_first() -> None:
    held = linted(
        found("b.sh", 3, QWEN3, max_model_len=131072),
        found("a.sh", 20, QWEN3, max_model_len=131072),
        found("a.sh", 3, QWEN3, {"max_model_len": 30}, max_model_len=131072),
        found("a.sh", 4, QWEN3, max_model_len=131072),
    )

    assert [place[:2] for place in places(held)] == [
        ("a.sh", 4), ("a.sh", 20), ("a.sh", 30), ("b.sh", 3),
    ]  # fmt: skip


def test_a_config_is_looked_up_by_the_model_and_the_file_it_stands_in() -> None:
    asked = []

    def config_of(model: str, path: str) -> CheckpointConfig | None:
        asked.append((model, path))
        return known_checkpoint(QWEN3)

    scan = Scan(
        invocations=(
            found("a/serve.sh", 1, "./own", max_model_len=131072),
            found("a/pins.txt", 1, None, vllm_version="0.33.0"),
        ),
        files=(),
        skipped=(),
        unparsed=(),
    )
    held = lint(scan, config_of)

    assert asked == [("./own", "a/serve.sh")]
    assert places(held) == [("a/serve.sh", 1, "longer-than-derived")]
    assert held.unknown == ()


def test_a_model_that_is_not_known_is_named_once_and_nothing_is_claimed_of_its_length() -> None:
    held = linted(
        found("a.sh", 1, OWN, max_model_len=1_000_000),
        found("b.sh", 1, QWEN3),
        found("c.sh", 1, OWN),
    )

    assert held.unknown == (OWN,)
    assert not held.is_wrong


@pytest.mark.parametrize(
    ("named", "given", "rules", "assumed"),
    [
        (None, None, ["length-not-extended"], versions.NEWEST),
        (None, "0.29.0", [], "0.29.0"),
        ("0.29.0", None, [], None),
        ("0.29.0", "0.33.0", [], None),
        ("0.33.0", "0.29.0", ["length-not-extended"], None),
    ],
)
def test_the_version_an_engine_names_counts_then_the_given_then_the_newest(
    named: str | None, given: str | None, rules: list[str], assumed: str | None
) -> None:
    held = linted(found("a.sh", 1, QWEN3, hf_overrides=YARN, vllm_version=named), version=given)

    assert [rule for _, _, rule in places(held)] == rules
    assert held.assumed_version == assumed


def test_a_version_is_assumed_as_soon_as_one_engine_names_none() -> None:
    named, not_named = found("a.sh", 1, QWEN3, vllm_version="0.29.0"), found("b.sh", 1, QWEN3)

    assert linted(named, not_named).assumed_version == versions.NEWEST
    assert linted(named).assumed_version is None


def test_a_place_without_an_engine_needs_no_version() -> None:
    assert linted(found("pins.txt", 1, None, torch_version="2.6.0")).assumed_version is None
    assert linted().assumed_version is None


def test_advice_is_told_and_is_nothing_wrong() -> None:
    held = linted(found("a.sh", 1, QWEN3, env={"VLLM_ALLOW_LONG_MAX_MODEL_LEN": "1"}))

    assert [rule for _, _, rule in places(held)] == ["allow-long"]
    assert not held.is_wrong


def test_a_warning_is_wrong() -> None:
    held = linted(found("a.sh", 1, QWEN3, hf_overrides=YARN, max_model_len=32768), version="0.29.0")

    assert [rule for _, _, rule in places(held)] == ["scaling-not-needed"]
    assert held.is_wrong


def test_a_command_that_breaks_off_is_a_problem_and_what_is_only_not_understood_is_none() -> None:
    scan = Scan(
        invocations=(found("a.sh", 9, QWEN3, max_model_len=131072),),
        files=(),
        skipped=(),
        unparsed=(
            Unparsed(path="a.sh", line=3, why="a quote is never closed", is_fault=True),
            Unparsed(path="a.sh", line=1, why="this is no YAML"),
        ),
    )

    held = lint(scan, published)

    assert places(held) == [("a.sh", 3, "broken-command"), ("a.sh", 9, "longer-than-derived")]
    assert "a quote is never closed" in held.problems[0].finding.what
    assert held.is_wrong


def test_a_given_version_that_is_none_is_refused_with_an_example() -> None:
    with pytest.raises(RopeError, match=r"'latest': expected numbers such as 0\.26\.0"):
        linted(found("a.sh", 1, QWEN3), version="latest")
