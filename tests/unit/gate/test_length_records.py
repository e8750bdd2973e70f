"""Records grouped by round, read up to the first that is not whole."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from recallbench.domain import TrialRecord
from recallbench.gate.length_records import LengthRecords, by_length
from recallbench.stats.rounds import PairedRound, Round
from support.records import DEPTHS, HIT, always, letters, records


def held(them: tuple[TrialRecord, ...] | list[TrialRecord]) -> LengthRecords:
    return by_length(them, (1000,), DEPTHS)[1000]


def test_records_of_other_lengths_are_left_out_and_an_unasked_length_is_empty() -> None:
    them = by_length(records(always(HIT), lengths=(500, 1000)), (1000, 2000), DEPTHS)

    assert {length: len(each.records) for length, each in them.items()} == {1000: 50, 2000: 0}
    assert them[2000].rounds() == ()


def test_rounds_are_counts_of_hits_misses_and_the_unmeasured() -> None:
    assert held(letters("hhmth", "mmmmm")).rounds() == (
        Round(hits=3, misses=1, unmeasured=1),
        Round(hits=0, misses=5),
    )


def test_rounds_end_at_the_first_that_is_not_whole() -> None:
    them = held(letters("hhhhh", "hhhh-", "mmmmm"))

    assert them.whole() == 1
    assert them.rounds() == (Round(hits=5, misses=0),)


@given(st.integers(0, 1000))
def test_what_is_read_does_not_depend_on_which_answer_came_first(seed: int) -> None:
    them = letters("hmhth", "mmhhh", "hh-hh", "hhhhh")
    in_order = held(them)
    random.Random(seed).shuffle(them)

    assert held(them).rounds() == in_order.rounds()
    assert held(them).records == in_order.records


def test_paired_rounds_are_those_that_are_whole_in_both_and_lost_is_the_baselines() -> None:
    ours, theirs = held(letters("hhmmh", "hhhhh", "hhhhh")), held(letters("hmhmt", "mmmmm"))

    assert theirs.paired_rounds(ours) == (
        PairedRound(lost=1, gained=1, same=2, unmeasured=1),
        PairedRound(lost=5, gained=0, same=0),
    )
    assert ours.paired_rounds(theirs)[1] == PairedRound(lost=0, gained=5, same=0)
