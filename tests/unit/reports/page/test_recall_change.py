"""A loss between two runs is told where it is proven on the same questions, and only there."""

from __future__ import annotations

from recallbench.reports.page.history_run import HistoryEntry
from recallbench.reports.page.recall_change import (
    RecallChange,
    are_other_questions,
    recall_change,
)
from support.histories import entry_of
from support.records import HIT, MISS, always, record, records

LENGTHS = (1000, 2000)
GOOD = entry_of(records(always(HIT), lengths=LENGTHS), lengths=LENGTHS)


def changed(now: HistoryEntry) -> RecallChange:
    found = recall_change(GOOD, now, "night-0")
    assert found
    return found


def lost_at(length: int, repeats: int) -> HistoryEntry:
    held = records(
        lambda at, _depth, repeat: MISS if at == length and repeat < repeats else HIT,
        lengths=LENGTHS,
    )
    return entry_of(held, lengths=LENGTHS)


def test_a_loss_at_one_length_is_told_with_its_pairs() -> None:
    found = changed(lost_at(2000, 3))

    assert found.is_lower
    assert found.told == (
        "Recall is significantly lower than in night-0 at 2,000 tokens (corrected over 2 lengths)"
    )
    assert len(found.parts) == 1
    assert found.parts[0].startswith("at 2,000 tokens 50/50 -> 35/50, -30.0 points (95% interval")
    assert "-15/+0 of 50 pairs, McNemar p = 0.0001" in found.parts[0]


def test_the_same_recall_is_not_called_lower_and_the_verdict_says_what_is_proven() -> None:
    found = changed(entry_of(records(always(HIT), lengths=LENGTHS), lengths=LENGTHS))

    assert not found.is_lower
    assert found.parts == ()
    assert found.told == (
        "Recall is at no length significantly lower than in night-0 (corrected over 2 lengths); "
        "all pairs together: EQUIVALENT within 5 points (100 pairs, the same records)"
    )


def test_a_gain_is_not_called_a_loss() -> None:
    found = recall_change(
        entry_of(records(always(MISS))), entry_of(records(always(HIT))), "night-0"
    )

    assert found
    assert not found.is_lower
    assert found.told.startswith("Recall is not significantly lower than in night-0; ")


def test_a_few_lost_of_many_are_not_called_significant() -> None:
    held = records(lambda _length, depth, repeat: MISS if (depth, repeat) == (0.5, 0) else HIT)
    found = recall_change(entry_of(records(always(HIT))), entry_of(held), "night-0")

    assert found
    assert not found.is_lower
    assert "INCONCLUSIVE at a margin of 5 points" in found.told
    assert "50 pairs" in found.told


def test_one_of_many_lengths_needs_more_than_a_length_alone() -> None:
    """Six lost and none gained: p = 0.031 alone, 0.063 as one of two."""
    before = records(
        lambda length, depth, repeat: MISS if (length, depth) == (1000, 0) and repeat < 3 else HIT,
        lengths=LENGTHS,
    )
    after = records(
        lambda length, depth, repeat: MISS if (length, depth) == (2000, 0) and repeat < 6 else HIT,
        lengths=LENGTHS,
    )

    found = recall_change(
        entry_of(before, lengths=LENGTHS), entry_of(after, lengths=LENGTHS), "night-0"
    )

    assert found
    assert not found.is_lower
    assert found.parts == ()


def test_a_small_loss_at_every_length_is_not_hidden_by_the_correction() -> None:
    lengths = (1000, 2000, 3000, 4000)
    before = entry_of(records(always(HIT), lengths=lengths), lengths=lengths)
    held = records(
        lambda _length, depth, repeat: MISS if depth == 0 and repeat < 3 else HIT, lengths=lengths
    )

    found = recall_change(before, entry_of(held, lengths=lengths), "night-0")

    assert found
    assert found.is_lower
    assert found.parts == ()
    assert "but over all lengths together it is: -6.0 points" in found.told
    assert "-12/+0 of 200 pairs" in found.told


def test_other_questions_are_not_compared() -> None:
    other = entry_of([record(seed="other")])

    assert are_other_questions(GOOD, other)
    assert recall_change(GOOD, other, "night-0") is None


def test_a_longer_grid_asks_the_same_questions() -> None:
    longer = entry_of(records(always(HIT), lengths=(1000, 2000, 4000)), lengths=(1000, 2000, 4000))

    assert not are_other_questions(GOOD, longer)


def test_a_run_without_a_trial_is_not_held_against_another() -> None:
    empty = entry_of([])

    assert not are_other_questions(empty, GOOD)
    assert not are_other_questions(GOOD, empty)
    assert recall_change(GOOD, empty, "night-0") is None


def test_many_needles_are_told_apart_from_one() -> None:
    ladder = entry_of(records(always(HIT)), layout="ladder")

    found = recall_change(ladder, ladder, "night-0")

    assert found
    assert found.told.startswith("Multi-key recall is not significantly lower")
