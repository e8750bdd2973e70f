"""The page's rows say what the journal says, whole where they may be long and cut where not."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recallbench.domain import Outcome, TrialRecord
from recallbench.reports.page.embedded_json import embedded_json
from recallbench.reports.page.trial_data import (
    BUDGET_BYTES,
    LIMITS,
    trial_commands,
    trial_data,
)
from support.records import MISS, record

LENGTHS = (500, 1000)
DEPTHS = (0.0, 0.5)
CONTEXT = ("the ship", "The pass key for Falcon is 73914206.", "sailed")
TOLD = replace(
    record(1000, 0.5, 3, MISS, variant="fp8"),
    achieved_depth=0.498,
    answer=" 7391",
    thought="hm",
    finish_reason="stop",
    prompt_tokens=1000,
    cached_tokens=512,
    expected_cached_tokens=528,
    completion_tokens=9,
    latency_s=0.25,
    attempts=2,
    error=None,
    finished_at="2026-11-20T23:35:27.085+00:00",
    needle_context=CONTEXT,
)


def data_of(records: Iterable[TrialRecord], budget_bytes: int = BUDGET_BYTES) -> dict[str, Any]:
    return trial_data(
        records,
        variants=("bf16", "fp8"),
        lengths=LENGTHS,
        depths=DEPTHS,
        commands=trial_commands("results/x", ("bf16", "fp8")),
        budget_bytes=budget_bytes,
    )


def many(count: int, **texts: Any) -> list[TrialRecord]:
    return [replace(record(repeat=n, variant="bf16"), **texts) for n in range(count)]


def size(data: dict[str, Any]) -> int:
    return len(embedded_json(data).encode())


def whole_length(text: Any) -> int:
    """Characters of a text before it was cut."""
    if isinstance(text, dict):
        return len(text.get("head", "") + text.get("tail", "")) + int(text["left_out"])
    return len(text or "")


def test_a_trial_is_its_question_and_what_became_of_it() -> None:
    data = data_of([record(500, 0.0, variant="bf16"), TOLD])

    assert data["questions"][1] == [
        TOLD.trial_id, 1, 1, 3, "73914206", 0.498, TOLD.prompt_sha256, *CONTEXT,
    ]  # fmt: skip
    assert data["trials"][1] == [
        1, 1, 1, " 7391", "hm", "stop", 1000, 512, 528, 9, 0.25, 2, None, TOLD.finished_at,
    ]  # fmt: skip
    assert data["cut"] is None


def test_the_tables_are_the_pages_in_its_order_with_every_outcome() -> None:
    data = data_of([])

    assert data["schema"] == 1
    assert (data["variants"], data["lengths"]) == (["bf16", "fp8"], [500, 1000])
    assert data["depths"] == [0.0, 0.5]
    assert data["outcomes"] == ["recalled", "missed", "truncated", "overflow", "errored"]
    assert (data["questions"], data["trials"], data["cut"]) == ([], [], None)


@pytest.mark.parametrize("outcome", Outcome)
def test_an_outcome_is_named_by_its_place(outcome: Outcome) -> None:
    data = data_of([replace(TOLD, outcome=outcome)])

    assert data["outcomes"][data["trials"][0][2]] == outcome.value


def test_variants_share_a_question_and_the_journals_order_stays() -> None:
    a, b = record(500, 0.0, 0, variant="fp8"), record(500, 0.5, 0, variant="bf16")

    data = data_of([a, b, replace(b, variant="fp8"), replace(a, variant="bf16")])

    assert [row[0] for row in data["questions"]] == [a.trial_id, b.trial_id]
    assert [row[:2] for row in data["trials"]] == [[1, 0], [0, 1], [1, 1], [0, 0]]


def test_a_trial_without_a_prompt_shares_the_question_that_another_variant_was_asked() -> None:
    blank = replace(
        TOLD, variant="bf16", outcome=Outcome.ERRORED, key="", prompt_sha256=None,
        achieved_depth=None, needle_context=None, error="refused",
    )  # fmt: skip

    data = data_of([blank, TOLD])

    assert len(data["questions"]) == 1
    assert data["questions"][0][4:] == ["73914206", 0.498, TOLD.prompt_sha256, *CONTEXT]
    assert [row[1] for row in data["trials"]] == [0, 0]
    assert data["trials"][0][12] == "refused"


def test_another_prompt_under_the_same_name_is_another_question() -> None:
    data = data_of([TOLD, replace(TOLD, variant="bf16", prompt_sha256="f" * 64)])

    assert [row[6] for row in data["questions"]] == [TOLD.prompt_sha256, "f" * 64]
    assert [row[1] for row in data["trials"]] == [0, 1]


def test_a_run_that_kept_no_text_around_its_needles_has_none() -> None:
    data = data_of([replace(TOLD, needle_context=None)])

    assert data["questions"][0][7:] == [None, None, None]


def test_the_text_around_a_needle_is_taken_from_the_variant_that_kept_it() -> None:
    data = data_of([replace(TOLD, variant="bf16", needle_context=None), TOLD])

    assert [row[7:] for row in data["questions"]] == [list(CONTEXT)]


def test_other_variants_trials_are_left_out() -> None:
    assert data_of([replace(TOLD, variant="another")])["trials"] == []


def test_a_trial_outside_the_grid_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match=f"^trial {TOLD.trial_id}: length must be of"):
        data_of([replace(TOLD, length_tokens=7)])


@pytest.mark.parametrize("place", [3, 4, 12])
def test_no_answer_thought_or_error_is_longer_than_the_first_limit(place: int) -> None:
    text = "x" * 3999 + "yz"
    told = replace(TOLD, answer=text, thought=text, error=text)

    data = data_of([told])

    assert data["cut"] == 4000
    assert data["trials"][0][place] == {"head": "x" * 3999 + "y", "left_out": 1}


def test_a_text_as_long_as_the_limit_is_whole() -> None:
    data = data_of([replace(TOLD, answer="x" * 4000)])

    assert (data["cut"], data["trials"][0][3]) == (None, "x" * 4000)


def test_texts_are_cut_to_the_longest_that_the_budget_allows() -> None:
    trials = many(100, answer="a" * 3000)
    sizes = [size(data_of(trials, budget)) for budget in (10**6, 200_000)]

    assert data_of(trials, sizes[0])["cut"] is None
    assert data_of(trials, sizes[0] - 1)["cut"] == 1000
    assert data_of(trials, sizes[1])["cut"] == 1000
    assert data_of(trials, sizes[1] - 1)["cut"] == 400


def test_what_is_before_the_needle_keeps_its_end_and_what_is_behind_its_beginning() -> None:
    context = ("a" * 100 + "near", CONTEXT[1] * 9, "near" + "b" * 100)
    trials = many(50, needle_context=context, key="7" * 200)

    data = data_of(trials, 1)

    assert data["cut"] == 40
    assert data["questions"][0][7:] == [
        {"tail": "a" * 36 + "near", "left_out": 64},
        CONTEXT[1] * 9,
        {"head": "near" + "b" * 36, "left_out": 64},
    ]
    assert data["questions"][0][4] == "7" * 200


def test_what_does_not_fit_even_so_is_all_there() -> None:
    trials = many(300, answer="a" * 90)

    data = data_of(trials, 1)

    assert len(data["trials"]) == len(data["questions"]) == 300
    assert data["cut"] == LIMITS[-1]


@pytest.mark.parametrize("longest", [0, 40])
def test_a_page_that_is_too_long_for_its_budget_without_a_long_text_cuts_none(longest: int) -> None:
    data = data_of(many(50, answer="a" * longest), 1)

    assert data["cut"] is None
    assert data["trials"][0][3] == "a" * longest


@settings(deadline=None)
@given(
    st.lists(st.text(max_size=60).map(lambda text: text * 20), min_size=1, max_size=12),
    st.integers(0, 20_000),
)
def test_the_budget_is_kept_or_nothing_more_could_be_cut(texts: list[str], budget: int) -> None:
    trials = [
        replace(record(repeat=n, variant="bf16"), answer=text, needle_context=(text, "n", text))
        for n, text in enumerate(texts)
    ]

    data = data_of(trials, budget)

    longest = max(map(len, texts))
    held = [
        text for row in (*data["questions"], *data["trials"]) for text in row
        if isinstance(text, dict)
    ]  # fmt: skip
    smaller = [limit for limit in LIMITS if limit < min(longest, data["cut"] or longest)]
    assert size(data) <= budget or not smaller
    assert all(len(cut.get("head", "") + cut.get("tail", "")) == data["cut"] for cut in held)
    assert [whole_length(row[3]) for row in data["trials"]] == [len(text) for text in texts]


def test_a_command_is_whole_but_for_the_trial_and_quotes_every_name() -> None:
    (commands,) = trial_commands("results/my run", ["it's; rm"])

    assert shlex.split(f"{commands['again']} --trial L1-D0-R0-a") == [
        "recallbench", "run", "results/my run", "--variant", "it's; rm", "--trial", "L1-D0-R0-a",
    ]  # fmt: skip
    assert shlex.split(f"{commands['prompt']} --trial L1-D0-R0-a") == [
        "recallbench", "plan", "results/my run", "--variant", "it's; rm",
        "--write-prompts", "prompts.jsonl", "--trial", "L1-D0-R0-a",
    ]  # fmt: skip


def test_each_variant_has_its_commands() -> None:
    data = data_of([])

    assert [shlex.split(each["again"])[-1] for each in data["commands"]] == ["bf16", "fp8"]
