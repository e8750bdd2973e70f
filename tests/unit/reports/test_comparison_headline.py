"""The verdict stands in one sentence with its margin, its p-value, its level and its pairs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from statsmodels.stats.multitest import multipletests

from recallbench.gate.comparison import Comparison
from recallbench.reports.comparison_headline import headline, named_lengths, verdict_phrase

Make = Callable[..., Comparison]


def one_length(a: str, b: str) -> dict[tuple[int, float], tuple[str, str]]:
    return {(8000, 0.5): (a, b)}


def test_sixty_pairs_alike_are_equivalent_within_5_points(make_comparison: Make) -> None:
    found = make_comparison(one_length("r" * 60, "r" * 60))

    # 0.95^60 = 0.0461 on either side.
    assert headline(found) == (
        "fp8 is EQUIVALENT to base within 5 points "
        "(p = 0.0461, two one-sided tests at 95%, 60 pairs)"
    )


def test_gains_leave_non_inferiority(make_comparison: Make) -> None:
    found = make_comparison(one_length("r" * 95 + "m" * 5, "r" * 100))

    assert headline(found).startswith("fp8 is NON-INFERIOR to base at a margin of 5 points (p ")
    assert headline(found).endswith(", 95% one-sided, 100 pairs)")


def test_few_pairs_are_inconclusive_and_so_not_said_to_be_anything(make_comparison: Make) -> None:
    found = make_comparison(one_length("r" * 20, "r" * 20))

    # 0.95^20 = 0.358.
    assert headline(found) == (
        "fp8 against base is INCONCLUSIVE at a margin of 5 points "
        "(p = 0.358, 95% one-sided, 20 pairs)"
    )


def test_losses_are_inferior_by_more_than_the_margin(make_comparison: Make) -> None:
    found = make_comparison(one_length("r" * 40, "r" * 20 + "m" * 20), margin=0.1, confidence=0.99)

    assert verdict_phrase(found) == (
        "INFERIOR by more than 10 points (p < 0.0001, 99% one-sided, 40 pairs)"
    )


def test_lengths_that_alone_are_inferior_have_the_p_value_of_all_lengths(
    make_comparison: Make,
) -> None:
    good = {(length, 0.5): ("r" * 80, "r" * 80) for length in (1000, 2000, 4000, 8000, 16000)}
    found = make_comparison(good | {(32_000, 0.5): ("r" * 40, "r" * 30 + "m" * 10)})

    ps = [part.p_not_inferior for part in (found.overall, *found.lengths)]
    corrected = multipletests(ps, method="holm")[1][-1]
    assert verdict_phrase(found) == (
        f"INFERIOR by more than 5 points at 32,000 tokens (p = {corrected:.4f}, corrected over 6 "
        "lengths, 95% one-sided, 40 pairs)"
    )
    assert corrected == pytest.approx(7 * (ps[-1] or 0))


def test_a_variant_held_against_itself_needs_no_proof(make_comparison: Make) -> None:
    found = replace(make_comparison(one_length("rr", "rr")), is_same=True)

    assert (
        headline(found) == "fp8 is EQUIVALENT to base within 5 points (2 pairs, the same records)"
    )


def test_no_pairs_are_a_number_without_a_p_value(make_comparison: Make) -> None:
    found = make_comparison(one_length("e", "r"))

    assert verdict_phrase(found) == "INCONCLUSIVE at a margin of 5 points (0 pairs)"


def test_only_the_first_lengths_are_named() -> None:
    assert named_lengths([8000]) == "8,000 tokens"
    assert named_lengths([1, 2, 3, 4]) == "1, 2, 3 tokens and 1 more length"
    assert named_lengths([1, 2, 3, 4, 5]) == "1, 2, 3 tokens and 2 more lengths"
