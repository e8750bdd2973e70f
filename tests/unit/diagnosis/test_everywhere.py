"""Recall that is low at the shortest length already has no cause in length."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from recallbench.diagnosis.case import Case
from recallbench.diagnosis.everywhere import suspect_everywhere
from recallbench.diagnosis.pattern import Diagnosis, Pattern

Written = Callable[..., Case]


def lengths(*hits: int) -> dict[tuple[int, float], str]:
    return {
        (8000 * 2**index, 0.5): "r" * number + "m" * (20 - number)
        for index, number in enumerate(hits)
    }


def told(case: Case) -> Diagnosis | None:
    (suspicion,) = suspect_everywhere(case)
    return suspicion.diagnosis if suspicion.p_value < 0.001 else None


def found(case: Case) -> Diagnosis:
    diagnosis = told(case)
    assert diagnosis is not None
    return diagnosis


def test_low_recall_at_every_length_is_named_with_its_numbers(written: Written) -> None:
    diagnosis = found(written(lengths(10, 8, 9)))

    assert diagnosis.pattern is Pattern.LOW_EVERYWHERE
    assert diagnosis.what == (
        "Recall is low at the shortest lengths already: 10/20 (50.0%, 95% interval 29.9-70.1%) at "
        "8,000 tokens, and 27/60 (45.0%, 95% interval 33.1-57.5%) over all."
    )
    assert diagnosis.evidence[1] == "16,000 tokens: 8/20 (40.0%, 95% interval 21.9-61.3%)"
    assert diagnosis.next_command.startswith("recallbench check")


@pytest.mark.parametrize(
    ("facts", "cause"),
    [
        ({"rope_proof": "mismatch"}, "the engine was seen to run another RoPE"),
        ({"rope_type": "linear"}, "linear scaling, which a model must be trained with"),
        ({}, "rope_theta lost by an override"),
        ({"rope_proof": "proved", "quantization": "awq"}, "too few bits (awq)"),
        ({"rope_proof": "proved"}, "a chat template that is not the model's"),
    ],
)
def test_the_likeliest_cause_comes_first(
    written: Written, facts: dict[str, object], cause: str
) -> None:
    assert found(written(lengths(10, 8), **facts)).why.startswith(cause)


def test_a_proved_rope_is_not_blamed_and_not_checked_again(written: Written) -> None:
    diagnosis = found(written(lengths(10, 8), rope_proof="proved"))

    assert "rope" not in diagnosis.why
    assert diagnosis.next_command == (
        "recallbench run long --variant base --length=8000 --concurrency=1"
    )


def test_conditions_that_could_not_be_compared_are_not_ruled_out(written: Written) -> None:
    evidence = found(written(lengths(10, 8))).evidence

    assert evidence[-1].endswith("the prefix cache is not ruled out")
    assert "!!!!" in found(written({(8000, 0.5): "z" * 20})).evidence[1]


@pytest.mark.parametrize("hits", [(20, 20), (18, 17), (20, 4, 0), (19, 2), (16, 20, 20)])
def test_recall_that_is_fine_at_the_shortest_length_is_not_low_everywhere(
    written: Written, hits: tuple[int, ...]
) -> None:
    assert told(written(lengths(*hits))) is None


def test_recall_that_is_a_little_less_than_healthy_is_not_low(written: Written) -> None:
    assert told(written({(8000, 0.5): "r" * 85 + "m" * 15, (16000, 0.5): "r" * 8 + "mm"})) is None


def test_a_length_that_is_surely_fine_speaks_against_it(written: Written) -> None:
    cells = {**lengths(10, 8), (64000, 0.5): "r" * 40}

    assert told(written(cells)) is None
    assert told(written({**cells, (64000, 0.5): "r" * 5})) is not None


def test_short_lengths_are_pooled_until_they_tell(written: Written) -> None:
    cells = {(1000, 0.5): "rrmmm", (2000, 0.5): "rrmmm", (4000, 0.5): "rmmmm", (8000, 0.5): "rmmmm"}

    assert "6/20" in found(written(cells)).what


def test_without_an_answer_nothing_is_low(written: Written) -> None:
    assert suspect_everywhere(written({(8000, 0.5): "oet"})) == ()
