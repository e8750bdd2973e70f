"""Only the same question, token for token, makes a pair; only two answers make it count."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recallbench.domain import Outcome
from recallbench.errors import ComparisonError
from recallbench.gate.pairs import Pair, check_prompts, counts, paired
from recallbench.stats.paired import PairedCounts
from support.records import HIT, MISS, always, record, records
from support.sides import sides

NAMES = ("the old", "the new")
UNANSWERED = [outcome for outcome in Outcome if not outcome.is_measured]


def pair(a: Outcome, b: Outcome) -> Pair:
    return Pair(a=record(outcome=a), b=record(outcome=b))


def test_trials_are_paired_by_name_in_the_order_of_the_second() -> None:
    a = records(always(HIT), variant="a", repeats=range(4))
    b = list(records(always(MISS), variant="b", repeats=range(2, 6)))
    random.Random(1).shuffle(b)

    held = paired(a, b, NAMES)

    assert [each.b for each in held] == [each for each in b if each.repeat < 4]
    assert all(each.a.trial_id == each.b.trial_id for each in held)
    assert {(each.a.variant, each.b.variant) for each in held} == {("a", "b")}


def test_lost_is_what_only_the_first_recalls_and_gained_the_reverse() -> None:
    told = {
        (a, b): (pair(a, b).is_lost, pair(a, b).is_gained) for a in (HIT, MISS) for b in (HIT, MISS)
    }

    assert told == {
        (HIT, HIT): (False, False),
        (HIT, MISS): (True, False),
        (MISS, HIT): (False, True),
        (MISS, MISS): (False, False),
    }


@pytest.mark.parametrize("outcome", UNANSWERED)
@pytest.mark.parametrize("other", [HIT, MISS])
def test_an_unanswered_pair_is_neither_lost_nor_gained_nor_counted(
    outcome: Outcome, other: Outcome
) -> None:
    for held in (pair(outcome, other), pair(other, outcome), pair(outcome, outcome)):
        assert (held.is_answered, held.is_lost, held.is_gained) == (False, False, False)
        assert counts([held]).n == 0


@given(both=st.integers(0, 9), lost=st.integers(0, 9), gained=st.integers(0, 9),
       neither=st.integers(0, 9), unanswered=st.integers(1, 9))  # fmt: skip
def test_counts_are_those_of_the_answered_pairs(
    both: int, lost: int, gained: int, neither: int, unanswered: int
) -> None:
    a, b = sides(both=both, lost=lost, gained=gained, neither=neither, unanswered=unanswered)

    assert counts(paired(a, b, NAMES)) == PairedCounts(
        both=both, lost=lost, gained=gained, neither=neither
    )


def test_runs_without_a_common_trial_are_refused_with_what_makes_a_name() -> None:
    with pytest.raises(ComparisonError) as caught:
        paired([record(seed="one")], [record(seed="two"), record(1, seed="two")], NAMES)

    told = str(caught.value)
    assert told.startswith("the old (1 trials) and the new (2 trials) share no trial")
    assert "seed, prompt and answer budget" in told


def test_one_trial_of_another_prompt_refuses_all() -> None:
    a = records(always(HIT))
    b = (*a[:-1], replace(a[-1], prompt_sha256="f" * 64))

    with pytest.raises(
        ComparisonError, match=rf"trial {a[-1].trial_id}: the old .* the new f{{12}}"
    ):
        paired(a, b, NAMES)


def test_a_trial_that_never_had_a_prompt_is_no_other_question() -> None:
    """One that errored before it was sent has no hash."""
    check_prompts("t", (None, "a" * 64), NAMES)
    check_prompts("t", ("a" * 64, None), NAMES)
    check_prompts("t", ("a" * 64, "a" * 64), NAMES)
    with pytest.raises(ComparisonError, match="tokenizer, chat template or haystack"):
        check_prompts("t", ("a" * 64, "b" * 64), NAMES)
