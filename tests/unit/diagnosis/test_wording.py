"""Numbers come with their trials and their interval, and are never rounded to certainty."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from recallbench.diagnosis.wording import depths_told, example, lengths_told, share, told
from recallbench.domain import TrialRecord
from recallbench.stats import Proportion


@pytest.mark.parametrize(
    ("recall", "expected"),
    [
        (Proportion(k=38, n=110), "38/110 (34.5%, 95% interval 26.3-43.8%)"),
        (Proportion(k=10, n=10), "10/10 (100%, 95% interval 72.2-100%)"),
        (Proportion(k=0, n=10), "0/10 (0%, 95% interval 0-27.8%)"),
        (Proportion(k=9999, n=10000), "9,999/10,000 (>99.9%, 95% interval >99.9->99.9%)"),
        (Proportion(k=0, n=0), "0/0"),
    ],
)
def test_a_recall_is_told_with_all_it_rests_on(recall: Proportion, expected: str) -> None:
    assert told(recall) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0.0, "0%"), (1.0, "100%"), (0.9999, ">99.9%"), (0.0001, "<0.1%"), (0.5, "50.0%")],
)
def test_only_all_is_100_percent(value: float, expected: str) -> None:
    assert share(value) == expected


def test_ranges_of_one_are_one() -> None:
    assert lengths_told([8000]) == "8,000 tokens"
    assert lengths_told([8000, 16000, 32000]) == "8,000 to 32,000 tokens"
    assert depths_told([0.125]) == "depth 12.5%"
    assert depths_told([0.0, 0.1, 0.2]) == "depths 0% to 20%"


def test_an_example_is_an_answer_of_middle_length_cut_short(
    a_trial: Callable[..., TrialRecord],
) -> None:
    texts = ["", "no", "I do not know \x1b[31m it", "x" * 400]
    answers = [a_trial(repeat, "m", answer=text) for repeat, text in enumerate(texts)]

    assert example(answers) == (r"such as 'I do not know \x1b[31m it'",)
    assert len(example(answers[3:])[0]) < 60
    assert example(answers[:1]) == ()
