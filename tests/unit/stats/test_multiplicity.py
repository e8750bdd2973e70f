"""Many tests err together no more often than one."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recallbench.stats.multiplicity import holm

p_values = st.lists(st.one_of(st.none(), st.floats(0.0, 1.0)), max_size=20)


def test_the_smallest_p_value_pays_for_all_and_the_next_for_the_rest() -> None:
    """Worked by hand: 3 * 0.01, 2 * 0.02, and 0.03, which may not be below the one before it."""
    assert holm([0.02, 0.01, 0.03]) == pytest.approx((0.04, 0.03, 0.04))


def test_a_test_without_data_stays_without_and_is_not_counted() -> None:
    assert holm([None, 0.02, None, 0.5]) == (None, 0.04, None, 0.5)


def test_one_test_pays_nothing() -> None:
    assert holm([0.04]) == (0.04,)


@pytest.mark.parametrize("nothing", [(), (None,), (None, None)])
def test_nothing_stays_nothing(nothing: tuple[None, ...]) -> None:
    assert holm(nothing) == nothing


@settings(deadline=None, max_examples=25)
@given(p_values)
def test_adjusted_p_values_stand_in_their_order_between_their_own_and_bonferronis(
    given_p: list[float | None],
) -> None:
    adjusted = holm(given_p)
    pairs = [(p, q) for p, q in zip(given_p, adjusted, strict=True) if p is not None]

    assert [q is None for q in adjusted] == [p is None for p in given_p]
    for p, q in pairs:
        assert q is not None
        assert p - 1e-12 <= q <= min(1.0, p * len(pairs)) + 1e-12
    ranked = [q for _, q in sorted(pairs, key=lambda pair: pair[0]) if q is not None]
    assert ranked == sorted(ranked)


@pytest.mark.parametrize("p", [-0.1, 1.5, float("nan")])
def test_what_is_no_p_value_is_refused(p: float) -> None:
    with pytest.raises(ValueError, match=r"a p-value must be in \[0, 1\], got"):
        holm([0.5, p])
