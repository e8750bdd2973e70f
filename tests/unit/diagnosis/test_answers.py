"""Text of token 0, and any text over and over, is told from answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from recallbench.diagnosis.answers import answers_told, repeated_piece, suspect_answers
from recallbench.diagnosis.case import Case
from recallbench.diagnosis.pattern import Pattern
from recallbench.diagnosis.suspicion import FALSE_ALARMS

Written = Callable[..., Case]


@pytest.mark.parametrize(
    ("text", "piece"),
    [
        ("!!!!!!!!", "!"),
        ("<unk><unk><unk><unk>", "<unk>"),
        (" aut aut aut aut aut", "aut"),
        ("\n\nno no no no no no\n", "no"),
        ("数数数数数", "数"),
        ("!!!", None),
        ("", None),
        ("    ", None),
        (" 47114711.", None),
        (" a pass key for Lotus is a pass key for Lotus.", None),
        ("I could not find the pass key!!!!", None),
        ("Wait!!!! It is in the second part of the text, I am sure of it.", None),
    ],
)
def test_a_piece_is_repeated_where_it_is_most_of_the_text(text: str, piece: str | None) -> None:
    assert repeated_piece(text) == piece


def holding(case: Case) -> list[Pattern]:
    return [
        suspicion.diagnosis.pattern
        for suspicion in suspect_answers(case)
        if suspicion.diagnosis and suspicion.p_value <= FALSE_ALARMS
    ]


def test_token_zero_is_named_as_nan(written: Written) -> None:
    zeros, _ = suspect_answers(written({(8000, 0.5): "r" * 10 + "m" * 10 + "z" * 10}))

    assert zeros.diagnosis is not None
    assert zeros.diagnosis.pattern is Pattern.TOKEN_ZERO_ANSWERS
    assert zeros.diagnosis.what.startswith("10/20 (50.0%, 95% interval 29.9-70.1%) of the missed")
    assert zeros.diagnosis.why.startswith("NaN logits")
    assert zeros.diagnosis.evidence == ("such as '" + "!" * 40 + "'",)
    assert zeros.silences == frozenset()


def test_where_nearly_all_misses_are_token_zero_low_recall_is_explained(written: Written) -> None:
    zeros, _ = suspect_answers(written({(8000, 0.5): "m" * 2 + "z" * 18}))

    assert zeros.silences == {Pattern.LOW_EVERYWHERE}


def test_few_bits_are_suspected_where_they_were_asked_for(written: Written) -> None:
    zeros, _ = suspect_answers(written({(8000, 0.5): "z" * 9}, kv_cache_dtype="fp8"))

    assert zeros.diagnosis is not None
    assert "fp8 overflowing" in zeros.diagnosis.why


def test_repeated_text_is_named_where_most_misses_are(written: Written) -> None:
    assert holding(written({(8000, 0.5): "m" * 2 + "g" * 18})) == [Pattern.REPEATED_ANSWERS]
    assert holding(written({(8000, 0.5): "m" * 10 + "g" * 10})) == []


def test_answers_that_miss_in_words_are_neither(written: Written) -> None:
    assert holding(written({(8000, 0.5): "m" * 20 + "b" * 20 + "zz"})) == []
    assert suspect_answers(written({(8000, 0.5): "rrrtoe"})) == ()


def test_two_such_answers_are_no_pattern(written: Written) -> None:
    assert holding(written({(8000, 0.5): "r" * 30 + "zz"})) == []


def test_a_recalled_answer_is_never_looked_at(written: Written) -> None:
    case = written({(8000, 0.5): "r" * 20 + "mmmm"})
    shouting = tuple(
        replace(record, answer="!" * 9) if record not in case.misses else record
        for record in case.records
    )

    assert holding(replace(case, records=shouting)) == []


def test_only_kinds_that_occur_are_told(written: Written) -> None:
    assert answers_told(written({(8000, 0.5): "mmb"}).misses) == ()
    assert answers_told(written({(8000, 0.5): "mz"}).misses) == (
        "1/2 misses there are token 0 over and over, such as '" + "!" * 40 + "'",
    )
