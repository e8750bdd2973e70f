"""Misses in company and with a warm cache are compared within their cell only."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from recallbench.diagnosis.case import Case
from recallbench.diagnosis.conditions import compare, not_compared, suspect_conditions
from recallbench.diagnosis.pattern import Diagnosis, Pattern
from recallbench.diagnosis.suspicion import FALSE_ALARMS
from recallbench.domain import TrialRecord
from recallbench.stats import Proportion

Written = Callable[..., Case]
ToldBy = Callable[..., Case]


def served(
    case: Case, told_by: ToldBy, with_condition: Callable[[TrialRecord, bool], TrialRecord]
) -> Case:
    """Every second trial of a case under a condition."""
    changed = (with_condition(record, bool(record.repeat % 2)) for record in case.records)
    return told_by(changed)


def warm(record: TrialRecord, held: bool) -> TrialRecord:  # noqa: FBT001 - what is varied
    return replace(record, cached_tokens=128 if held else 0)


def in_pairs(records: Iterable[TrialRecord]) -> list[TrialRecord]:
    """Even repeats alone; odd ones share their time with the odd one of another depth."""
    changed = []
    for number, record in enumerate(records):
        together = record.repeat % 2
        hour, minute = (record.repeat, 0) if together else (record.repeat, 1 + number % 58)
        finished_at = f"2026-01-0{1 + record.length_tokens // 64000}T{hour:02}:{minute:02}:00.000Z"
        changed.append(replace(record, finished_at=finished_at))
    return changed


def holding(case: Case) -> list[Diagnosis]:
    return [
        suspicion.diagnosis
        for suspicion in suspect_conditions(case)
        if suspicion.diagnosis and suspicion.p_value <= FALSE_ALARMS
    ]


CELLS = [(length, depth) for length in (8000, 64000) for depth in (0.0, 0.5, 1.0)]
ODD_LOST, EVEN_LOST, LOST = "rmrmrm", "mrmrmr", "mmmmmm"


def test_misses_with_a_warm_cache_are_named(written: Written, told_by: ToldBy) -> None:
    (found,) = holding(served(written(dict.fromkeys(CELLS, ODD_LOST)), told_by, warm))

    assert found.pattern is Pattern.MISSES_WITH_WARM_CACHE
    assert found.what == (
        "Recall is 0/18 (0%, 95% interval 0-17.6%) where tokens came from the prefix cache and "
        "18/18 (100%, 95% interval 82.4-100%) in the same cells where none did."
    )
    assert found.next_command == (
        "recallbench run long --variant base --engine-arg=--no-enable-prefix-caching"
    )
    assert found.evidence == ()


def test_a_server_that_stands_must_be_restarted_first(written: Written, told_by: ToldBy) -> None:
    case = served(written(dict.fromkeys(CELLS, ODD_LOST)), told_by, warm)
    standing = replace(case, facts=replace(case.facts, endpoint="http://host/v1"))

    (found,) = holding(standing)

    assert "Restart the server with --no-enable-prefix-caching" in found.why
    assert "--engine-arg" not in found.next_command


def test_misses_in_company_are_named(written: Written, told_by: ToldBy) -> None:
    (found,) = holding(told_by(in_pairs(written(dict.fromkeys(CELLS, ODD_LOST)).records)))

    assert found.pattern is Pattern.MISSES_UNDER_CONCURRENCY
    assert found.what.startswith("Recall is 0/18 (0%, 95% interval 0-17.6%) where other requests")
    assert found.next_command == "recallbench run long --variant base --concurrency=1"
    assert found.evidence == (
        "up to 8 requests in flight were asked for",
        "flights are reckoned from a clock with steps of 0.001 s",
        "0 trials left out: not known whether alone",
    )


def test_misses_where_the_condition_is_not_are_none_of_it(
    written: Written, told_by: ToldBy
) -> None:
    for letters in (EVEN_LOST, LOST, "rrrrrr", "mmrrrr"):
        case = written(dict.fromkeys(CELLS, letters))

        assert holding(served(case, told_by, warm)) == []
        assert holding(told_by(in_pairs(case.records))) == []


def test_only_means_that_recall_without_the_condition_is_fine(
    written: Written, told_by: ToldBy
) -> None:
    case = written(dict.fromkeys(CELLS, "rmrmrmmmmm"))

    (suspicion,) = [
        one for one in suspect_conditions(served(case, told_by, warm)) if one.p_value < 0.01
    ]

    assert suspicion.diagnosis is None


def test_a_difference_too_small_to_matter_is_not_told(written: Written, told_by: ToldBy) -> None:
    often_lost = "rr" * 84 + "rm" * 16
    case = served(written(dict.fromkeys(CELLS, often_lost)), told_by, warm)

    (suspicion,) = [one for one in suspect_conditions(case) if one.p_value < 0.01]

    assert suspicion.diagnosis is None


def test_a_condition_that_goes_with_length_is_not_blamed(written: Written, told_by: ToldBy) -> None:
    """Long prompts warm and lost, short ones cold and fine: no cell has both."""
    case = written({(8000, 0.5): "r" * 20, (64000, 0.5): "m" * 20})
    by_length = told_by(warm(record, record.length_tokens > 8000) for record in case.records)

    assert [one for one in suspect_conditions(by_length) if one.diagnosis] == []
    assert (
        "no cell has trials with and without cached tokens: the prefix cache is not ruled out"
        in (not_compared(by_length))
    )


def test_a_run_asked_one_by_one_is_not_looked_at(written: Written, told_by: ToldBy) -> None:
    case = told_by(in_pairs(written(dict.fromkeys(CELLS, ODD_LOST)).records), concurrency=1)

    assert suspect_conditions(case) == ()
    assert [line for line in not_compared(case) if "concurrency" in line] == []


def test_counts_that_the_server_does_not_give_are_not_guessed(
    written: Written, told_by: ToldBy
) -> None:
    case = written(dict.fromkeys(CELLS, ODD_LOST * 2))
    records = [
        record if record.repeat < 2 else warm(record, bool(record.repeat % 2))
        for record in case.records
    ]

    (found,) = holding(told_by(records))

    assert "0/30" in found.what
    assert found.evidence == ("12 trials without a count of cached tokens left out",)


def test_cells_with_one_kind_only_are_left_out_of_a_comparison(written: Written) -> None:
    case = written({(8000, 0.5): "rm", (16000, 0.5): "rm", (32000, 0.5): "e"})
    conditions = {(8000, 0): True, (8000, 1): False, (16000, 0): True, (16000, 1): None}

    compared = compare(case, lambda trial: conditions[trial.length_tokens, trial.repeat])

    assert compared is not None
    assert (compared.suspect, compared.other) == (Proportion(k=1, n=1), Proportion(k=0, n=1))
    assert compare(case, lambda _: True) is None
