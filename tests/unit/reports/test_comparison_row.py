"""A line of the table has every number, or a dash."""

from __future__ import annotations

from collections.abc import Callable

from recallbench.gate.comparison import Comparison
from recallbench.reports.comparison_row import comparison_rows

Make = Callable[..., Comparison]


def test_a_row_for_each_length_then_one_over_all(make_comparison: Make) -> None:
    found = make_comparison(
        {
            (32_000, 0.5): ("r" * 20, "r" * 14 + "m" * 6),
            (8000, 0.0): ("rrm", "rrr"),
            (8000, 1.0): ("rm", "rm"),
        }
    )

    rows = comparison_rows(found)

    assert [row[:4] for row in rows] == [
        ("8,000", "3/5", "4/5", "+20.0"),
        ("32,000", "20/20", "14/20", "-30.0"),
        ("overall", "23/25", "18/25", "-20.0"),
    ]
    # Binomial, two-sided: 1 of 1, 6 of 6, and 6 of 7; Holm doubles the smaller of two.
    assert [row[5:8] for row in rows] == [
        ("-0/+1", "1", "1"),
        ("-6/+0", "0.0312", "0.0625"),
        ("-6/+1", "0.125", "-"),
    ]
    assert [row.verdict for row in rows] == ["inconclusive", "inferior", "inconclusive"]


def test_no_pairs_are_dashes(make_comparison: Make) -> None:
    row = comparison_rows(make_comparison({(8000, 0.5): ("r", "e")}))[0]

    assert row == ("8,000", "-", "-", "-", "-", "-0/+0", "-", "-", "inconclusive")
