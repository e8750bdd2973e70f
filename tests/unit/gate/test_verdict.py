"""Many verdicts come to one: a single fail fails, and only all passes pass."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recallbench.gate.verdict import Verdict, together
from support.verdicts import errors, floor_at, verdict_of

PASS, FAIL, OPEN = Verdict.PASS, Verdict.FAIL, Verdict.INCONCLUSIVE


@pytest.mark.parametrize(
    ("given_", "expected"),
    [
        ((), OPEN),
        ((PASS,), PASS),
        ((PASS, PASS), PASS),
        ((PASS, OPEN), OPEN),
        ((OPEN,), OPEN),
        ((PASS, FAIL), FAIL),
        ((OPEN, FAIL), FAIL),
        ((PASS, OPEN, FAIL), FAIL),
    ],
)
def test_one_fail_fails_and_nothing_is_no_pass(
    given_: tuple[Verdict, ...], expected: Verdict
) -> None:
    assert together(given_) is expected
    assert together(iter(given_[::-1])) is expected


@given(st.lists(st.sampled_from(Verdict)), st.lists(st.sampled_from(Verdict), min_size=1))
def test_verdicts_of_parts_come_to_the_verdict_of_all(
    ones: list[Verdict], others: list[Verdict]
) -> None:
    if ones:
        assert together([together(ones), together(others)]) is together([*ones, *others])


def test_a_variant_is_what_its_judgements_come_to() -> None:
    assert verdict_of(floor_at(1, PASS), errors(PASS)).verdict is PASS
    assert verdict_of(floor_at(1, PASS), errors(FAIL)).verdict is FAIL
    assert verdict_of(floor_at(1, PASS), floor_at(2, OPEN)).verdict is OPEN
    assert verdict_of().verdict is OPEN


def test_the_deciding_judgements_are_those_that_share_the_verdict() -> None:
    first, second, third = floor_at(1, PASS), floor_at(2, FAIL), floor_at(3, FAIL)

    assert verdict_of(first, second, third).deciding == (second, third)
    assert verdict_of(first).deciding == (first,)
    assert verdict_of().deciding == ()


def test_verdicts_are_spelled_as_reports_and_scripts_read_them() -> None:
    assert [str(each) for each in Verdict] == ["pass", "fail", "inconclusive"]
