"""Lengths that the server did not answer are told, and are no misses."""

from __future__ import annotations

from collections.abc import Callable

from recallbench.diagnosis.case import Case
from recallbench.diagnosis.pattern import Pattern
from recallbench.diagnosis.unanswered import unanswered

Written = Callable[..., Case]


def test_the_longest_lengths_without_an_answer_are_told_with_the_reason(written: Written) -> None:
    cells = {(8000, 0.5): "rrm", (16000, 0.5): "ooo", (32000, 0.5): "oee"}

    (diagnosis,) = unanswered(written(cells, max_model_len=8192))

    assert diagnosis.pattern is Pattern.UNANSWERED_LENGTHS
    assert diagnosis.what == (
        "No trial above 8,000 tokens was answered: 6 trials at 16,000 to 32,000 tokens. None is a "
        "miss."
    )
    assert diagnosis.why == (
        "4 refused as too long by the server, which serves 8,192 tokens; 2 failed: out of memory, "
        "a timeout, or an engine that died"
    )
    assert diagnosis.next_command == (
        "recallbench run long --variant base --length=16000 --concurrency=1"
    )
    assert diagnosis.evidence == ("16,000 tokens: maximum context length",)


def test_where_nothing_was_answered_that_is_told(written: Written) -> None:
    (diagnosis,) = unanswered(written({(8000, 0.5): "ee", (16000, 0.5): "e"}))

    assert diagnosis.what.startswith("No trial at any length was answered: 3 trials at 8,000 to")


def test_one_answer_at_the_longest_length_is_enough(written: Written) -> None:
    assert unanswered(written({(8000, 0.5): "eee", (16000, 0.5): "eem"})) == ()
    assert unanswered(written({(8000, 0.5): "rrr", (16000, 0.5): "eet"})) == ()


def test_a_length_that_was_not_asked_yet_is_not_unanswered(written: Written) -> None:
    assert unanswered(written({(8000, 0.5): "rrr", (8000, 1.0): ""})) == ()
