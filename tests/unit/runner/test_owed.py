"""A fixed plan owes its gaps and its errors, and nothing twice."""

from __future__ import annotations

import pytest

from recallbench.domain import Grid, Outcome, Trial, TrialRecord
from recallbench.runner.owed import Owed, owed_trials
from recallbench.suite import trials_of

TRIALS = trials_of(Grid(lengths=(1,), depths=(0.0, 0.5, 1.0), trials=2), "recipe")


def record_of(trial: Trial, outcome: Outcome = Outcome.RECALLED, variant: str = "v") -> TrialRecord:
    return TrialRecord(
        variant=variant,
        trial_id=trial.trial_id,
        length_tokens=trial.length_tokens,
        depth=trial.depth,
        repeat=trial.repeat,
        outcome=outcome,
        key="k",
    )


@pytest.mark.parametrize(
    ("outcome", "is_owed"),
    [
        (Outcome.RECALLED, False),
        (Outcome.MISSED, False),
        (Outcome.TRUNCATED, False),
        (Outcome.OVERFLOW, False),
        (Outcome.ERRORED, True),
    ],
)
def test_only_errors_and_gaps_are_owed(outcome: Outcome, *, is_owed: bool) -> None:
    first = TRIALS[0]
    held = [record_of(first, outcome)]

    assert owed_trials([first], held, "v") == ((first,) if is_owed else ())
    assert owed_trials([first], held, "another") == (first,)


def test_the_last_record_of_a_trial_counts() -> None:
    first = TRIALS[0]
    mended = [record_of(first, Outcome.ERRORED), record_of(first)]

    assert owed_trials([first], mended, "v") == ()
    assert owed_trials([first], mended[::-1], "v") == (first,)


def test_what_is_owed_is_handed_out_in_order_and_each_once_while_it_is_told_of() -> None:
    source = Owed(TRIALS, [record_of(TRIALS[1])], "v")

    asked = []
    for trial in source:
        asked.append(trial)
        source.tell(record_of(trial))

    assert asked == [TRIALS[0], *TRIALS[2:]]
    assert source.is_over


def test_where_it_stands_is_told() -> None:
    source = Owed(TRIALS, [record_of(TRIALS[0])], "v")
    assert (source.done, source.is_over) == (1, False)
    assert source.told == "1 of 6 trials are in the journal"

    for trial in TRIALS[1:]:
        source.tell(record_of(trial, Outcome.MISSED))

    assert (source.done, source.is_over) == (6, True)
    assert source.told == "all 6 trials are in the journal"


def test_a_trial_that_errors_is_not_done() -> None:
    """It is asked again by the next session, not by this one."""
    source = Owed(TRIALS, [], "v")
    for trial in TRIALS[:-1]:
        source.tell(record_of(trial))

    source.tell(record_of(TRIALS[-1], Outcome.ERRORED))

    assert (source.done, source.is_over) == (5, False)
