"""Pairs of one haystack count for what they are worth, and never for more."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recallbench.stats.paired import PairedCounts
from recallbench.stats.paired_clusters import ClusteredPairs

Method = Callable[[ClusteredPairs, float], float | None]
METHODS: tuple[Method, ...] = (
    ClusteredPairs.p_inferior_by,
    ClusteredPairs.p_not_inferior_by,
    ClusteredPairs.p_superior_by,
)

haystacks = st.lists(
    st.integers(0, 6).flatmap(
        lambda n: st.integers(0, n).flatmap(
            lambda lost: st.tuples(st.just(lost), st.integers(0, n - lost), st.just(n))
        )
    ),
    min_size=1,
    max_size=10,
).filter(lambda cells: any(n for _, _, n in cells))


def clustered(cells: list[tuple[int, int, int]]) -> ClusteredPairs:
    lost, gained, trials = zip(*cells, strict=True)
    return ClusteredPairs(lost=lost, gained=gained, trials=trials)


@settings(deadline=None)
@given(st.lists(st.sampled_from([(0, 0), (1, 0), (0, 1)]), min_size=1, max_size=40))
def test_a_haystack_a_pair_gives_exactly_the_plain_answers(pairs: list[tuple[int, int]]) -> None:
    found = clustered([(lost, gained, 1) for lost, gained in pairs])
    lost, gained = sum(found.lost), sum(found.gained)
    plain = PairedCounts(both=len(pairs) - lost - gained, lost=lost, gained=gained, neither=0)

    assert found.effective_n == plain.n == found.n
    assert found.difference == plain.difference
    assert found.interval() == plain.interval()
    assert found.p_inferior_by(0.05) == plain.p_inferior_by(0.05)
    assert found.p_not_inferior_by(0.05) == plain.p_not_inferior_by(0.05)
    assert found.p_superior_by(0.05) == plain.p_superior_by(0.05)


def test_haystacks_in_which_all_pairs_agree_count_as_one_pair_each() -> None:
    found = ClusteredPairs(lost=(0,) * 20, gained=(0,) * 20, trials=(5,) * 20)
    plain = PairedCounts(both=20, lost=0, gained=0, neither=0)

    assert found.effective_n == pytest.approx(20.0)
    assert found.interval() == pytest.approx(plain.interval())
    assert found.p_inferior_by(0.1) == pytest.approx(plain.p_inferior_by(0.1))


def test_haystacks_that_are_lost_whole_count_as_one_pair_each() -> None:
    found = ClusteredPairs(lost=(0, 5, 0, 5, 0, 0, 0, 0), gained=(0,) * 8, trials=(5,) * 8)
    plain = PairedCounts(both=6, lost=2, gained=0, neither=0)

    assert found.effective_n == pytest.approx(8.0)
    assert found.p_not_inferior_by(0.05) == pytest.approx(plain.p_not_inferior_by(0.05))


def test_losses_spread_over_all_haystacks_prove_more_than_losses_of_a_few() -> None:
    spread = ClusteredPairs(lost=(1,) * 40, gained=(0,) * 40, trials=(5,) * 40)
    heaped = ClusteredPairs(lost=(5,) * 8 + (0,) * 32, gained=(0,) * 40, trials=(5,) * 40)
    p_spread, p_heaped = spread.p_not_inferior_by(0.1), heaped.p_not_inferior_by(0.1)

    assert spread.difference == heaped.difference == -0.2
    assert p_spread is not None
    assert p_heaped is not None
    assert p_spread < 0.01
    assert p_heaped > 0.04


def test_gains_and_losses_within_a_haystack_are_no_likeness() -> None:
    """What counts is the haystack's difference; that they cancel out makes it vary less."""
    found = ClusteredPairs(lost=(1,) * 100, gained=(1,) * 100, trials=(4,) * 100)

    assert found.design_effect == 1.0


@settings(deadline=None)
@given(haystacks, st.sampled_from([0.0, 0.05, 0.2]))
def test_pairs_are_worth_at_most_their_number_and_the_answers_are_probabilities(
    cells: list[tuple[int, int, int]], margin: float
) -> None:
    found = clustered(cells)
    squares = sum(n * n for n in found.trials)
    effective, interval = found.effective_n, found.interval()
    assert effective is not None
    assert interval is not None
    assert found.difference is not None

    assert found.n**2 / squares - 1e-9 <= effective <= found.n
    assert -1.0 <= interval.low <= found.difference <= interval.high <= 1.0
    assert interval.low < interval.high
    for method in METHODS:
        p = method(found, margin)
        assert p is not None
        assert 0.0 <= p <= 1.0


@settings(deadline=None)
@given(haystacks)
def test_better_by_a_margin_is_worse_by_it_with_the_variants_swapped(
    cells: list[tuple[int, int, int]],
) -> None:
    found = clustered(cells)
    swapped = ClusteredPairs(lost=found.gained, gained=found.lost, trials=found.trials)

    assert found.p_superior_by(0.1) == pytest.approx(swapped.p_inferior_by(0.1))


@pytest.mark.parametrize("trials", [(), (0, 0)])
def test_no_pairs_have_no_answers(trials: tuple[int, ...]) -> None:
    found = ClusteredPairs(lost=trials, gained=trials, trials=trials)
    answers = found.difference, found.design_effect, found.effective_n, found.interval()

    assert set(answers) == {None}
    assert [method(found, 0.05) for method in METHODS] == [None] * 3


def test_impossible_counts_are_refused() -> None:
    with pytest.raises(ValueError, match="must be of one length, got 1, 1 and 2"):
        ClusteredPairs(lost=(1,), gained=(0,), trials=(1, 2))
    with pytest.raises(ValueError, match="got lost=2, gained=1, trials=2"):
        ClusteredPairs(lost=(2,), gained=(1,), trials=(2,))
    with pytest.raises(ValueError, match="got lost=-1, gained=1, trials=2"):
        ClusteredPairs(lost=(-1,), gained=(1,), trials=(2,))


@pytest.mark.parametrize("method", METHODS)
def test_a_margin_outside_0_and_1_is_refused(method: Method) -> None:
    with pytest.raises(ValueError, match="margin must be in"):
        method(ClusteredPairs(lost=(), gained=(), trials=()), 5.0)


def test_a_confidence_outside_0_and_1_is_refused() -> None:
    with pytest.raises(ValueError, match="confidence must be in"):
        ClusteredPairs(lost=(), gained=(), trials=()).interval(95.0)


def test_a_haystack_has_one_vote_on_which_variant_recalls_more() -> None:
    """Six of six haystacks lose, however many pairs each: 2 / 2 ** 6."""
    six = ClusteredPairs(lost=(5,) * 6, gained=(0,) * 6, trials=(5,) * 6)

    assert six.mcnemar_p == pytest.approx(2 / 2**6)
    assert ClusteredPairs(lost=(1, 2), gained=(1, 2), trials=(5, 5)).mcnemar_p == 1.0
    assert ClusteredPairs(lost=(), gained=(), trials=()).mcnemar_p is None


def test_single_pairs_vote_as_mcnemar_counts_them() -> None:
    single = ClusteredPairs(lost=(1,) * 9 + (0,) * 3, gained=(0,) * 9 + (1,) * 3, trials=(1,) * 12)
    pairs = PairedCounts(both=0, lost=9, gained=3, neither=0)

    assert single.mcnemar_p == pytest.approx(pairs.mcnemar_p)
