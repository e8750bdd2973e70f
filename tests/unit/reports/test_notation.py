"""Values are written the same everywhere, and never rounded to a better one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recallbench.reports.notation import (
    counted,
    printable,
    written_depth,
    written_hits,
    written_interval,
    written_length,
    written_share,
)
from recallbench.stats import Interval, Proportion


@pytest.mark.parametrize(
    ("share", "decimals", "written"),
    [
        (0.0, 1, "0%"),
        (1.0, 1, "100%"),
        (0.984, 1, "98.4%"),
        (0.984, 0, "98%"),
        (0.999, 1, "99.9%"),
        (0.9999, 1, ">99.9%"),
        (0.0004, 1, "<0.1%"),
        (0.001, 1, "0.1%"),
        (0.996, 0, ">99%"),
        (0.004, 0, "<1%"),
        (0.5, 1, "50.0%"),
    ],
)
def test_a_share_is_a_percentage(share: float, decimals: int, written: str) -> None:
    assert written_share(share, decimals=decimals) == written


@given(st.integers(2, 100_000), st.integers(0, 3))
def test_one_miss_or_one_hit_stays_visible(n: int, decimals: int) -> None:
    assert written_share((n - 1) / n, decimals=decimals) != "100%"
    assert not written_share((n - 1) / n, decimals=decimals).startswith("100.")
    assert float(written_share(1 / n, decimals=decimals).strip("<>%")) > 0


@pytest.mark.parametrize(
    ("depth", "written"),
    [(0.0, "0%"), (0.5, "50%"), (1.0, "100%"), (0.125, "12.5%"), (1 / 3, "33.33%")],
)
def test_a_depth_has_as_many_decimals_as_it_needs(depth: float, written: str) -> None:
    assert written_depth(depth) == written


def test_lengths_and_hits_have_thousands_separators() -> None:
    assert written_length(1_048_576) == "1,048,576"
    assert written_hits(Proportion(k=999, n=1200)) == "999/1,200"


def test_an_interval_has_one_percent_sign() -> None:
    assert written_interval(Interval(low=0.566, high=1.0)) == "56.6-100%"
    assert written_interval(Interval(low=0.0, high=0.0457)) == "0-4.6%"


def test_an_end_that_is_only_nearly_all_or_none_is_no_arrow() -> None:
    assert written_interval(Interval(low=0.398, high=0.9999)) == "39.8% to >99.9%"
    assert written_interval(Interval(low=0.0001, high=0.5)) == "<0.1% to 50.0%"


def test_only_one_is_singular() -> None:
    assert [counted(number, "trial") for number in (0, 1, 2, 1200)] == [
        "0 trials",
        "1 trial",
        "2 trials",
        "1,200 trials",
    ]


def test_what_cannot_be_printed_is_spelled() -> None:
    assert printable("qwen\x1b[31m\n数 $x$\ud800\0") == r"qwen\x1b[31m\n数 $x$\ud800\x00"
