"""A decline is a fall with length, told with the longest length that is safe."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from recallbench.diagnosis.case import Case
from recallbench.diagnosis.decline import longest_safe, suspect_decline
from recallbench.diagnosis.pattern import Diagnosis, Pattern

Written = Callable[..., Case]


def lengths(*hits: int, trials: int = 20) -> dict[tuple[int, float], str]:
    return {
        (8000 * 2**index, 0.5): "r" * number + "m" * (trials - number)
        for index, number in enumerate(hits)
    }


def found(case: Case) -> Diagnosis:
    (suspicion,) = suspect_decline(case)
    assert suspicion.p_value < 0.001
    assert suspicion.diagnosis is not None
    return suspicion.diagnosis


def test_a_decline_is_told_with_the_longest_safe_length(written: Written) -> None:
    diagnosis = found(written(lengths(20, 19, 14, 10, 4)))

    assert diagnosis.pattern is Pattern.DECLINES_WITH_LENGTH
    assert diagnosis.what == (
        "Recall falls from 20/20 (100%, 95% interval 83.9-100%) at 8,000 tokens to 4/20 (20.0%, "
        "95% interval 8.1-41.6%) at 128,000 tokens, without a break. The lower end of the interval "
        "stays above 70% up to 16,000 tokens as the longest length."
    )
    assert diagnosis.why.startswith("what YaRN does to a model that was not trained with it")
    assert diagnosis.next_command == (
        "recallbench run long --variant base --length=16000,24000,32000"
    )
    assert len(diagnosis.evidence) == 5


def test_where_no_length_is_safe_none_is_given(written: Written) -> None:
    diagnosis = found(written(lengths(15, 9, 3, 1)))

    assert diagnosis.what.endswith("stays above 70% up to no length.")
    assert diagnosis.next_command == "recallbench run long --variant base --length=8000"


def test_a_length_is_safe_only_while_all_shorter_ones_are(written: Written) -> None:
    assert longest_safe(written(lengths(20, 10, 20)).lengths) == 8000
    assert longest_safe(written(lengths(20, 20, 20)).lengths) == 32000
    assert longest_safe(written(lengths(10, trials=10)).lengths) == 8000
    assert longest_safe(written(lengths(9, trials=10)).lengths) is None


@pytest.mark.parametrize(
    ("facts", "cause"),
    [
        ({"rope_type": "linear"}, "what linear scaling does"),
        ({"rope_is_scaled": False, "kv_cache_dtype": "fp8"}, "fp8 loses precision"),
        ({"rope_is_scaled": False, "native_length_tokens": 131072}, "the model itself"),
        ({"rope_is_scaled": False, "native_length_tokens": None}, "the model itself"),
        ({"rope_is_scaled": False}, "prompts pass the trained length of 32,768 tokens"),
    ],
)
def test_the_cause_follows_from_how_it_was_served(
    written: Written, facts: dict[str, object], cause: str
) -> None:
    assert found(written(lengths(20, 19, 14, 10, 4), **facts)).why.startswith(cause)


@pytest.mark.parametrize(
    "hits", [(20, 20, 20, 20), (4, 10, 14, 19, 20), (10, 10, 10, 10), (18, 17, 18, 16)]
)
def test_recall_that_does_not_fall_is_no_decline(written: Written, hits: tuple[int, ...]) -> None:
    suspicions = suspect_decline(written(lengths(*hits)))

    assert [one for one in suspicions if one.diagnosis and one.p_value < 0.01] == []


def test_a_fall_too_small_to_matter_is_not_told(written: Written) -> None:
    (suspicion,) = suspect_decline(written(lengths(1000, 950, 900, trials=1000)))

    assert suspicion.p_value < 0.001
    assert suspicion.diagnosis is None


def test_small_ends_are_pooled_and_few_misses_are_not_looked_at(written: Written) -> None:
    assert "8,000 to 16,000 tokens" in found(written(lengths(10, 10, 1, 0, trials=10))).what
    assert suspect_decline(written(lengths(20, 20, 16))) == ()
    assert suspect_decline(written(lengths(10))) == ()
