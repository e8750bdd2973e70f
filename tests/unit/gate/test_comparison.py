"""Two variants over the whole grid: alike, worse somewhere, or not known."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from recallbench.domain import Outcome, TrialRecord
from recallbench.domain.layout import Haystacks
from recallbench.errors import ComparisonError
from recallbench.gate.compared import Likeness
from recallbench.gate.comparison import Comparison, compare
from support.records import DEPTHS, HIT, MISS, Judge, always, record, records
from support.sides import sides

NAMES = ("bf16", "fp8")
LENGTHS = (1000, 2000, 4000)


def against_perfect(
    judge: Judge,
    repeats: int = 30,
    *,
    margin: float = 0.05,
    confidence: float = 0.95,
    shared_by: Haystacks = "trial",
) -> Comparison:
    """A variant against one that recalls everything."""
    a = records(always(HIT), lengths=LENGTHS, repeats=range(repeats), variant="bf16")
    b = records(judge, lengths=LENGTHS, repeats=range(repeats), variant="fp8")
    return compare(a, b, NAMES, margin=margin, confidence=confidence, shared_by=shared_by)


def worse_at_4000(length: int, _depth: float, repeat: int) -> Outcome:
    return MISS if length == 4000 and repeat < 6 else HIT


def test_a_variant_compared_with_itself_is_equivalent_however_few_its_trials() -> None:
    held = (record(),)

    told = compare(held, held, ("v", "v"))

    assert told.is_same
    assert told.likeness is Likeness.EQUIVALENT
    assert told.overall.likeness is Likeness.INCONCLUSIVE


def test_another_variant_of_the_same_answers_has_to_prove_it() -> None:
    few, many = against_perfect(always(HIT), 1), against_perfect(always(HIT), 4)

    assert (few.is_same, many.is_same) == (False, False)
    assert few.likeness is Likeness.INCONCLUSIVE
    assert many.likeness is Likeness.EQUIVALENT


def test_worse_at_one_length_is_worse_though_all_together_is_not_proven() -> None:
    told = against_perfect(worse_at_4000)

    assert told.overall.likeness is not Likeness.INFERIOR
    assert [part.likeness for part in told.lengths] == [
        Likeness.EQUIVALENT,
        Likeness.EQUIVALENT,
        Likeness.INFERIOR,
    ]
    assert told.likeness is Likeness.INFERIOR


def test_a_loss_at_one_length_that_may_matter_is_not_hidden_by_the_others() -> None:
    """9 of 150 lost there is beyond chance, and .05 is not ruled out."""

    def some_at_4000(length: int, depth: float, repeat: int) -> Outcome:
        return MISS if length == 4000 and depth == 0.5 and repeat < 9 else HIT

    told = against_perfect(some_at_4000)

    assert told.overall.likeness is Likeness.EQUIVALENT
    assert [part.length_tokens for part in told.worse_lengths] == [4000]
    assert told.worse_lengths[0].likeness is Likeness.INCONCLUSIVE
    assert told.likeness is Likeness.INCONCLUSIVE


def test_a_loss_that_is_proven_to_be_small_is_no_worse_length() -> None:
    def few_at_4000(length: int, depth: float, repeat: int) -> Outcome:
        return MISS if length == 4000 and depth == 0.5 and repeat < 9 else HIT

    told = against_perfect(few_at_4000, 200)

    assert told.lengths[2].mcnemar_adjusted is not None
    assert told.lengths[2].mcnemar_adjusted < 0.05
    assert told.worse_lengths == ()
    assert told.likeness is Likeness.EQUIVALENT


def test_of_a_single_length_its_own_likeness_is_all_there_is() -> None:
    told = compare(*sides(both=141, lost=9), NAMES)

    assert told.worse_lengths == ()
    assert told.likeness is told.overall.likeness is Likeness.INCONCLUSIVE


def test_better_is_not_worse_and_not_equivalent() -> None:
    better, same = sides(both=160, gained=40), sides(both=200)

    assert compare(*better, NAMES).likeness is Likeness.NON_INFERIOR
    assert compare(*same, NAMES).likeness is Likeness.EQUIVALENT


def test_lengths_are_corrected_for_their_number_and_all_together_is_one_statement() -> None:
    """60 pairs a length prove .05 alone (59 would do), and not as one of three."""
    told = against_perfect(always(HIT), 12)

    assert {part.likeness for part in told.lengths} == {Likeness.INCONCLUSIVE}
    assert told.overall.likeness is Likeness.EQUIVALENT
    assert told.likeness is Likeness.EQUIVALENT


def test_cells_lengths_and_all_count_the_same_pairs() -> None:
    told = against_perfect(worse_at_4000)

    places = [(part.length_tokens, part.depth) for part in told.cells]
    assert places == [(length, depth) for length in LENGTHS for depth in DEPTHS]
    assert [(part.length_tokens, part.depth) for part in told.lengths] == [
        (length, None) for length in LENGTHS
    ]
    assert (told.overall.length_tokens, told.overall.depth) == (None, None)
    for parts in (told.cells, told.lengths, (told.overall,)):
        assert sum(part.pairs.n for part in parts) == 450
        assert sum(part.pairs.lost for part in parts) == 30


def test_the_order_of_the_records_changes_no_number() -> None:
    a, b = (list(side) for side in sides(both=30, lost=4, gained=2, neither=5, unanswered=3))
    told = compare(a, b, NAMES)
    random.Random(3).shuffle(a)
    random.Random(4).shuffle(b)

    again = compare(a, b, NAMES)

    assert (again.cells, again.lengths, again.overall) == (told.cells, told.lengths, told.overall)
    assert (sorted(again.lost), sorted(again.gained)) == (sorted(told.lost), sorted(told.gained))


def test_lost_and_gained_trials_are_named_and_unpaired_ones_counted() -> None:
    a, b = sides(both=2, lost=1, gained=1, unanswered=1)
    other = tuple(record(9000, repeat=i) for i in range(3))

    told = compare((*a, *other), (*b, record(8000)), NAMES)

    assert told.lost == (b[2].trial_id,)
    assert told.gained == (b[3].trial_id,)
    assert told.unpaired == (3, 1)
    assert told.overall.unanswered == 1
    assert [part.length_tokens for part in told.lengths] == [1000]


def test_what_was_asked_is_kept() -> None:
    told = against_perfect(always(HIT), margin=0.1, confidence=0.9)

    assert (told.names, told.margin, told.confidence) == (NAMES, 0.1, 0.9)


def test_a_wider_margin_and_less_confidence_prove_more() -> None:
    def likeness(**terms: float) -> Likeness:
        return against_perfect(always(HIT), 3, **terms).likeness  # type: ignore[arg-type]

    assert likeness() is Likeness.INCONCLUSIVE
    assert likeness(margin=0.1) is Likeness.EQUIVALENT
    assert likeness(confidence=0.85) is Likeness.EQUIVALENT


def test_pairs_that_share_haystacks_prove_less() -> None:
    few = against_perfect(always(HIT), 12, shared_by="repeat")
    many = against_perfect(always(HIT), 120, shared_by="repeat")

    assert few.likeness is Likeness.INCONCLUSIVE
    assert against_perfect(always(HIT), 12).likeness is Likeness.EQUIVALENT
    assert many.likeness is Likeness.EQUIVALENT
    assert few.overall.pairs.n == 180


@pytest.mark.parametrize(
    "other", [(), (record(seed="another"),)], ids=["nothing", "other questions"]
)
def test_nothing_in_common_is_refused(other: tuple[TrialRecord, ...]) -> None:
    with pytest.raises(ComparisonError, match=r"bf16 .* and fp8 .* share no trial"):
        compare((record(),), other, NAMES)


def test_the_haystacks_that_count_and_the_layout_stand_in_it() -> None:
    alone, shared = (against_perfect(always(HIT), 6, shared_by=by) for by in ("trial", "repeat"))
    few = against_perfect(always(HIT), 6, shared_by=4)

    assert [told.haystacks for told in (alone, shared, few)] == [None, 6, 4]
    silent = tuple(record(0, depth, 9, Outcome.ERRORED) for depth in DEPTHS)
    some = (*records(always(HIT), repeats=range(3)), *silent)
    assert compare(some, some, ("v", "v"), shared_by="repeat").haystacks == 3
    held = tuple(replace(record(repeat=number), distractors=number + 3) for number in range(2))
    ladder = compare(held, held, ("v", "v"), shared_by="repeat", layout="ladder")
    assert (ladder.layout, ladder.distractors) == ("ladder", (3, 4))
    assert (alone.layout, alone.distractors) == ("single", (0, 0))
