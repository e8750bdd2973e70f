"""Rounds hold counts of one trial, or pair, at each depth."""

from __future__ import annotations

import pytest

from recallbench.stats.rounds import PairedRound, Round, common_size


def test_a_round_counts_every_asked_trial() -> None:
    assert Round(hits=3, misses=1, unmeasured=1).size == 5


def test_a_paired_round_counts_every_asked_pair() -> None:
    assert PairedRound(lost=1, gained=2, same=3, unmeasured=4).size == 10


def test_negative_counts_are_refused() -> None:
    with pytest.raises(ValueError, match=r"at least 0, got .*'misses': -1"):
        Round(hits=5, misses=-1)
    with pytest.raises(ValueError, match=r"at least 0, got .*'lost': -2"):
        PairedRound(lost=-2, gained=0, same=5)


def test_rounds_share_one_size() -> None:
    assert common_size([Round(hits=5, misses=0), Round(hits=1, misses=1, unmeasured=3)]) == 5
    assert common_size([]) is None


@pytest.mark.parametrize(
    "rounds", [[Round(hits=5, misses=0), Round(hits=4, misses=0)], [Round(hits=0, misses=0)]]
)
def test_rounds_of_several_sizes_or_of_none_are_refused(rounds: list[Round]) -> None:
    with pytest.raises(ValueError, match="same number of trials, at least 1"):
        common_size(rounds)
