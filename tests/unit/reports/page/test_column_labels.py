"""Labels below columns never touch, never leave the chart, and the last column has its own."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from recallbench.reports.page.column_labels import (
    TEXT,
    ColumnLabels,
    column_labels,
    shortened,
    text_width,
)

LEFT, RIGHT, WIDTH = 40.0, 352.0, 360.0
texts = st.text(min_size=1, max_size=30)


def placed(labels: list[str]) -> ColumnLabels:
    column = (RIGHT - LEFT) / len(labels)
    middles = [LEFT + column * (number + 0.5) for number in range(len(labels))]
    return column_labels(labels, middles, top=180.0, width=WIDTH)


@given(st.lists(texts, min_size=1, max_size=120))
def test_no_label_touches_another_or_leaves_the_chart(labels: list[str]) -> None:
    told = placed(labels)

    if told.are_upright:
        spans = [(label.x - TEXT, label.x) for label in told.labels]
        assert all(text_width(label.text) < told.height for label in told.labels)
    else:
        halves = [(label.x, text_width(label.text) / 2) for label in told.labels]
        spans = [(x - half, x + half) for x, half in halves]
        assert all(180 + TEXT <= label.y <= 180 + told.height for label in told.labels)
    assert spans[0][0] >= -0.01
    assert spans[-1][1] <= WIDTH + 0.01
    assert all(first[1] < second[0] for first, second in pairwise(spans))


@given(st.lists(texts, min_size=1, max_size=120))
def test_eight_at_most_are_written_and_the_last_always(labels: list[str]) -> None:
    told = placed(labels)

    assert min(len(labels), 4) <= len(told.labels) <= 8
    assert told.labels[-1].text == shortened(labels[-1])


@given(st.lists(texts, min_size=1, max_size=8))
def test_up_to_eight_labels_are_all_written(labels: list[str]) -> None:
    assert [label.text for label in placed(labels).labels] == list(map(shortened, labels))


def test_of_many_columns_every_few_is_written_at_even_distances() -> None:
    told = placed([str(number) for number in range(20)])

    assert [label.text for label in told.labels] == ["1", "4", "7", "10", "13", "16", "19"]
    assert not told.are_upright


def test_labels_are_upright_only_for_want_of_width() -> None:
    assert not placed(["1,000", "8,000", "32,768"]).are_upright
    assert placed(["1,000,000"] * 6).are_upright


def test_a_long_label_is_cut_and_a_control_character_is_spelled() -> None:
    assert shortened("2026-11-21 05:52") == "2026-11-21 05:52"
    assert shortened("a" * 17) == "a" * 15 + "\N{HORIZONTAL ELLIPSIS}"
    assert shortened("a\x00b") == r"a\x00b"


@given(texts, texts)
def test_a_longer_text_is_wider(first: str, second: str) -> None:
    assert text_width(first + second) > max(text_width(first), text_width(second))
