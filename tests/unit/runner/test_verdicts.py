"""A run's folder alone tells the verdict of each of its variants."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from recallbench.domain import Grid, Outcome, TrialRecord
from recallbench.domain.gate_rules import BaselineRule, Floor, GateRules
from recallbench.gate.verdict import VariantVerdict, Verdict
from recallbench.journal import RunFolder, read_journal
from recallbench.runner.verdicts import judge_run, layout_of, shared_by, was_drawn
from recallbench.stats import summarize
from support.records import DEPTHS, HIT, MISS, always, records
from support.stored_runs import stored_run

FLOOR = GateRules(floors=(Floor(up_to_tokens=None, recall=0.95),))
AGAINST_BF16 = GateRules(baseline=BaselineRule(run=None, variant="bf16", max_drop=0.1))
MANY = range(20)


def verdicts(
    folder: Path, rules: GateRules, trials: int = 20, **facts: Any
) -> dict[str, VariantVerdict]:
    run = RunFolder(folder)
    held, told = read_journal(run.journal_path), {**run.read_facts(), **facts}
    grid = Grid(lengths=tuple(told["grid"]["lengths"]), depths=DEPTHS, trials=trials)
    summaries = [
        summarize(held, variant=entry["name"], grid=grid, asked_lengths=entry["lengths"])
        for entry in told["variants"]
    ]
    return {each.variant: each for each in judge_run(rules, told, held, summaries)}


def test_every_variant_is_judged_by_its_own_records(tmp_path: Path) -> None:
    good, bad = records(always(HIT), repeats=MANY), records(always(MISS), repeats=MANY)
    folder = stored_run(tmp_path / "run", {"good": good, "bad": bad}, trials=20)

    told = verdicts(folder, FLOOR)

    assert {name: each.verdict for name, each in told.items()} == {
        "good": Verdict.PASS,
        "bad": Verdict.FAIL,
    }


def test_a_variant_is_held_against_another_of_the_run_and_that_one_against_nothing(
    tmp_path: Path,
) -> None:
    good, bad = records(always(HIT), repeats=MANY), records(always(MISS), repeats=MANY)
    folder = stored_run(tmp_path / "run", {"bf16": good, "fp8": bad, "int8": good}, trials=20)

    told = verdicts(folder, AGAINST_BF16)

    assert told["fp8"].verdict is Verdict.FAIL
    assert told["int8"].verdict is Verdict.PASS
    assert told["bf16"].verdict is Verdict.PASS


def test_only_the_lengths_that_a_variant_was_to_be_asked_are_judged(tmp_path: Path) -> None:
    held = records(always(HIT), lengths=(1000, 2000), repeats=MANY)
    folder = stored_run(tmp_path / "run", {"v": held}, lengths=(1000, 2000), trials=20)
    (entry,) = RunFolder(folder).read_facts()["variants"]

    both = verdicts(folder, FLOOR)["v"]
    one = verdicts(folder, FLOOR, variants=[{**entry, "lengths": [2000]}])["v"]

    assert [judgement.length_tokens for judgement in both.judgements] == [1000, 2000]
    assert [judgement.length_tokens for judgement in one.judgements] == [2000]


def test_what_is_owed_and_what_failed_is_missing(tmp_path: Path) -> None:
    def some_fail(_length: int, depth: float, repeat: int) -> Outcome:
        return Outcome.ERRORED if (depth, repeat) == (0.5, 3) else HIT

    folder = stored_run(tmp_path / "run", {"v": records(some_fail, repeats=range(10))}, trials=20)

    assert verdicts(folder, FLOOR)["v"].incomplete == 50 + 1
    assert verdicts(folder, FLOOR, trials=10)["v"].incomplete == 1


def test_an_error_that_was_mended_is_none(tmp_path: Path) -> None:
    held: list[TrialRecord] = [
        *records(always(Outcome.ERRORED), repeats=MANY),
        *records(always(HIT), repeats=MANY),
    ]
    folder = stored_run(tmp_path / "run", {"v": held}, trials=20)

    told = verdicts(folder, FLOOR)["v"]

    assert (told.incomplete, told.verdict) == (0, Verdict.PASS)


DRAWN = {"floor": 0.95, "until": "decided"}


def test_drawn_trials_are_judged_as_drawn_by_any_rules(tmp_path: Path) -> None:
    """5 rounds of hits prove the floor once looked at, and not where every round was looked at."""
    held = records(always(HIT), repeats=range(5))
    fixed = stored_run(tmp_path / "fixed", {"v": held}, gate={"floor": 0.95}, trials=5)
    drawn = stored_run(tmp_path / "drawn", {"v": held}, gate=DRAWN, trials=5)

    assert verdicts(fixed, FLOOR, trials=5)["v"].verdict is Verdict.PASS
    assert verdicts(drawn, FLOOR, trials=5)["v"].verdict is Verdict.INCONCLUSIVE


def test_trials_of_a_ladder_share_their_rounds_haystack(tmp_path: Path) -> None:
    folder = stored_run(tmp_path / "run", {"v": records(always(HIT), repeats=range(6))}, trials=6)

    single = verdicts(folder, FLOOR, trials=6)["v"]
    prompts = {"layout": "ladder", "haystacks": "repeat"}
    ladder = verdicts(folder, FLOOR, trials=6, prompts=prompts)["v"]

    assert (single.verdict, ladder.verdict) == (Verdict.PASS, Verdict.INCONCLUSIVE)
    assert [judgement.haystacks for judgement in ladder.judgements] == [6]
    assert [judgement.haystacks for judgement in single.judgements] == [None]


def test_a_verdict_on_a_ladder_says_that_it_is_of_multi_key_recall(tmp_path: Path) -> None:
    folder = stored_run(tmp_path / "run", {"v": records(always(HIT), repeats=range(6))}, trials=6)

    (note,) = verdicts(folder, FLOOR, prompts={"layout": "ladder", "haystacks": "repeat"})[
        "v"
    ].notes

    assert note.startswith("this is multi-key recall")
    assert verdicts(folder, FLOOR)["v"].notes == ()


@pytest.mark.parametrize(
    ("gate", "expected"),
    [
        (None, False),
        ({"floor": 0.9, "until": "asked"}, False),
        ({"floor": 0.9, "until": "decided"}, True),
        ({"floor": 0.9}, False),
    ],
)
def test_a_run_was_drawn_where_its_own_gate_says_so(
    gate: dict[str, Any] | None, *, expected: bool
) -> None:
    assert was_drawn({"suite": {"gate": gate}}) is expected
    assert was_drawn({"suite": {}}) is False


def test_a_run_without_a_layout_is_of_single_needles() -> None:
    assert shared_by({"prompts": {}}) == "trial"
    assert shared_by({"prompts": {"layout": "single"}}) == "trial"
    assert shared_by({"prompts": {"layout": "ladder", "haystacks": "repeat"}}) == "repeat"
    assert layout_of({"prompts": {}}) == "single"
    assert layout_of({"prompts": {"layout": "ladder"}}) == "ladder"
