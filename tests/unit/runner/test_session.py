"""A session asks what is owed, variant by variant, and a fault of one engine is no other's."""

from __future__ import annotations

import asyncio
from array import array
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from recallbench.domain import Outcome, Prompt, Trial, TrialRecord, whole_tokens
from recallbench.engines.opened import EngineFacts, OpenedEngine
from recallbench.engines.scripted import (
    Script,
    ScriptedEngine,
    answer,
    no_recall,
    perfect_recall,
)
from recallbench.engines.server_metrics import ServerCounts, no_counts
from recallbench.errors import ComparisonError, EngineLostError, EngineStartError, RequestError
from recallbench.journal import Journal, RunFolder, read_journal
from recallbench.preflight import Finding, Severity
from recallbench.rope import CheckpointConfig, parse_config
from recallbench.rope.proof import (
    ProofStatus,
    RopeProof,
    RopeReading,
    TableError,
    TableReading,
    unverified,
)
from recallbench.runner.interrupt import Interrupt
from recallbench.runner.preflight import CheckedVariant
from recallbench.runner.run_facts import preflight_facts, proof_facts
from recallbench.runner.session import Session
from recallbench.runner.startups import Opener, Room
from recallbench.suite import PlannedVariant, RunPlan, Serving, parse_suite, plan_run, resolve

NO_PROOF = unverified("scripted")
NOT_STARTED = proof_facts(unverified("not started yet"))
VARIANTS: list[dict[str, Any]] = [{"name": "one"}, {"name": "two"}]
QWEN3 = parse_config(
    {
        "model_type": "qwen3",
        "max_position_embeddings": 40960,
        "rope_theta": 1e6,
        "head_dim": 128,
    },
    "m",
)


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

    def begin(self, variant: str, done: int, total: int, *, at_most: bool = False) -> None:
        del at_most
        self.begun.append((variant, done, total))

    def trial(self, record: TrialRecord) -> None:
        self.records.append(record)

    def end(self) -> None:
        pass


def plan(
    variants: list[dict[str, Any]] = VARIANTS,
    config: CheckpointConfig | None = None,
    gate: dict[str, Any] | None = None,
) -> RunPlan:
    form = parse_suite(
        {
            "suite": "s",
            "model": "m",
            "grid": {"lengths": [100, 200], "depths": [0.0, 1.0], "trials": 2},
            "engine": {"concurrency": 2, "attempts": 1},
            "variants": variants,
            "gate": gate,
        },
        "test",
    )
    return plan_run(resolve(form), {"m": config}, Serving(vllm_version="0.32.0"))


def prompt(trial: Trial, extra_tokens: int) -> Prompt:
    return Prompt(
        tokens=(whole_tokens(array("I", [7] * (trial.length_tokens - extra_tokens))),),
        head="",
        message=(),
        tail="",
        needle_span=(0, 1),
        achieved_depth=trial.depth,
        key="73914206",
    )


def proof(status: ProofStatus, sha256: str = "a" * 64) -> RopeProof:
    """Of an engine with one table, equal to the asked one or not."""
    table = TableReading(
        module="model.rotary_emb",
        rotary_class="RotaryEmbedding",
        base=10_000.0,
        scaling_factor=None,
        magnitude=None,
        rows=32768,
        columns=128,
        dtype="bfloat16",
        sha256=sha256,
        uses=2,
    )
    first_row = None if status is ProofStatus.PROVED else 1
    error = TableError(largest=0.001, beyond_rounding=0.0, first_row=first_row)
    reading = RopeReading(
        tables=(table,),
        against_asked=(error,),
        against_plain=(None,),
        settings={"max_model_len": 32768},
    )
    return RopeProof(status=status, reasons=(f"{status} for a reason",), reading=reading)


def opener(
    script: Callable[[str], Script],
    opened: list[ScriptedEngine],
    proofs: Mapping[str, RopeProof] | None = None,
) -> Opener:
    @asynccontextmanager
    async def open_engine(planned: PlannedVariant) -> AsyncIterator[OpenedEngine]:
        engine = ScriptedEngine(script(planned.variant.name))
        opened.append(engine)
        facts = EngineFacts(kind="scripted", api="completions", notes=("a note",))
        try:
            told = (proofs or {}).get(planned.variant.name, NO_PROOF)
            yield OpenedEngine(engine=engine, facts=facts, proof=told)
        finally:
            await engine.aclose()

    return open_engine


def failing_at(name: str) -> Opener:
    """Engines of which one does not start."""
    sound = opener(lambda _: perfect_recall, [])

    @asynccontextmanager
    async def open_engine(planned: PlannedVariant) -> AsyncIterator[OpenedEngine]:
        if planned.variant.name == name:
            raise EngineStartError("out of memory")
        async with sound(planned) as opened:
            yield opened

    return open_engine


def blank(*names: str) -> list[dict[str, Any]]:
    """Entries of ``run.json`` before any engine was up."""
    return [{"name": name, "engine": None, "rope_effective": NOT_STARTED} for name in names]


def run(
    folder: Path,
    using: Opener,
    told: Told,
    of: RunPlan,
    variants: list[dict[str, Any]] | None = None,
    *,
    interrupt: Interrupt | None = None,
    room: Room | None = None,
    checked: Sequence[CheckedVariant] = (),
) -> list[str]:
    run_folder = RunFolder(folder)
    folder.mkdir(exist_ok=True)
    run_folder.write_facts({"variants": variants or blank("one", "two")})
    with Journal(run_folder.journal_path) as journal:
        session = Session(
            plan=of,
            folder=run_folder,
            journal=journal,
            records=read_journal(run_folder.journal_path),
            opener=using,
            build=prompt,
            listener=told,
            interrupt=interrupt or Interrupt(told.say),
            room=room,
            checked=checked,
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
    told = Told()
    failures = run(tmp_path / "run", failing_at("one"), told, plan())

    assert failures == ["variant one: out of memory"]
    assert failures[0] in told.said
    assert {record.variant for record in told.records} == {"two"}
    states = {e["name"]: e["state"] for e in RunFolder(tmp_path / "run").read_facts()["variants"]}
    assert states == {"one": "failed", "two": "asked"}


def dying(target: Prompt, request: int) -> Any:
    """Gone after three answers."""
    if request >= 3:
        raise EngineLostError("no connection")
    return perfect_recall(target, request)


def test_an_engine_lost_half_way_gives_no_misses_and_names_its_log(tmp_path: Path) -> None:
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


def entries(folder: Path) -> dict[str, dict[str, Any]]:
    """What ``run.json`` keeps, by variant."""
    return {entry["name"]: entry for entry in RunFolder(folder).read_facts()["variants"]}


def test_another_rope_than_asked_is_not_measured_and_the_next_variant_is(tmp_path: Path) -> None:
    told, opened = Told(), list[ScriptedEngine]()
    proofs = {"one": proof(ProofStatus.MISMATCH), "two": proof(ProofStatus.PROVED)}

    failures = run(tmp_path / "r", opener(lambda _: perfect_recall, opened, proofs), told, plan())

    assert len(failures) == 1
    assert failures[0].startswith("variant one: not measured, as it runs another RoPE")
    assert "mismatch for a reason" in failures[0]
    assert "--allow rope-mismatch" in failures[0]
    assert {record.variant for record in told.records} == {"two"}
    assert [engine.is_closed for engine in opened] == [True, True]
    kept = entries(tmp_path / "r")
    assert (kept["one"]["state"], kept["two"]["state"]) == ("failed", "asked")
    assert kept["one"]["error"] in failures[0]
    assert kept["one"]["rope_effective"]["status"] == "mismatch"


def test_another_rope_is_measured_where_that_is_allowed_and_run_json_keeps_it(
    tmp_path: Path,
) -> None:
    told = Told()
    variants = [{"name": "one", "allow": ["rope-mismatch"]}, {"name": "two", "allow": ["other"]}]
    mismatch = proof(ProofStatus.MISMATCH)
    using = opener(lambda _: perfect_recall, [], {"one": mismatch, "two": mismatch})

    failures = run(tmp_path / "r", using, told, plan(variants))

    assert [failure.split(":")[0] for failure in failures] == ["variant two"]
    assert [record.variant for record in told.records] == ["one"] * 8
    kept = entries(tmp_path / "r")["one"]
    assert (kept["state"], kept["error"]) == ("asked", None)
    assert kept["rope_effective"] == proof_facts(mismatch)
    assert "one: RoPE mismatch: mismatch for a reason" in told.said


def test_a_proof_and_what_it_rests_on_stand_in_run_json(tmp_path: Path) -> None:
    using = opener(lambda _: perfect_recall, [], {"one": proof(ProofStatus.PROVED)})

    run(tmp_path / "r", using, Told(), plan())

    kept = entries(tmp_path / "r")
    assert kept["one"]["rope_effective"] == proof_facts(proof(ProofStatus.PROVED))
    assert kept["two"]["rope_effective"] == proof_facts(NO_PROOF)


def test_what_is_unverified_is_told_and_measured(tmp_path: Path) -> None:
    told = Told()

    failures = run(tmp_path / "r", opener(lambda _: perfect_recall, []), told, plan())

    assert failures == []
    assert len(told.records) == 16
    assert "one: RoPE unverified: scripted" in told.said


@pytest.mark.parametrize(
    ("second", "table", "measured"),
    [
        ({"rope": 4.0}, "a", False),
        ({"rope": 4.0}, "b", True),
        ({}, "a", True),
        ({"rope": 4.0, "allow": ["rope-mismatch"]}, "a", True),
    ],
)
def test_unlike_requests_with_equal_tables_fail_the_later_variant(
    tmp_path: Path, second: dict[str, Any], table: str, *, measured: bool
) -> None:
    told = Told()
    proofs = {
        "one": proof(ProofStatus.PROVED, "a" * 64),
        "two": proof(ProofStatus.PROVED, table * 64),
    }
    of = plan([{"name": "one"}, {"name": "two", **second}], QWEN3)

    failures = run(tmp_path / "r", opener(lambda _: perfect_recall, [], proofs), told, of)

    assert (failures == []) is measured
    assert {record.variant for record in told.records} == {"one", *(["two"] if measured else [])}
    kept = entries(tmp_path / "r")
    assert kept["one"]["rope_effective"]["status"] == "proved"
    is_twin = table == "a" and "rope" in second
    assert (kept["two"]["rope_effective"]["status"] == "mismatch") is is_twin
    if not measured:
        assert "its rotary tables are those of variant one" in failures[0]


def names_of(records: Iterable[TrialRecord]) -> list[str]:
    """The variants in the order they were asked."""
    return list(dict.fromkeys(record.variant for record in records))


DRAWN = {"floor": 0.95, "until": "decided", "max_trials": 40}


@pytest.mark.parametrize(
    ("script", "verdict", "most"), [(perfect_recall, "pass", 80), (no_recall, "fail", 8)]
)
def test_a_gate_that_draws_stops_when_its_verdict_is_settled(
    tmp_path: Path, script: Script, verdict: str, most: int
) -> None:
    told = Told()

    failures = run(tmp_path / "r", opener(lambda _: script, []), told, plan(gate=DRAWN))

    assert failures == []
    for name in ("one", "two"):
        asked = [record for record in told.records if record.variant == name]
        assert len(asked) <= most
        assert f"{name}: {verdict} after {len(asked)} of at most 160 trials" in told.said
    assert told.begun[0] == ("one", 0, 160)
    assert {entry["state"] for entry in entries(tmp_path / "r").values()} == {"asked"}


def test_what_is_settled_is_not_drawn_again_and_its_engine_not_started(tmp_path: Path) -> None:
    opened, again = list[ScriptedEngine](), Told()
    using = opener(lambda _: perfect_recall, opened)
    run(tmp_path / "r", using, Told(), plan(gate=DRAWN))

    run(tmp_path / "r", using, again, plan(gate=DRAWN))

    assert len(opened) == 2
    assert again.records == []
    assert any(said.startswith("one: pass after ") for said in again.said)
    assert {entry["state"] for entry in entries(tmp_path / "r").values()} == {"asked"}


def test_a_gate_that_does_not_draw_asks_everything(tmp_path: Path) -> None:
    told = Told()

    run(tmp_path / "r", opener(lambda _: no_recall, []), told, plan(gate={"floor": 0.95}))

    assert len(told.records) == 16


AGAINST_TWO = {"baseline": {"variant": "two", "max_drop": 0.2}}


@pytest.mark.parametrize(
    ("gate", "order"), [(AGAINST_TWO, ["two", "one"]), (None, ["one", "two"])], ids=["gate", "none"]
)
def test_what_others_are_compared_with_is_asked_before_them(
    tmp_path: Path, gate: dict[str, Any] | None, order: list[str]
) -> None:
    told = Told()

    run(tmp_path / "r", opener(lambda _: perfect_recall, []), told, plan(gate=gate))

    assert names_of(told.records) == order


@pytest.mark.parametrize(("most", "in_full"), [(12, 48), (1, 8)])
def test_a_drawn_comparison_asks_its_baseline_in_full_and_the_others_as_far_as_needed(
    tmp_path: Path, most: int, in_full: int
) -> None:
    """In full is all that the others may be asked: the grid's own number where that is more."""
    gate = {**AGAINST_TWO, "until": "decided", "max_trials": most}
    using = opener(lambda name: perfect_recall if name == "two" else no_recall, [])
    told = Told()

    failures = run(tmp_path / "r", using, told, plan(gate=gate))

    assert failures == []
    asked = [record.variant for record in told.records]
    assert names_of(told.records) == ["two", "one"]
    assert asked.count("two") == in_full
    assert asked.count("one") < 24
    word = "fail" if most == 12 else "undecided"
    assert any(said.startswith(f"one: {word} after ") for said in told.said)


def lone(
    script: Script = perfect_recall,
    extra_tokens: int = 0,
    counts: Callable[[], Awaitable[ServerCounts | None]] = no_counts,
) -> Opener:
    """An engine for any variant, whose server adds tokens or counts."""

    @asynccontextmanager
    async def open_engine(planned: PlannedVariant) -> AsyncIterator[OpenedEngine]:
        del planned
        yield OpenedEngine(
            engine=ScriptedEngine(script),
            facts=EngineFacts(kind="scripted", api="completions"),
            proof=NO_PROOF,
            extra_tokens=extra_tokens,
            counts=counts,
        )

    return open_engine


def stored(folder: Path, extra_tokens: int = 0) -> dict[str, Any]:
    """A gate against a finished run of one variant."""
    using = lone(extra_tokens=extra_tokens)
    assert run(folder, using, Told(), plan([{"name": "two"}]), blank("two")) == []
    return {"baseline": {"run": str(folder), "max_drop": 0.2}}


def test_a_stored_baseline_of_the_same_questions_is_drawn_against(tmp_path: Path) -> None:
    gate = {**stored(tmp_path / "old"), "until": "decided"}
    told = Told()

    failures = run(tmp_path / "r", opener(lambda _: no_recall, []), told, plan(gate=gate))

    assert failures == []
    assert names_of(told.records) == ["one", "two"]


@pytest.mark.parametrize("until", ["asked", "decided"])
def test_a_stored_baseline_of_other_prompts_is_refused_before_any_trial(
    tmp_path: Path, until: str
) -> None:
    """One whose server adds tokens was sent other ones; only the running engine tells."""
    gate = {**stored(tmp_path / "old", extra_tokens=12), "until": until}
    told, opened = Told(), list[ScriptedEngine]()

    with pytest.raises(ComparisonError, match="the gate's baseline was asked the prompt") as caught:
        run(tmp_path / "r", opener(lambda _: perfect_recall, opened), told, plan(gate=gate))

    assert caught.value.exit_code == 2
    assert told.records == []
    assert read_journal(tmp_path / "r" / "trials.jsonl") == ()
    assert [(engine.requests, engine.is_closed) for engine in opened] == [(0, True)]


def counting(readings: Iterable[ServerCounts | None], script: Script = perfect_recall) -> Opener:
    """An engine whose server tells its counts so, reading by reading."""
    told = iter(readings)

    async def counts() -> ServerCounts | None:
        return next(told)

    return lone(script, counts=counts)


def counted(requests: int, queue_s: float | None = None) -> ServerCounts:
    return ServerCounts(requests=requests, queue_s=queue_s)


ONE = plan([{"name": "one"}])


def cost_of_one(folder: Path) -> dict[str, Any] | None:
    cost: dict[str, Any] | None = entries(folder)["one"].get("cost")
    return cost


def test_what_the_server_counted_meanwhile_stands_in_run_json(tmp_path: Path) -> None:
    run(tmp_path / "r", counting([counted(5, 1.5), counted(13, 4.0)]), Told(), ONE, blank("one"))

    cost = cost_of_one(tmp_path / "r")
    assert cost is not None
    assert (cost["requests"], cost["queue_s"]) == (8, 2.5)
    assert cost["prefill_s"] is None


@pytest.mark.parametrize(
    "readings",
    [(None, counted(13)), (counted(5), None), (counted(13), counted(5))],
    ids=["none before", "none after", "started anew"],
)
def test_no_cost_is_noted_where_the_server_does_not_tell_it(
    tmp_path: Path, readings: tuple[ServerCounts | None, ...]
) -> None:
    run(tmp_path / "r", counting(readings), Told(), ONE, blank("one"))

    assert cost_of_one(tmp_path / "r") is None


def test_the_cost_of_a_lost_engine_is_noted_and_added_to_by_the_next_session(
    tmp_path: Path,
) -> None:
    folder, again = tmp_path / "r", Told()
    first = counting([counted(0, 0.0), counted(3, 1.0)], dying)

    assert len(run(folder, first, Told(), ONE, blank("one"))) == 1
    cost = cost_of_one(folder)
    assert cost is not None
    assert cost["requests"] == 3

    kept = RunFolder(folder).read_facts()["variants"]
    run(folder, counting([counted(100, 2.0), counted(105, 2.5)]), again, ONE, kept)

    cost = cost_of_one(folder)
    assert cost is not None
    assert (cost["requests"], cost["queue_s"]) == (8, 1.5)
    assert len(again.records) == 5


async def plenty(planned: PlannedVariant) -> str | None:
    """There is room for every engine."""
    return {"none": "no room"}.get(planned.variant.name)


class Events:
    """What engines and their requests did, in order."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def opener(self, script: Script = perfect_recall, faulty: str = "") -> Opener:
        """Engines that come up within a few turns of the loop, but for the faulty one."""

        @asynccontextmanager
        async def open_engine(planned: PlannedVariant) -> AsyncIterator[OpenedEngine]:
            name = planned.variant.name
            self.seen.append(f"{name} starting")
            await asyncio.sleep(0)
            if name == faulty:
                raise EngineStartError("out of memory")
            self.seen.append(f"{name} up")

            def asked(target: Prompt, request: int) -> Any:
                self.seen.append(f"{name} asked")
                return script(target, request)

            facts = EngineFacts(kind="scripted", api="completions")
            yield OpenedEngine(engine=ScriptedEngine(asked), facts=facts, proof=NO_PROOF)
            self.seen.append(f"{name} ended")

        return open_engine

    def places(self, event: str) -> list[int]:
        return [place for place, seen in enumerate(self.seen) if seen == event]


def test_the_next_engine_starts_once_the_present_one_is_asked_and_then_the_old_one_ends(
    tmp_path: Path,
) -> None:
    events, told = Events(), Told()

    failures = run(tmp_path / "r", events.opener(), told, plan(), room=plenty)

    assert failures == []
    assert len(told.records) == 16
    asked = events.places("one asked")
    assert events.seen.index("one up") < events.seen.index("two starting") < asked[-1]
    assert asked[-1] < events.seen.index("one ended")
    assert events.seen.index("two up") < events.seen.index("one ended")


def test_without_room_asked_for_no_engine_starts_beside_another(tmp_path: Path) -> None:
    events = Events()

    run(tmp_path / "r", events.opener(), Told(), plan())

    assert events.seen.index("one ended") < events.seen.index("two starting")


def test_an_engine_that_fails_beside_another_is_told_of_in_its_turn(tmp_path: Path) -> None:
    events, told = Events(), Told()

    failures = run(tmp_path / "r", events.opener(faulty="two"), told, plan(), room=plenty)

    assert failures == ["variant two: out of memory"]
    assert events.seen.index("two starting") < events.places("one asked")[-1]
    assert names_of(told.records) == ["one"]
    assert [record.variant for record in told.records].count("one") == 8
    states = {name: entry["state"] for name, entry in entries(tmp_path / "r").items()}
    assert states == {"one": "asked", "two": "failed"}


def test_an_engine_whose_variant_owes_nothing_is_not_started_beside_another(tmp_path: Path) -> None:
    folder = tmp_path / "r"
    of = plan([{"name": name} for name in ("one", "two", "three")])
    facts = blank("one", "two", "three")
    run(folder, opener(lambda _: perfect_recall, []), Told(), plan([{"name": "two"}]), facts)
    events = Events()

    run(folder, events.opener(), Told(), of, facts, room=plenty)

    started = [event for event in events.seen if event.endswith("starting")]
    assert started == ["one starting", "three starting"]
    assert events.seen.index("three starting") < events.seen.index("one ended")


def test_an_engine_that_comes_up_when_the_run_is_to_stop_is_ended_unasked(tmp_path: Path) -> None:
    events, told = Events(), Told()
    interrupt = Interrupt(told.say)

    def stopping(target: Prompt, request: int) -> Any:
        interrupt.stopping = True
        return perfect_recall(target, request)

    using = events.opener(stopping)
    run(tmp_path / "r", using, told, plan(), interrupt=interrupt, room=plenty)

    assert "one ended" in events.seen
    assert "two asked" not in events.seen
    up = [event for event in events.seen if event == "two up"]
    assert events.seen.count("two ended") == len(up)


PARTS = {
    *("startup_s", "waited_s", "asking_s", "busy_s", "idle_s", "prefill_s", "decode_s"),
    *("client_s", "shutdown_s"),
}


def test_where_the_time_went_stands_in_run_json_and_later_sessions_are_added(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "r"
    sums = {"first_token_s": 0.0, "first_tokens": 0, "whole_s": 0.0}
    none_yet = ServerCounts(requests=0, **sums)  # type: ignore[arg-type]
    three = ServerCounts(requests=3, first_tokens=3, first_token_s=1.5, whole_s=3.0)

    run(folder, counting([none_yet, three], dying), Told(), ONE, blank("one"))

    first = entries(folder)["one"]["time"]
    assert set(first) == PARTS
    assert None not in first.values()
    assert first["asking_s"] == pytest.approx(first["busy_s"] + first["idle_s"], abs=1e-5)
    assert first["busy_s"] == pytest.approx(first["prefill_s"] + first["decode_s"], abs=1e-5)

    kept = RunFolder(folder).read_facts()["variants"]
    run(folder, counting([three, None]), Told(), ONE, kept)

    both = entries(folder)["one"]["time"]
    assert both["asking_s"] > first["asking_s"]
    assert (both["prefill_s"], both["decode_s"]) == (None, None)


def found_in(of: RunPlan, rule: str) -> list[CheckedVariant]:
    """The check of a plan that finds one thing in each variant."""
    finding = Finding(rule=rule, severity=Severity.WARNING, what="what", why="why", fix="fix")
    return [
        CheckedVariant(variant=planned.variant, case=None, findings=(finding,))
        for planned in of.variants
    ]


def rules_in(folder: Path) -> dict[str, list[str]]:
    """The rules of what ``run.json`` says was found, by variant."""
    return {
        name: [found["rule"] for found in entry["preflight"]]
        for name, entry in entries(folder).items()
    }


def test_what_was_found_in_a_variant_stands_in_run_json_even_if_its_engine_fails(
    tmp_path: Path,
) -> None:
    of = plan()
    checked = found_in(of, "eager")

    run(tmp_path / "r", failing_at("one"), Told(), of, checked=checked)

    kept = entries(tmp_path / "r")
    assert kept["one"]["preflight"] == preflight_facts(checked, "one") != []
    assert rules_in(tmp_path / "r") == {"one": ["eager"], "two": ["eager"]}


def test_a_session_renews_what_was_found_in_the_variants_that_it_starts_and_in_no_other(
    tmp_path: Path,
) -> None:
    """The vLLM of the first session is another one by then."""
    of, folder = plan(), tmp_path / "r"
    run(folder, failing_at("two"), Told(), of, checked=found_in(of, "before"))
    kept = RunFolder(folder).read_facts()["variants"]

    run(folder, failing_at(""), Told(), of, kept, checked=found_in(of, "since"))

    assert rules_in(folder) == {"one": ["before"], "two": ["since"]}


def test_of_a_server_that_was_not_checked_nothing_was_found(tmp_path: Path) -> None:
    run(tmp_path / "r", opener(lambda _: perfect_recall, []), Told(), plan())

    assert rules_in(tmp_path / "r") == {"one": [], "two": []}
