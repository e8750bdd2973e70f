"""The exit codes that scripts depend on."""

from __future__ import annotations

import pytest

from recallbench.cli import exit_codes
from recallbench.cli.exit_codes import of_likeness, of_verdicts
from recallbench.domain.gate_rules import OnInconclusive
from recallbench.gate.compared import Likeness
from recallbench.gate.verdict import VariantVerdict, Verdict
from support.verdicts import floor_at, verdict_of

PASS, FAIL, OPEN = Verdict.PASS, Verdict.FAIL, Verdict.INCONCLUSIVE


def variant(verdict: Verdict, missing: int = 0) -> VariantVerdict:
    return verdict_of(floor_at(1000, verdict), incomplete=missing)


def test_the_codes_are_frozen() -> None:
    codes = ("DONE", "FAIL", "INCOMPLETE", "INCONCLUSIVE", "INTERRUPTED")

    assert [getattr(exit_codes, name) for name in codes] == [0, 1, 3, 4, 130]


@pytest.mark.parametrize(
    ("verdicts", "code"),
    [
        ([variant(PASS)], 0),
        ([variant(PASS), variant(PASS)], 0),
        ([variant(FAIL)], 1),
        ([variant(PASS), variant(FAIL), variant(OPEN)], 1),
        ([variant(FAIL, missing=2)], 1),
        ([variant(PASS), variant(FAIL, missing=2)], 1),
        ([variant(PASS, missing=1)], 3),
        ([variant(OPEN, missing=1)], 3),
        ([variant(PASS), variant(OPEN, missing=1)], 3),
        ([variant(OPEN)], 4),
        ([variant(PASS), variant(OPEN)], 4),
        ([], 4),
    ],
)
def test_a_fail_goes_before_what_is_missing_and_that_before_what_is_open(
    verdicts: list[VariantVerdict], code: int
) -> None:
    assert of_verdicts(verdicts, "inconclusive") == code


@pytest.mark.parametrize(("verdict", "code"), [(PASS, 3), (OPEN, 3), (FAIL, 1)])
def test_a_run_that_ended_before_its_time_is_incomplete_unless_it_failed(
    verdict: Verdict, code: int
) -> None:
    assert of_verdicts([variant(verdict)], "inconclusive", is_complete=False) == code


@pytest.mark.parametrize(("taken_for", "code"), [("inconclusive", 4), ("pass", 0), ("fail", 1)])
def test_open_counts_as_what_the_rules_say_and_nothing_else_does(
    taken_for: OnInconclusive, code: int
) -> None:
    assert of_verdicts([variant(OPEN)], taken_for) == code
    assert of_verdicts([variant(PASS)], taken_for) == 0
    assert of_verdicts([variant(FAIL)], taken_for) == 1
    assert of_verdicts([variant(OPEN, missing=1)], taken_for) == 3


@pytest.mark.parametrize(
    ("likeness", "code"),
    [
        (Likeness.EQUIVALENT, 0),
        (Likeness.NON_INFERIOR, 0),
        (Likeness.INFERIOR, 1),
        (Likeness.INCONCLUSIVE, 4),
    ],
)
def test_a_comparison_fails_only_where_it_is_worse(likeness: Likeness, code: int) -> None:
    assert of_likeness(likeness) == code
