"""What a variant is compared with is found, in a stored run or its own, or told why not."""

from __future__ import annotations

from array import array
from dataclasses import replace
from pathlib import Path

import pytest

from recallbench.domain import Outcome, Prompt, Trial, TrialRecord, whole_tokens
from recallbench.domain.gate_rules import BaselineRule
from recallbench.errors import ComparisonError, RunFolderError
from recallbench.journal import RunFolder
from recallbench.runner.baseline import baseline_records, check_questions, stored_variant
from support.records import HIT, always, record, records
from support.stored_runs import stored_run

HELD = records(always(HIT), repeats=range(2))


def one(tmp_path: Path) -> RunFolder:
    return RunFolder(stored_run(tmp_path / "one", {"bf16": HELD}))


def two(tmp_path: Path) -> RunFolder:
    return RunFolder(stored_run(tmp_path / "two", {"bf16": HELD, "fp8": HELD[:3]}))


def rule(run: RunFolder | None = None, variant: str | None = None) -> BaselineRule:
    return BaselineRule(run=str(run.path) if run else None, variant=variant, max_drop=0.05)


def test_the_only_variant_of_a_run_needs_no_name(tmp_path: Path) -> None:
    stored = stored_variant(one(tmp_path), None, "int4")

    assert (stored.name, stored.title) == ("bf16", "one:bf16")
    assert stored.records == tuple(replace(each, variant="bf16") for each in HELD)
    assert stored.run_facts["variants"] == [stored.facts]


def test_of_several_the_one_of_the_same_name_is_taken(tmp_path: Path) -> None:
    stored = stored_variant(two(tmp_path), None, "fp8")

    assert stored.name == "fp8"
    assert len(stored.records) == 3
    assert {each.variant for each in stored.records} == {"fp8"}


def test_a_name_goes_before_that_of_the_other(tmp_path: Path) -> None:
    assert stored_variant(two(tmp_path), "bf16", "fp8").name == "bf16"


@pytest.mark.parametrize(
    ("name", "other", "words"),
    [
        (None, None, ["several variants", "bf16, fp8", "two:VARIANT"]),
        (None, "int4", ["no variant 'int4'", "bf16, fp8"]),
        ("int4", "fp8", ["no variant 'int4'", "bf16, fp8"]),
    ],
)
def test_a_variant_that_is_not_there_is_told_with_those_that_are(
    name: str | None, other: str | None, words: list[str], tmp_path: Path
) -> None:
    with pytest.raises(RunFolderError) as caught:
        stored_variant(two(tmp_path), name, other)

    assert [word for word in words if word not in str(caught.value)] == []


def test_a_folder_without_a_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RunFolderError, match=r"run\.json"):
        stored_variant(RunFolder(tmp_path), None)


def test_the_latest_record_of_a_trial_counts(tmp_path: Path) -> None:
    again = [replace(HELD[0], outcome=Outcome.ERRORED), HELD[0]]
    folder = stored_run(tmp_path / "run", {"v": again})

    (only,) = stored_variant(RunFolder(folder), None).records

    assert only.outcome is HIT


def test_records_are_of_the_stored_run_whatever_this_one_holds(tmp_path: Path) -> None:
    ours = records(always(HIT), variant="fp8", repeats=range(9))

    assert baseline_records(rule(one(tmp_path)), "fp8", ours) == (
        stored_variant(one_again(tmp_path), None).records
    )
    held = baseline_records(rule(two(tmp_path)), "fp8", ours)
    assert held is not None
    assert len(held) == 3


def one_again(tmp_path: Path) -> RunFolder:
    return RunFolder(tmp_path / "one")


def test_records_of_the_same_run_are_the_named_variants() -> None:
    ours = (*records(always(HIT), variant="bf16"), *records(always(HIT), variant="fp8"))

    held = baseline_records(rule(variant="bf16"), "fp8", ours)

    assert held == records(always(HIT), variant="bf16")


def test_a_baseline_is_not_held_against_itself_and_without_a_rule_nothing_is() -> None:
    assert baseline_records(rule(variant="bf16"), "bf16", HELD) is None
    assert baseline_records(None, "fp8", HELD) is None


def test_a_baseline_that_has_no_records_yet_is_empty_and_not_missing() -> None:
    assert baseline_records(rule(variant="bf16"), "fp8", HELD) == ()


def prompt(trial: Trial) -> Prompt:
    return Prompt(
        tokens=(whole_tokens(array("I", [trial.repeat] * 4)),),
        head="",
        message=(),
        tail="",
        needle_span=(0, 1),
        achieved_depth=0.0,
        key="73914206",
    )


TRIALS = tuple(
    Trial(trial_id=f"t{number}", length_tokens=4, depth=0.0, repeat=number) for number in range(3)
)


def asked(trial: Trial, sha256: str | None = None) -> TrialRecord:
    same = sha256 or prompt(trial).sha256
    return replace(record(), trial_id=trial.trial_id, prompt_sha256=same)


def test_the_same_prompt_of_the_first_common_trial_is_the_same_question() -> None:
    built = []

    def build(trial: Trial) -> Prompt:
        built.append(trial)
        return prompt(trial)

    check_questions([asked(TRIALS[2]), asked(TRIALS[1])], TRIALS, build)

    assert built == [TRIALS[1]]


def test_another_prompt_of_the_same_trial_is_refused() -> None:
    with pytest.raises(ComparisonError, match=r"trial t1: the gate's baseline .* this run"):
        check_questions([asked(TRIALS[1], "f" * 64)], TRIALS, prompt)


def test_a_baseline_without_a_common_trial_is_refused_with_the_way_on() -> None:
    for stored in ([], [record()]):
        with pytest.raises(ComparisonError, match=r"none of this run's trials.*BASELINE-FOLDER"):
            check_questions(stored, TRIALS, prompt)


def test_a_baseline_that_never_got_its_prompt_sent_is_no_other_question() -> None:
    errored = replace(asked(TRIALS[0]), prompt_sha256=None, outcome=Outcome.ERRORED)

    check_questions([errored], TRIALS, prompt)
