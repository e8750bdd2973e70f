"""What the core gets of a suite, and which changes of it make other trials."""

from __future__ import annotations

from typing import Any

import pytest

from recallbench.domain import AnswerBudget, RopeRequest
from recallbench.suite import Suite, parse_suite, resolve


def resolved(**keys: Any) -> Suite:
    return resolve(parse_suite({"suite": "s", "model": "m", **keys}, "test"))


@pytest.mark.parametrize(
    "keys",
    [
        {"seed": 1},
        {"prompt": {"haystack": "noise"}},
        {"prompt": {"key": {"length": 9}}},
        {"prompt": {"needle": "{key}"}},
        {"prompt": {"thinking": "on"}},
        {"answer": {"max_tokens": 65}},
        {"answer": {"thinking_end": "[/THINK]"}},
    ],
)
def test_seed_prompt_and_answer_make_other_trials(keys: dict[str, Any]) -> None:
    assert resolved(**keys).recipe_digest != resolved().recipe_digest
    assert resolved(**keys).digest != resolved().digest


@pytest.mark.parametrize(
    "keys",
    [
        {"description": "Another."},
        {"grid": {"trials": 9}},
        {"engine": {"concurrency": 1}},
        {"variants": [{"name": "other", "rope": 4}]},
        {"tokenizer": "t"},
    ],
)
def test_serving_and_grid_leave_the_trials_as_they_are(keys: dict[str, Any]) -> None:
    assert resolved(**keys).recipe_digest == resolved().recipe_digest
    assert resolved(**keys).digest != resolved().digest


@pytest.mark.parametrize(
    ("rope", "request_"),
    [
        ("native", RopeRequest()),
        (4, RopeRequest(factor=4.0)),
        (
            {"rope_type": "linear", "factor": 2},
            RopeRequest(parameters=(("factor", 2), ("rope_type", "linear"))),
        ),
    ],
)
def test_a_variants_rope_is_a_request(rope: Any, request_: RopeRequest) -> None:
    assert resolved(variants=[{"name": "v", "rope": rope}]).variants[0].rope == request_


def test_a_variant_has_the_suites_settings_and_its_own_over_them() -> None:
    suite = resolved(
        engine={"args": ["--all"], "env": {"A": "1", "B": "1"}},
        variants=[
            {"name": "plain"},
            {"name": "own", "model": "n", "args": ["--own"], "env": {"B": "2"}, "lengths": [8]},
        ],
        grid={"lengths": [8, 9]},
    )
    plain, own = suite.variants

    assert (plain.model, plain.engine_args, plain.lengths) == ("m", ("--all",), None)
    assert plain.engine_env == (("A", "1"), ("B", "1"))
    assert (own.model, own.engine_args, own.lengths) == ("n", ("--all", "--own"), (8,))
    assert own.engine_env == (("A", "1"), ("B", "2"))


def test_a_thought_has_a_budget_where_it_is_on() -> None:
    answer = {"max_tokens": 10, "thinking_tokens": 90}

    assert resolved(answer=answer).budget == AnswerBudget(answer_tokens=10)
    assert resolved(answer=answer, prompt={"thinking": "on"}).budget == AnswerBudget(
        answer_tokens=10, thinking_tokens=90
    )


def test_layouts_and_shared_haystacks_make_other_trials_each() -> None:
    forms = [
        {"layout": "single", "haystacks": "trial"},
        {"layout": "single", "haystacks": "repeat"},
        {"layout": "single", "haystacks": 3},
        {"layout": "single", "haystacks": 4},
        {"layout": "ladder"},
    ]
    digests = [resolved(prompt=form).recipe_digest for form in forms]

    assert len(set(digests)) == len(digests)
    assert digests[0] == resolved().recipe_digest


def test_the_trials_of_runs_before_there_were_layouts_keep_their_names() -> None:
    """Such runs can be gone on with, asked again and compared: their prompts are the same."""
    assert resolved().recipe_digest == (
        "a4cd18b90079c05f4307585f7d7eff9ea004ac6c7f0e8afc38254a0e9087a2b4"
    )
