"""What is named is there, and what is there is named: made up, by chance, and in a real journal.

The journal is the published one: SmolLM2 native and under YaRN 4, asked on an H200.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import recallbench
from recallbench.diagnosis import Diagnosis, Pattern, diagnose, serving_facts
from recallbench.diagnosis.case import Case
from recallbench.domain import Grid, TrialRecord
from recallbench.journal import read_journal
from recallbench.stats import summarize

Made = Callable[..., Case]
PUBLISHED = Path(recallbench.__file__).parents[2] / "results/published/yarn-smollm2-h200"
UNNAMED = {Pattern.NO_PATTERN, Pattern.TOO_FEW_TRIALS}
LENGTHS = (8000, 16000, 32000, 64000, 128000)


def examined(case: Case) -> tuple[Diagnosis, ...]:
    return diagnose(case.summary, case.records, case.facts)


def patterns(case: Case) -> list[Pattern]:
    return [diagnosis.pattern for diagnosis in examined(case)]


@pytest.mark.parametrize(("n_depths", "trials", "runs"), [(5, 2, 80), (5, 5, 60), (11, 10, 20)])
@pytest.mark.parametrize("recall", [0.98, 0.9, 0.5])
def test_without_a_pattern_one_is_named_in_at_most_one_run_of_twenty(
    drawn: Made, *, n_depths: int, trials: int, runs: int, recall: float
) -> None:
    """Uniform recall, half of the misses at their budget, company and cache at random."""
    false_ones = []
    for run in range(runs):
        seed = f"uniform {recall} {n_depths} {run}"
        case = drawn(seed, lambda _: recall, n_depths=n_depths, trials=trials)
        allowed = UNNAMED | ({Pattern.LOW_EVERYWHERE} if recall < 0.8 else set())
        false_ones += [found for found in patterns(case) if found not in allowed]

    assert len(false_ones) <= runs // 20


def by_length(*recalls: float) -> Callable[[Any], float]:
    recall_of = dict(zip(LENGTHS, recalls, strict=True))
    return lambda asked: recall_of[asked.length]


CLEAR: Sequence[tuple[Pattern, Callable[[Any], float], dict[str, Any]]] = [
    (Pattern.BREAKS_AT_NATIVE_LENGTH, by_length(0.97, 0.97, 0.97, 0.03, 0.03), {}),
    (
        Pattern.PAST_POSITION_TABLE,
        by_length(0.97, 0.97, 0.97, 0.97, 0.03),
        {"cos_sin_rows": 65536, "missed": "mz"},
    ),
    (Pattern.BREAKS_AT_A_LENGTH, by_length(0.97, 0.97, 0.03, 0.03, 0.03), {}),
    (Pattern.DECLINES_WITH_LENGTH, by_length(0.98, 0.9, 0.7, 0.5, 0.2), {}),
    (Pattern.LOW_EVERYWHERE, by_length(0.4, 0.4, 0.3, 0.3, 0.2), {}),
    (Pattern.MISSES_SHALLOW, lambda asked: 0.05 if asked.depth < 0.3 else 0.97, {}),
    (Pattern.MISSES_DEEP, lambda asked: 0.05 if asked.depth > 0.7 else 0.97, {}),
    (Pattern.MISSES_MIDDLE, lambda asked: 0.1 if 0.3 < asked.depth < 0.7 else 0.97, {}),
    (Pattern.MISSES_UNDER_CONCURRENCY, lambda asked: 0.97 if asked.is_alone else 0.3, {}),
    (Pattern.MISSES_WITH_WARM_CACHE, lambda asked: 0.3 if asked.is_warm else 0.97, {}),
    (Pattern.ANSWERS_CUT, lambda _: 0.6, {"missed": "t"}),
    (Pattern.TOKEN_ZERO_ANSWERS, lambda _: 0.5, {"missed": "zzm"}),
    (Pattern.REPEATED_ANSWERS, by_length(0.98, 0.9, 0.7, 0.5, 0.2), {"missed": "ggggggggm"}),
]


@pytest.mark.parametrize(("pattern", "recall", "known"), CLEAR)
def test_a_clear_pattern_is_found_in_nineteen_runs_of_twenty(
    drawn: Made, pattern: Pattern, recall: Callable[[Any], float], known: dict[str, Any]
) -> None:
    """5 lengths, 5 depths, 6 trials."""
    runs = 40
    found = sum(
        pattern in patterns(drawn(f"{pattern} {run}", recall, trials=6, **known))
        for run in range(runs)
    )

    assert found >= 0.95 * runs


def test_full_recall_needs_no_word(written: Made) -> None:
    assert patterns(written({(length, 0.5): "r" * 10 for length in LENGTHS})) == []
    assert patterns(written({(8000, 0.5): "r"})) == []


def test_a_stray_miss_needs_no_word(written: Made) -> None:
    assert patterns(written({(8000, 0.5): "r" * 39 + "m", (16000, 0.5): "r" * 40})) == []


def test_with_too_few_trials_nothing_is_named_and_the_number_needed_is_told(
    written: Made,
) -> None:
    (only,) = examined(written({(8000, 0.5): "rrr", (64000, 0.5): "mmmm"}))

    assert only.pattern is Pattern.TOO_FEW_TRIALS
    assert only.what.startswith(
        "Recall is 3/7 (42.9%, 95% interval 15.8-75.0%), and 7 trials are too few to say how it "
        "falls: it takes "
    )
    assert "--trials=" in only.next_command


def test_below_20_trials_nothing_is_named_however_clear(written: Made) -> None:
    assert patterns(written({(8000, 0.5): "r" * 9, (64000, 0.5): "m" * 10})) == [
        Pattern.TOO_FEW_TRIALS
    ]
    assert patterns(written({(8000, 0.5): "r" * 10, (64000, 0.5): "m" * 10})) == [
        Pattern.BREAKS_AT_NATIVE_LENGTH
    ]


def test_the_trials_that_are_asked_for_are_enough(written: Made) -> None:
    (only,) = examined(written({(8000, 0.5): "rrr", (64000, 0.5): "mmm"}))
    trials = int(only.next_command.rpartition("=")[2])

    again = written({(8000, 0.5): "r" * trials, (64000, 0.5): "m" * trials})

    assert patterns(again) == [Pattern.BREAKS_AT_NATIVE_LENGTH]


def test_low_recall_without_a_pattern_is_said_to_have_none(written: Made) -> None:
    (only,) = examined(
        written({(length, depth): "rrrrm" for length in LENGTHS for depth in (0.0, 0.5, 1.0)})
    )

    assert only.pattern is Pattern.NO_PATTERN
    assert only.what == (
        "Recall is 60/75 (80.0%, 95% interval 69.6-87.5%), and none of the known patterns fits."
    )


def test_the_length_that_makes_recall_low_is_told(written: Made) -> None:
    cells = {(length, 0.5): "r" * 40 for length in LENGTHS}

    (only,) = examined(written({**cells, (32000, 0.5): "r" * 29 + "m" * 11}))

    assert only.pattern is Pattern.NO_PATTERN
    assert only.evidence[0] == "32,000 tokens: 29/40 (72.5%, 95% interval 57.2-83.9%)"
    assert not only.evidence[1].startswith("64,000")


def test_cut_answers_and_low_recall_are_both_told(written: Made) -> None:
    assert patterns(
        written({(length, 0.5): "r" * 6 + "m" * 10 + "t" * 6 for length in LENGTHS})
    ) == [
        Pattern.LOW_EVERYWHERE,
        Pattern.ANSWERS_CUT,
    ]


def test_failures_of_the_server_are_never_a_pattern_of_recall(written: Made) -> None:
    cells = {(8000, 0.5): "r" * 40, (16000, 0.5): "r" * 10 + "e" * 30, (64000, 0.5): "o" * 40}

    assert patterns(written(cells)) == [Pattern.UNANSWERED_LENGTHS]


def test_the_length_that_was_not_answered_is_told_last(written: Made) -> None:
    cells = {(8000, 0.5): "r" * 20, (64000, 0.5): "m" * 20, (128000, 0.5): "e" * 20}

    assert patterns(written(cells)) == [
        Pattern.BREAKS_AT_NATIVE_LENGTH,
        Pattern.UNANSWERED_LENGTHS,
    ]


def test_an_empty_journal_needs_no_word(written: Made) -> None:
    case = written({(8000, 0.5): "r"})

    assert diagnose(summarize([], variant="base", grid=case.summary.grid), [], case.facts) == ()


def test_where_trials_share_haystacks_it_says_that_it_is_too_sure(drawn: Made) -> None:
    case = drawn("order", by_length(0.97, 0.97, 0.97, 0.03, 0.03))
    shared = summarize(case.records, variant="base", grid=case.summary.grid, shared_by=2)

    alone, told = examined(case), diagnose(shared, case.records, case.facts)

    said = "trials share 2 haystacks, and intervals and tests here take each for itself: too sure"
    assert [each.pattern for each in told] == [each.pattern for each in alone]
    assert [each.evidence for each in told] == [(*each.evidence, said) for each in alone]


def test_the_order_of_the_journal_changes_nothing(drawn: Made) -> None:
    case = drawn("order", by_length(0.97, 0.97, 0.97, 0.03, 0.03))

    assert diagnose(case.summary, case.records[::-1], case.facts) == examined(case)


@pytest.fixture(scope="module")
def journal() -> tuple[TrialRecord, ...]:
    return read_journal(PUBLISHED / "trials.jsonl")


@pytest.fixture(scope="module")
def run() -> dict[str, Any]:
    content: dict[str, Any] = json.loads((PUBLISHED / "run.json").read_text(encoding="utf-8"))
    return content


def diagnosed(
    journal: Sequence[TrialRecord], run: dict[str, Any], variant: str, **known: Any
) -> tuple[Diagnosis, ...]:
    asked = run["grid"]
    grid = Grid(
        lengths=tuple(asked["lengths"]), depths=tuple(asked["depths"]), trials=asked["trials"]
    )
    summary = summarize(journal, variant=variant, grid=grid)
    return diagnose(summary, journal, replace(serving_facts(run, variant), **known))


def test_yarn_declines_with_length_and_nothing_else(
    journal: tuple[TrialRecord, ...], run: dict[str, Any]
) -> None:
    """191 of its 245 misses use their budget of 16 tokens, and none would be mended by more."""
    (only,) = diagnosed(journal, run, "yarn4")

    assert only.pattern is Pattern.DECLINES_WITH_LENGTH
    assert "from 109/110 (99.1%, 95% interval 95.0-99.8%) at 2,048 tokens" in only.what
    assert "to 13/110 (11.8%, 95% interval 7.0-19.2%) at 32,000 tokens" in only.what
    assert "70% up to 4,096 tokens" in only.what
    assert only.next_command == (
        "recallbench run yarn-smollm2 --variant yarn4 --length=4096,6128,8160"
    )


def test_native_is_fine_to_4096_and_loses_the_beginning_at_8160(
    journal: tuple[TrialRecord, ...], run: dict[str, Any]
) -> None:
    shallow, decline = diagnosed(journal, run, "native", native_length_tokens=8192)

    assert shallow.pattern is Pattern.MISSES_SHALLOW
    assert shallow.what.startswith("At 8,160 tokens recall is 16/40 (40.0%")
    assert decline.pattern is Pattern.DECLINES_WITH_LENGTH
    assert "70% up to 4,096 tokens" in decline.what


def test_native_up_to_4096_needs_no_word(
    journal: tuple[TrialRecord, ...], run: dict[str, Any]
) -> None:
    short = [record for record in journal if record.length_tokens <= 4096]

    assert diagnosed(short, run, "native") == ()
