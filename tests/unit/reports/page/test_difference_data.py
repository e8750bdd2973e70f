"""The page's differences are those that a comparison of the same two variants comes to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recallbench.domain import Outcome, TrialRecord
from recallbench.domain.layout import Haystacks
from recallbench.gate.compared import Compared
from recallbench.gate.comparison import compare
from recallbench.reports.page.difference_data import difference_data
from support.records import HIT, MISS, always, record, records

LENGTHS = (500, 1000)
DEPTHS = (0.0, 1.0)


def data_of(*variants: Sequence[TrialRecord], shared_by: Haystacks = "trial") -> list[Any]:
    names = [f"v{place}" for place in range(len(variants))]
    held = dict(zip(names, variants, strict=True))
    return difference_data(held, names, lengths=LENGTHS, depths=DEPTHS, shared_by=shared_by)


def asked(outcomes: Sequence[Outcome]) -> list[TrialRecord]:
    """Four cells in turn, then the next repeat."""
    places = [(length, depth) for length in LENGTHS for depth in DEPTHS]
    return [
        record(*places[number % 4], number // 4, outcome) for number, outcome in enumerate(outcomes)
    ]


def numbers(part: Compared) -> list[int | float | None]:
    low, high = part.interval or (None, None)
    return [part.pairs.n, part.pairs.lost, part.pairs.gained, low, high]


OUTCOMES = st.lists(st.sampled_from([HIT, HIT, MISS, Outcome.TRUNCATED]), min_size=1, max_size=24)


@settings(max_examples=40, deadline=None)
@given(OUTCOMES, OUTCOMES, st.sampled_from(["trial", "repeat", 2]))
def test_every_number_is_that_of_the_comparison(
    first: list[Outcome], second: list[Outcome], shared_by: Haystacks
) -> None:
    a, b = asked(first), asked(second)

    (data,) = data_of(a, b, shared_by=shared_by)

    said = compare(a, b, ("v0", "v1"), shared_by=shared_by)
    assert data["all"] == numbers(said.overall)
    assert data["lengths"] == [
        [LENGTHS.index(part.length_tokens or 0), *numbers(part)] for part in said.lengths
    ]
    assert data["cells"] == [
        [LENGTHS.index(part.length_tokens or 0), DEPTHS.index(part.depth or 0.0), *numbers(part)]
        for part in said.cells
    ]


def test_every_two_variants_are_there_once_the_earlier_first() -> None:
    trials = asked([HIT] * 4)

    data = data_of(trials, trials, trials)

    assert [(each["a"], each["b"]) for each in data] == [(0, 1), (0, 2), (1, 2)]
    assert data_of(trials) == []


def test_lost_is_what_only_the_earlier_recalls() -> None:
    (data,) = data_of(asked([HIT, HIT, HIT, MISS]), asked([MISS, MISS, HIT, HIT]))

    assert data["all"][:3] == [4, 2, 1]
    assert [row[:5] for row in data["cells"]] == [
        [0, 0, 1, 1, 0],
        [0, 1, 1, 1, 0],
        [1, 0, 1, 0, 0],
        [1, 1, 1, 0, 1],
    ]


def test_pairs_without_an_answer_count_nowhere_and_a_cell_of_only_them_has_no_interval() -> None:
    (data,) = data_of(asked([Outcome.ERRORED, HIT]), asked([HIT, HIT]))

    assert data["cells"][0] == [0, 0, 0, 0, 0, None, None]
    assert data["all"][0] == 1


@pytest.mark.parametrize("second", [(), asked([HIT])])
def test_what_shares_no_trial_says_so_and_has_no_numbers(second: Sequence[TrialRecord]) -> None:
    others = [replace(each, trial_id=f"{each.trial_id}0") for each in second]

    (data,) = data_of(asked([HIT]), others)

    assert data["why_not"].startswith("v0 (1 trials) and v1")
    assert (data["cells"], data["lengths"]) == ([], [])
    assert data["all"] == [0, 0, 0, None, None]


def test_other_prompts_under_the_same_name_are_no_pairs() -> None:
    a = asked([HIT, HIT])

    (data,) = data_of(a, [replace(each, prompt_sha256="f" * 64) for each in a])

    assert "other tokens" in data["why_not"]
    assert data["all"][0] == 0


def test_a_variant_that_was_never_asked_is_a_reason_and_no_error() -> None:
    trials = asked([HIT])

    (data,) = difference_data({"v0": trials}, ["v0", "v1"], lengths=LENGTHS, depths=DEPTHS)

    assert "(0 trials)" in data["why_not"]


def test_shared_haystacks_widen_the_interval() -> None:
    a = records(always(HIT), lengths=LENGTHS, depths=DEPTHS)
    b = records(lambda *place: MISS if place[2] == 0 else HIT, lengths=LENGTHS, depths=DEPTHS)

    alone, shared = (data_of(a, b, shared_by=by)[0]["all"] for by in ("trial", "repeat"))

    assert alone[:3] == shared[:3]
    assert shared[3] < alone[3] < alone[4] < shared[4]
