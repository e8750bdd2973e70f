"""What speaks against a variant can be asked again by pasting one line."""

from __future__ import annotations

import shlex
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recallbench.gate.verdict import Verdict
from recallbench.reports.replay import Replay, replay, replay_commands
from support.verdicts import drop_at, errors, floor_at, verdict_of

FAIL = Verdict.FAIL


def trials_in(command: str) -> list[str]:
    words = shlex.split(command)
    return [after for word, after in pairwise(words) if word == "--trial"]


def replayed(*judgements: object, limit: int = 5) -> Replay:
    found = replay("fp8", judgements, "results/x", limit)  # type: ignore[arg-type]
    assert found is not None
    return found


def test_a_fail_is_one_command_that_names_its_trials() -> None:
    verdict = verdict_of(floor_at(8000, FAIL, against=("L8000-D0-R0-a", "L8000-D1-R0-b")))

    assert replay_commands(verdict, "results/my run") == (
        (
            "recallbench run 'results/my run' --variant fp8 "
            "--trial L8000-D0-R0-a --trial L8000-D1-R0-b"
        ),
    )


def test_the_shortest_lengths_come_first_and_there_what_the_baseline_recalled() -> None:
    found = replayed(
        floor_at(16_000, FAIL, against=("long",)),
        floor_at(8000, FAIL, against=("missed",)),
        drop_at(8000, FAIL, against=("lost",)),
    )

    assert trials_in(found.command) == ["lost", "missed", "long"]


def test_each_failing_judgement_names_so_many_and_the_rest_is_counted() -> None:
    found = replayed(
        floor_at(8000, FAIL, against=("a", "b", "c")),
        floor_at(16_000, FAIL, against=("d", "e", "f", "g")),
        limit=2,
    )

    assert trials_in(found.command) == ["a", "b", "d", "e"]
    assert (found.asked, found.left_out) == (4, 3)
    assert found.said == "asks 4 of the 7 trials again that speak against it"


def test_a_trial_of_two_failing_judgements_is_named_and_counted_once() -> None:
    found = replayed(
        floor_at(8000, FAIL, against=("a", "b")), drop_at(8000, FAIL, against=("b", "a"))
    )

    assert sorted(trials_in(found.command)) == ["a", "b"]
    assert found.said == "asks 2 trials again, all that speak against it"


def test_only_what_fails_is_asked_again() -> None:
    inconclusive = floor_at(8000, Verdict.INCONCLUSIVE, against=("a",))

    assert replay_commands(verdict_of(inconclusive), "x") == ()
    assert trials_in(replayed(inconclusive, floor_at(9000, FAIL, against=("b",))).command) == ["b"]


def test_a_fail_without_trials_has_no_command() -> None:
    assert replay_commands(verdict_of(errors(FAIL)), "x") == ()


@given(st.text(), st.text(), st.lists(st.text(min_size=1), min_size=1, unique=True))
def test_names_of_any_kind_come_back_from_the_shell(
    variant: str, run: str, names: list[str]
) -> None:
    found = replay(variant, [floor_at(8000, FAIL, against=tuple(names))], run, limit=len(names))

    assert found is not None
    trials = [word for name in names for word in ("--trial", name)]
    assert shlex.split(found.command) == ["recallbench", "run", run, "--variant", variant, *trials]


def test_a_command_without_trials_is_refused() -> None:
    with pytest.raises(ValueError, match="limit must be 1 or more, got 0"):
        replay_commands(verdict_of(floor_at(8000, FAIL, against=("a",))), "x", limit=0)
