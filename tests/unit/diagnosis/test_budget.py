"""Answers that were cut are told from answers that talk because the key is lost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from recallbench.diagnosis.budget import suspect_budget
from recallbench.diagnosis.case import Case
from recallbench.diagnosis.pattern import Diagnosis, Pattern
from recallbench.diagnosis.suspicion import FALSE_ALARMS

Written = Callable[..., Case]


def told(case: Case) -> Diagnosis | None:
    (suspicion,) = suspect_budget(case)
    return suspicion.diagnosis if suspicion.p_value <= FALSE_ALARMS else None


def found(case: Case) -> Diagnosis:
    diagnosis = told(case)
    assert diagnosis is not None
    return diagnosis


def test_truncated_answers_are_named(written: Written) -> None:
    diagnosis = found(written({(8000, 0.5): "r" * 20 + "t" * 10}))

    assert diagnosis.pattern is Pattern.ANSWERS_CUT
    assert diagnosis.what == (
        "10/30 (33.3%, 95% interval 19.2-51.2%) of the answers ended at a limit before they held "
        "the key."
    )
    assert "raise answer.max_tokens in the suite" in diagnosis.why
    assert diagnosis.evidence == (
        "10 ended by the answer budget of 64 tokens before there was an answer: in no recall",
    )


def test_a_few_cut_answers_are_no_pattern(written: Written) -> None:
    assert told(written({(8000, 0.5): "r" * 50 + "tt"})) is None
    assert told(written({(8000, 0.5): "r" * 100 + "ttt"})) is None
    assert told(written({(8000, 0.5): "rtt"})) is None
    assert told(written({(8000, 0.5): "r" * 50 + "m" * 50})) is None


def test_misses_that_use_their_budget_are_suspected_where_nothing_speaks_against_it(
    written: Written,
) -> None:
    diagnosis = found(written({(8000, 0.5): "b" * 20}))

    assert diagnosis.evidence == (
        "20 missed with the whole budget used: the key may have come later, or not",
    )


def test_where_recalled_answers_tell_the_key_early_more_tokens_would_not_help(
    written: Written,
) -> None:
    assert told(written({(8000, 0.5): "r" * 10 + "b" * 20})) is None


def test_where_recalled_answers_tell_the_key_late_they_would(written: Written) -> None:
    case = written({(8000, 0.5): "r" * 10 + "b" * 20})
    long = "After reading it all I believe that the pass key which was hidden there is "
    late = tuple(
        replace(record, answer=long + record.key) if record not in case.misses else record
        for record in case.records
    )

    assert told(replace(case, records=late)) is not None


def test_half_of_the_misses_at_the_budget_is_chance(written: Written) -> None:
    assert told(written({(8000, 0.5): "b" * 10 + "m" * 10})) is None


def test_garbage_that_never_ends_is_no_matter_of_budget(written: Written) -> None:
    assert told(written({(8000, 0.5): "z" * 10 + "g" * 10})) is None


def test_a_budget_that_the_server_cut_itself_is_told_apart(written: Written) -> None:
    case = written({(8000, 0.5): "r" * 10 + "b" * 20})
    clamped = tuple(
        replace(record, completion_tokens=7) if record in case.misses else record
        for record in case.records
    )

    diagnosis = found(replace(case, records=clamped))

    assert diagnosis.why.endswith("raise max_model_len, or ask shorter prompts, and ask again")
    assert diagnosis.evidence == (
        "20 missed and ended by the server short of that budget: the context was full",
    )


def test_no_answer_is_no_cut_answer(written: Written) -> None:
    assert suspect_budget(written({(8000, 0.5): "oe"})) == ()
