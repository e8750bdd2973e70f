"""What is proven of one part of the grid, and of each where there are many."""

from __future__ import annotations

import pytest
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests

from recallbench.gate.compared import Compared, Likeness, clustered, compared, corrected
from recallbench.gate.pairs import Pair
from recallbench.stats.paired import PairedCounts
from recallbench.stats.paired_clusters import ClusteredPairs
from support.sides import sides


def pairs(**table: int) -> list[Pair]:
    return [Pair(a=a, b=b) for a, b in zip(*sides(**table), strict=True)]


def alone(**table: int) -> Likeness:
    """What a single part comes to."""
    return corrected([compared(pairs(**table), 0.05)], 0.05)[0].likeness


def part_of(mcnemar_p: float, inferior: float, not_inferior: float, superior: float) -> Compared:
    """A part of which nothing is known but its p-values."""
    return Compared(
        length_tokens=None,
        depth=None,
        pairs=PairedCounts(both=1, lost=0, gained=0, neither=0),
        unanswered=0,
        interval=None,
        mcnemar_p=mcnemar_p,
        p_inferior=inferior,
        p_not_inferior=not_inferior,
        p_superior=superior,
    )


def test_mcnemars_published_example_is_met() -> None:
    """Approval of the Prime Minister, twice asked; Agresti, and statsmodels' documentation."""
    part = compared(pairs(both=794, lost=86, gained=150, neither=570), 0.05)

    assert part.mcnemar_p == pytest.approx(3.716e-5, rel=1e-3)
    assert part.mcnemar_p == pytest.approx(mcnemar([[794, 86], [150, 570]], exact=True).pvalue)
    assert (part.a.k, part.b.k, part.a.n, part.b.n) == (880, 944, 1600, 1600)
    assert part.interval == pytest.approx((0.0214, 0.0590), abs=5e-5)


def test_a_part_says_which_it_is_and_counts_what_both_have_answered() -> None:
    part = compared(
        pairs(both=5, lost=4, gained=3, neither=2, unanswered=6), 0.05, length_tokens=8, depth=0.5
    )

    assert (part.length_tokens, part.depth) == (8, 0.5)
    assert part.pairs == PairedCounts(both=5, lost=4, gained=3, neither=2)
    assert part.unanswered == 6
    assert (part.a.k, part.b.k, part.a.n) == (9, 8, 14)


def test_a_part_without_an_answered_pair_has_no_numbers_and_proves_nothing() -> None:
    (part,) = corrected([compared(pairs(unanswered=3), 0.05)], 0.05)

    assert (part.interval, part.mcnemar_p, part.mcnemar_adjusted) == (None, None, None)
    assert (part.p_inferior, part.p_not_inferior, part.p_superior) == (None, None, None)
    assert part.likeness is Likeness.INCONCLUSIVE


@pytest.mark.parametrize(
    ("table", "likeness"),
    [
        ({"both": 200}, Likeness.EQUIVALENT),
        ({"both": 100, "neither": 100}, Likeness.EQUIVALENT),
        ({"both": 160, "gained": 40}, Likeness.NON_INFERIOR),
        ({"both": 160, "lost": 40}, Likeness.INFERIOR),
        ({"both": 190, "lost": 10}, Likeness.INCONCLUSIVE),
        ({"both": 20}, Likeness.INCONCLUSIVE),
        ({"lost": 1}, Likeness.INCONCLUSIVE),
    ],
    ids=str,
)
def test_a_margin_parts_equivalent_from_not_worse_from_worse_from_open(
    table: dict[str, int], likeness: Likeness
) -> None:
    assert alone(**table) is likeness


def test_59_like_pairs_prove_a_margin_of_a_twentieth_and_58_do_not() -> None:
    """.95 ** 59 = .0485 and .95 ** 58 = .0510."""
    assert alone(both=59) is Likeness.EQUIVALENT
    assert alone(both=58) is Likeness.INCONCLUSIVE


def test_pairs_of_one_round_are_one_haystack_where_they_share_it() -> None:
    held = pairs(both=100)
    free, shared = compared(held, 0.05), compared(held, 0.05, shared_by="repeat")

    assert shared.pairs == free.pairs
    assert free.p_inferior is not None
    assert shared.p_inferior is not None
    assert (free.p_inferior <= 0.05, shared.p_inferior <= 0.05) == (True, False)
    assert free.interval is not None
    assert shared.interval is not None
    assert shared.interval.low < free.interval.low


def test_clusters_are_rounds_and_an_unanswered_pair_is_lost_or_left_out() -> None:
    held = pairs(both=4, lost=1, gained=2, neither=1, unanswered=3)

    assert clustered(held, "repeat") == ClusteredPairs(lost=(1, 0), gained=(0, 2), trials=(5, 3))
    assert clustered(held, "repeat", with_unanswered_as_lost=True) == ClusteredPairs(
        lost=(1, 2, 1), gained=(0, 2, 0), trials=(5, 5, 1)
    )


def test_many_parts_are_corrected_as_statsmodels_does_it() -> None:
    many = [
        (0.01, 0.001, 0.9, 0.001),
        (0.04, 0.001, 0.9, 0.02),
        (0.5, 0.02, 0.9, 0.5),
        (0.03, 0.9, 0.001, 0.9),
        (0.04, 0.9, 0.02, 0.9),
    ]

    told = corrected([part_of(*values) for values in many], 0.05)

    by_statsmodels = multipletests([values[0] for values in many], method="holm")[1]
    assert [part.mcnemar_adjusted for part in told] == pytest.approx(list(by_statsmodels))
    assert [part.likeness for part in told] == [
        Likeness.EQUIVALENT,
        Likeness.NON_INFERIOR,
        Likeness.INCONCLUSIVE,
        Likeness.INFERIOR,
        Likeness.INCONCLUSIVE,
    ]


def test_what_is_said_of_one_of_many_takes_more_pairs() -> None:
    part = compared(pairs(both=59), 0.05)
    weak = compared(pairs(both=30), 0.05)

    assert corrected([part], 0.05)[0].likeness is Likeness.EQUIVALENT
    assert {each.likeness for each in corrected([part, weak], 0.05)} == {Likeness.INCONCLUSIVE}


def test_a_part_without_pairs_costs_the_others_nothing() -> None:
    part, empty = compared(pairs(both=59), 0.05), compared([], 0.05)

    assert [each.likeness for each in corrected([empty, part], 0.05)] == [
        Likeness.INCONCLUSIVE,
        Likeness.EQUIVALENT,
    ]


def test_what_was_not_answered_must_not_help_to_be_alike_nor_to_be_worse() -> None:
    assert alone(both=60) is Likeness.EQUIVALENT
    assert alone(both=60, unanswered=8) is Likeness.INCONCLUSIVE
    assert alone(both=160, lost=40, unanswered=40) is Likeness.INFERIOR
    assert alone(both=970, gained=30) is Likeness.EQUIVALENT
    assert alone(both=970, gained=30, unanswered=30) is Likeness.NON_INFERIOR
    assert alone(both=100, unanswered=100) is Likeness.INCONCLUSIVE


def test_unanswered_pairs_of_one_haystack_must_not_help_either() -> None:
    def likeness(**table: int) -> Likeness:
        return corrected([compared(pairs(**table), 0.05, shared_by="repeat")], 0.05)[0].likeness

    assert likeness(both=1000) is Likeness.EQUIVALENT
    assert likeness(both=1000, unanswered=200) is Likeness.INCONCLUSIVE
    assert likeness(both=2910, gained=90) is Likeness.EQUIVALENT
    assert likeness(both=2910, gained=90, unanswered=90) is Likeness.NON_INFERIOR


def test_parts_beside_share_the_chance_of_a_wrong_inferior_and_of_nothing_else() -> None:
    worse, fine = part_of(0.5, 0.9, 0.03, 0.9), part_of(0.5, 0.03, 0.9, 0.03)
    beside = [part_of(0.01, 0.01, 0.9, 0.01)]

    assert corrected([worse], 0.05)[0].likeness is Likeness.INFERIOR
    assert corrected([worse], 0.05, beside=beside)[0].likeness is Likeness.INCONCLUSIVE
    (told,) = corrected([fine], 0.05, beside=beside)
    assert told.likeness is Likeness.EQUIVALENT
    assert told.mcnemar_adjusted == fine.mcnemar_p
