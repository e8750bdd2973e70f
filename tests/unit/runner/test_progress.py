"""What a user sees while a run goes on, on a terminal and in a CI log."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from recallbench.domain import Outcome, TrialRecord
from recallbench.runner.progress import LineListener, LiveListener


def record(outcome: Outcome, number: int = 0, error: str | None = None) -> TrialRecord:
    return TrialRecord(
        variant="yarn4",
        trial_id=f"L8-D0-R{number}",
        length_tokens=8,
        depth=0.0,
        repeat=number,
        outcome=outcome,
        key="k",
        error=error,
    )


def console(*, terminal: bool) -> tuple[Console, io.StringIO]:
    stream = io.StringIO()
    return Console(file=stream, force_terminal=terminal, width=120, color_system=None), stream


def test_a_log_gets_a_line_a_tenth_and_each_failure_in_full() -> None:
    shown, stream = console(terminal=False)
    listener = LineListener(shown)
    listener.phase("yarn4", "loading weights: 1/4")
    listener.begin("yarn4", 10, 30)
    for number in range(19):
        listener.trial(record(Outcome.RECALLED, number))
    listener.trial(record(Outcome.ERRORED, 19, "HTTP 500: [boom]"))
    listener.end()

    lines = stream.getvalue().splitlines()
    assert lines[0] == "yarn4: loading weights: 1/4"
    assert lines[1] == "yarn4: 30 trials, 10 of them done before"
    assert lines[2] == "yarn4: 12/30 trials, 2/2 recalled"
    assert lines[-2] == "yarn4: L8-D0-R19: errored: HTTP 500: [boom]"
    assert lines[-1] == "yarn4: 30/30 trials, 19/19 recalled, errors: 1"
    assert len(lines) == 10


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (4.0, "20/100  2.50/s  32 s left  5/10 recalled"),
        (100.0, "20/100  0.10/s  13 min left"),
    ],
)
def test_a_terminal_gets_rate_and_time_left_of_this_session(seconds: float, words: str) -> None:
    shown, stream = console(terminal=True)
    now = [0.0]
    with LiveListener(shown, clock=lambda: now[0]) as listener:
        listener.phase("yarn4", "capturing CUDA graphs")
        listener.begin("yarn4", 10, 100)
        now[0] = seconds
        for number in range(10):
            listener.trial(record(Outcome.RECALLED if number % 2 else Outcome.MISSED, number))
        listener.end()

    assert words in stream.getvalue()


def test_names_are_never_read_as_markup() -> None:
    shown, stream = console(terminal=False)
    LineListener(shown).say("[bold]not bold[/bold]")

    assert stream.getvalue() == "[bold]not bold[/bold]\n"


def test_trials_that_are_drawn_have_no_known_end() -> None:
    shown, stream = console(terminal=False)
    listener = LineListener(shown)
    listener.begin("yarn4", 0, 600, at_most=True)
    for number in range(45):
        listener.trial(record(Outcome.RECALLED, number))

    assert stream.getvalue().splitlines() == [
        "yarn4: until the verdict is settled, at most 600 trials",
        "yarn4: 20 of at most 600 trials, 20/20 recalled",
        "yarn4: 40 of at most 600 trials, 40/40 recalled",
    ]


def test_a_terminal_is_told_no_time_left_where_the_end_is_not_known() -> None:
    shown, stream = console(terminal=True)
    now = [0.0]
    with LiveListener(shown, clock=lambda: now[0]) as listener:
        listener.begin("yarn4", 0, 600, at_most=True)
        now[0] = 4.0
        for number in range(10):
            listener.trial(record(Outcome.RECALLED, number))
        listener.end()

    assert "10 of at most 600  2.50/s  10/10 recalled" in stream.getvalue()


def test_a_terminal_shows_an_engine_that_comes_up_beside_the_trials_without_losing_them() -> None:
    shown, stream = console(terminal=True)
    with LiveListener(shown, clock=lambda: 0.0) as listener:
        listener.phase("yarn4", "loading weights")
        listener.begin("yarn4", 0, 10)
        listener.phase("yarn8", "loading [weights]")
        listener.trial(record(Outcome.RECALLED))
        listener.end()
        listener.phase("yarn8", "ready")
        listener.begin("yarn8", 0, 10)
        listener.trial(record(Outcome.RECALLED))
        listener.end()

    beside = "1/10  1000.00/s  0 s left  1/1 recalled  (yarn8: loading [weights])"
    assert beside in stream.getvalue()
    last = next(line for line in reversed(stream.getvalue().splitlines()) if "yarn8" in line)
    assert "1/1 recalled" in last
    assert "(yarn8" not in last
