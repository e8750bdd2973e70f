"""Commands name what was really run and survive a shell."""

from __future__ import annotations

import shlex
from dataclasses import replace

from recallbench.diagnosis.commands import (
    check_command,
    engine_command,
    run_command,
    scaled_command,
)
from recallbench.diagnosis.facts import ServingFacts


def test_a_check_takes_the_overrides_that_were_served(facts: ServingFacts) -> None:
    assert check_command(facts) == (
        "recallbench check --model org/model --hf-overrides "
        """'{"rope_parameters": {"rope_type": "yarn"}}'"""
    )
    assert check_command(replace(facts, hf_overrides=None)) == (
        "recallbench check --model org/model"
    )


def test_a_suite_is_asked_again_by_its_name_and_variant(facts: ServingFacts) -> None:
    assert run_command(facts, "fp8", "--concurrency=1") == (
        "recallbench run long --variant fp8 --concurrency=1"
    )


def test_a_run_without_a_suite_is_said_whole(facts: ServingFacts) -> None:
    bare = replace(facts, suite=None, engine_args=("--enforce-eager",), tokenizer="org/other")

    assert run_command(bare, "yarn4", "--trials=9") == (
        "recallbench run --model org/model --tokenizer org/other --hf-overrides "
        """'{"rope_parameters": {"rope_type": "yarn"}}' --engine-arg=--enforce-eager --trials=9"""
    )


def test_a_server_that_stands_is_asked_again_and_not_configured(facts: ServingFacts) -> None:
    standing = replace(facts, suite=None, endpoint="http://host/v1", engine_args=("--x",))
    expected = "recallbench run --model org/model --endpoint http://host/v1"

    assert run_command(standing, "base") == expected
    assert engine_command(standing, "base", "--no-enable-prefix-caching") == expected
    assert engine_command(facts, "base", "--no-enable-prefix-caching") == (
        "recallbench run long --variant base --engine-arg=--no-enable-prefix-caching"
    )


def test_a_factor_is_not_given_beside_overrides(facts: ServingFacts) -> None:
    assert scaled_command(replace(facts, suite=None), "base", 4) == (
        "recallbench run --model org/model --factor=4"
    )


def test_names_from_outside_cannot_leave_their_word(facts: ServingFacts) -> None:
    hostile = "a; rm -rf $HOME 'b'"

    assert shlex.split(check_command(replace(facts, model=hostile)))[3] == hostile
    assert shlex.split(run_command(replace(facts, suite=hostile), hostile))[2:] == [
        hostile,
        "--variant",
        hostile,
    ]
