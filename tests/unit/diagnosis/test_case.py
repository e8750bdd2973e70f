"""A case holds one variant's trials, each once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from recallbench.diagnosis.case import Case, case_of, first_with, length_of, pooled, recall_of
from recallbench.domain import Outcome, TrialRecord
from recallbench.stats import Proportion

Written = Callable[..., Case]


def test_other_variants_and_superseded_records_are_left_out(
    written: Written, a_trial: Callable[..., TrialRecord]
) -> None:
    case = written({(8000, 0.5): "r"})
    failed, asked_again = a_trial(0, "e"), a_trial(0, "r")
    other = replace(a_trial(0, "m"), variant="fp8")

    again = case_of(case.summary, [failed, other, asked_again], case.facts)

    assert again.records == (asked_again,)


def test_only_answered_trials_are_measured(written: Written) -> None:
    case = written({(8000, 0.5): "rmbztoe", (16000, 0.5): "oe"})

    assert [record.outcome for record in case.measured] == [Outcome.RECALLED, *["missed"] * 3]
    assert len(case.misses) == 3
    assert case.recall == recall_of(case.measured) == Proportion(k=1, n=4)
    assert [length_of(line) for line in case.lengths] == [8000]


def test_lines_are_taken_until_they_hold_enough(written: Written) -> None:
    lines = written({(8000, 0.5): "rrr", (16000, 0.5): "rmm", (32000, 0.5): "m"}).lengths

    assert [length_of(line) for line in first_with(lines, 4)] == [8000, 16000]
    assert [length_of(line) for line in first_with(lines, 3)] == [8000]
    assert [length_of(line) for line in first_with(lines, 99)] == [8000, 16000, 32000]
    assert pooled(lines) == Proportion(k=4, n=7)
    assert first_with((), 3) == ()
