"""A session asks what is owed, variant by variant, and a fault of one engine is no other's."""

from __future__ import annotations

import asyncio
from array import array
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from recallbench.domain import Outcome, Prompt, Trial, TrialRecord
from recallbench.engines.opened import EngineFacts, OpenedEngine
from recallbench.engines.scripted import Script, ScriptedEngine, answer, perfect_recall
from recallbench.errors import EngineLostError, EngineStartError, RequestError
from recallbench.journal import Journal, RunFolder, read_journal
from recallbench.rope.proof import unverified
from recallbench.runner.interrupt import Interrupt
from recallbench.runner.run_facts import proof_facts
from recallbench.runner.session import Opener, Session, owed_trials
from recallbench.suite import PlannedVariant, RunPlan, Serving, parse_suite, plan_run, resolve

NO_PROOF = unverified("scripted")
NOT_STARTED = proof_facts(unverified("not started yet"))
VARIANTS = [{"name": "one"}, {"name": "two"}]


class Told:
    """Remembers what a listener is told."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.records: list[TrialRecord] = []
        self.begun: list[tuple[str, int, int]] = []

    def say(self, text: str) -> None:
        self.said.append(text)

    def phase(self, variant: str, text: str) -> None:
        self.said.append(f"{variant}: {text}")

    def begin(self, variant: str, done: int, total: int) -> None:
        self.begun.append((variant, done, total))

    def trial(self, record: TrialRecord) -> None:
        self.records.append(record)

    def end(self) -> None:
        pass


def plan() -> RunPlan:
    form = parse_suite(
        {
            "suite": "s",
            "model": "m",
            "grid": {"lengths": [100, 200], "depths": [0.0, 1.0], "trials": 2},
            "engine": {"concurrency": 2, "attempts": 1},
            "variants": VARIANTS,
        },
        "test",
    )
    return plan_run(resolve(form), {"m": None}, Serving(vllm_version="0.32.0"))


def prompt(trial: Trial, extra_tokens: int) -> Prompt:
    return Prompt(
        token_ids=array("I", [7] * (trial.length_tokens - extra_tokens)),
        head="",
        message=(),
        tail="",
        needle_span=(0, 1),
        achieved_depth=trial.depth,
        key="73914206",
    )


def opener(script: Callable[[str], Script], opened: list[ScriptedEngine]) -> Opener:
    @asynccontextmanager
    async def open_engine(planned: PlannedVariant) -> AsyncIterator[OpenedEngine]:
        engine = ScriptedEngine(script(planned.variant.name))
        opened.append(engine)
        facts = EngineFacts(kind="scripted", api="completions", notes=("a note",))
        try:
            yield OpenedEngine(engine=engine, facts=facts, proof=NO_PROOF)
        finally:
            await engine.aclose()

    return open_engine


def run(
    folder: Path,
    using: Opener,
    told: Told,
    of: RunPlan,
    variants: list[dict[str, Any]] | None = None,
) -> list[str]:
    run_folder = RunFolder(folder)
    folder.mkdir(exist_ok=True)
    blank = [{**variant, "engine": None, "rope_effective": NOT_STARTED} for variant in VARIANTS]
    run_folder.write_facts({"variants": variants or blank})
    with Journal(run_folder.journal_path) as journal:
        session = Session(
            plan=of,
            folder=run_folder,
            journal=journal,
            records=read_journal(run_folder.journal_path),
            opener=using,
            build=prompt,
            listener=told,
            interrupt=Interrupt(told.say),
        )
        return asyncio.run(session.run())


def test_every_variant_is_asked_the_same_trials_and_closed(tmp_path: Path) -> None:
    told, opened = Told(), list[ScriptedEngine]()

    failures = run(tmp_path / "run", opener(lambda _: perfect_recall, opened), told, plan())

    assert failures == []
    records = read_journal(tmp_path / "run" / "trials.jsonl")
    ids = {name: [r.trial_id for r in records if r.variant == name] for name in ("one", "two")}
    assert len(ids["one"]) == 8
    assert sorted(ids["one"]) == sorted(ids["two"])
    assert [engine.is_closed for engine in opened] == [True, True]
    assert told.begun == [("one", 0, 8), ("two", 0, 8)]
    assert "one: a note" in told.said
    facts = RunFolder(tmp_path / "run").read_facts()["variants"]
    assert [entry["state"] for entry in facts] == ["asked", "asked"]
    assert facts[0]["engine"]["kind"] == "scripted"


def test_what_is_in_the_journal_is_not_asked_again_and_its_engine_not_started(
    tmp_path: Path,
) -> None:
    first, again, opened = Told(), Told(), list[ScriptedEngine]()
    using = opener(lambda _: perfect_recall, opened)
    run(tmp_path / "run", using, first, plan())

    failures = run(tmp_path / "run", using, again, plan())

    assert failures == []
    assert len(opened) == 2
    assert again.records == []
    assert "one: all 8 trials are in the journal" in again.said


def test_errored_trials_are_owed_again_and_misses_are_not(tmp_path: Path) -> None:
    def faulty(target: Prompt, request: int) -> Any:
        if request == 0:
            raise RequestError("refused")
        return answer(target, "no idea")

    told, again = Told(), Told()
    run(tmp_path / "run", opener(lambda _: faulty, []), told, plan())
    run(tmp_path / "run", opener(lambda _: perfect_recall, []), again, plan())

    assert [record.outcome for record in told.records].count(Outcome.ERRORED) == 2
    assert [record.outcome for record in again.records] == [Outcome.RECALLED] * 2
    assert {r.trial_id for r in again.records} == {
        r.trial_id for r in told.records if r.outcome is Outcome.ERRORED
    }


def test_an_engine_that_does_not_start_leaves_its_variant_owed_and_the_others_asked(
    tmp_path: Path,
) -> None:
    sound = opener(lambda _: perfect_recall, [])

    @asynccontextmanager
    async def open_engine(planned: PlannedVariant) -> AsyncIterator[OpenedEngine]:
        if planned.variant.name == "one":
            raise EngineStartError("out of memory")
        async with sound(planned) as opened:
            yield opened

    told = Told()
    failures = run(tmp_path / "run", open_engine, told, plan())

    assert failures == ["variant one: out of memory"]
    assert failures[0] in told.said
    assert {record.variant for record in told.records} == {"two"}
    states = {e["name"]: e["state"] for e in RunFolder(tmp_path / "run").read_facts()["variants"]}
    assert states == {"one": "failed", "two": "asked"}


def test_an_engine_lost_half_way_gives_no_misses_and_names_its_log(tmp_path: Path) -> None:
    def dying(target: Prompt, request: int) -> Any:
        if request >= 3:
            raise EngineLostError("no connection")
        return perfect_recall(target, request)

    folder = tmp_path / "run"
    folder.mkdir()
    log = RunFolder(folder).log_path("one")
    log.write_text("what vLLM wrote", encoding="utf-8")
    told = Told()

    failures = run(
        folder, opener(lambda name: dying if name == "one" else perfect_recall, []), told, plan()
    )

    assert failures == [f"variant one: no connection. Its log: {log}"]
    records = read_journal(folder / "trials.jsonl")
    assert {record.outcome for record in records} == {Outcome.RECALLED}
    assert sum(record.variant == "one" for record in records) == 3
    assert sum(record.variant == "two" for record in records) == 8


def test_tokens_that_a_server_adds_are_left_out_of_the_prompt(tmp_path: Path) -> None:
    @asynccontextmanager
    async def open_engine(planned: PlannedVariant) -> AsyncIterator[OpenedEngine]:
        del planned

        def script(target: Prompt, request: int) -> Any:
            counted = len(target.token_ids) + 12
            return replace(perfect_recall(target, request), prompt_tokens=counted)

        facts = EngineFacts(kind="endpoint", api="chat")
        yield OpenedEngine(
            engine=ScriptedEngine(script), facts=facts, proof=NO_PROOF, extra_tokens=12
        )

    told = Told()
    run(tmp_path / "run", open_engine, told, plan())

    assert {record.prompt_tokens for record in told.records} == {100, 200}
    assert {record.outcome for record in told.records} == {Outcome.RECALLED}


def test_a_variant_is_not_gone_on_with_on_another_version_of_vllm(tmp_path: Path) -> None:
    def versioned(version: str, script: Script) -> Opener:
        @asynccontextmanager
        async def open_engine(planned: PlannedVariant) -> AsyncIterator[OpenedEngine]:
            del planned
            facts = EngineFacts(kind="vllm", api="completions", version=version)
            yield OpenedEngine(engine=ScriptedEngine(script), facts=facts, proof=NO_PROOF)

        return open_engine

    def faulty(target: Prompt, request: int) -> Any:
        if request == 0:
            raise RequestError("refused")
        return perfect_recall(target, request)

    folder = tmp_path / "run"
    run(folder, versioned("0.26.0", faulty), Told(), plan())
    variants = RunFolder(folder).read_facts()["variants"]
    again = Told()

    failures = run(folder, versioned("0.32.0", perfect_recall), again, plan(), variants)

    assert "0.26.0 and this is 0.32.0" in failures[0]
    assert again.records == []


@pytest.mark.parametrize(
    ("outcome", "owed"),
    [
        (Outcome.RECALLED, False),
        (Outcome.MISSED, False),
        (Outcome.TRUNCATED, False),
        (Outcome.OVERFLOW, False),
        (Outcome.ERRORED, True),
    ],
)
def test_only_errors_and_gaps_are_owed(outcome: Outcome, owed: bool) -> None:  # noqa: FBT001 - a table's column
    trial = Trial(trial_id="t", length_tokens=1, depth=0.0, repeat=0)
    record = TrialRecord(
        variant="v",
        trial_id="t",
        length_tokens=1,
        depth=0.0,
        repeat=0,
        outcome=outcome,
        key="k",
    )

    assert owed_trials([trial], [record], "v") == ((trial,) if owed else ())
    assert owed_trials([trial], [record], "another") == (trial,)
