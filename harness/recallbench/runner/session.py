"""One session of a run: every variant that owes trials is started, asked and stopped."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from typing import Any

from recallbench.domain import Prompt, Trial, TrialRecord
from recallbench.engines.opened import OpenedEngine
from recallbench.engines.server_metrics import ServerCounts
from recallbench.errors import EngineError, EngineLostError, PromptError, RecallbenchError
from recallbench.journal import Journal, RunFolder, read_journal
from recallbench.rope import RopeProof
from recallbench.rope.proof import with_twin
from recallbench.runner.asking import Asker
from recallbench.runner.dispatch import dispatch
from recallbench.runner.drawing import Drawing
from recallbench.runner.interrupt import Interrupt
from recallbench.runner.owed import TrialSource
from recallbench.runner.preflight import CheckedVariant
from recallbench.runner.progress import Listener
from recallbench.runner.refusals import (
    refuse_another_engine,
    refuse_mismatch,
    refuse_other_questions,
)
from recallbench.runner.run_facts import preflight_facts, proof_facts
from recallbench.runner.sources import baseline_first, line_of, source_of
from recallbench.runner.startups import Opener, Room, Startups
from recallbench.runner.timeline import TimedEngine, Timeline
from recallbench.runner.warm_up import warm_up
from recallbench.schedule.standing import Standing
from recallbench.scoring import ScoringRule
from recallbench.stats import latest
from recallbench.stats.cost import added
from recallbench.suite import PlannedVariant, RunPlan

Build = Callable[[Trial, int], Prompt]
"""Makes a trial's prompt, so many tokens shorter than asked as the server adds itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """What a session works with."""

    plan: RunPlan
    """What is to be asked."""
    folder: RunFolder
    """Where it is kept."""
    journal: Journal
    """Open for writing."""
    records: Collection[TrialRecord]
    """What earlier sessions have asked."""
    opener: Opener
    """Brings up engines."""
    build: Build
    """Makes prompts."""
    listener: Listener
    """Told what happens."""
    interrupt: Interrupt
    """Asked before each trial."""
    room: Room | None = None
    """Whether an engine may start beside another; None starts one after another."""
    checked: Sequence[CheckedVariant] = ()
    """What was found in the variants before this session; none of an endpoint."""

    async def run(self) -> list[str]:
        """Ask everything that is owed.

        Returns:
            Why variants were left unfinished, in words; empty if none was.
        """
        failures = []
        order = baseline_first(self.plan)
        async with Startups(self.opener, room=self.room, listener=self.listener) as startups:
            for place, planned in enumerate(order, start=1):
                if self.interrupt.stopping:
                    break
                failures += await self._run_variant(planned, order[place:], startups)
        return failures

    async def _run_variant(
        self, planned: PlannedVariant, later: Sequence[PlannedVariant], startups: Startups
    ) -> list[str]:
        """Ask one variant; why it was left unfinished, if its engine was the reason."""
        try:
            await self._take_turn(planned, later, startups)
        except EngineError as error:
            log = self.folder.log_path(planned.variant.name)
            lost = isinstance(error, EngineLostError) and log.exists()
            told = f"{error}. Its log: {log}" if lost else str(error)
            failure = f"variant {planned.variant.name}: {told}"
            self._note(planned, {"state": "failed", "error": str(error)})
            self.listener.say(failure)
            return [failure]
        finally:
            self.listener.end()
        return []

    async def _take_turn(
        self, planned: PlannedVariant, later: Sequence[PlannedVariant], startups: Startups
    ) -> None:
        name = planned.variant.name
        source = source_of(self.plan, planned, self._records_now())
        if source.is_over:
            self.listener.say(f"{name}: {source.told}")
            self._note(planned, {"state": "asked"})
            return
        # Not before: a variant that is over may have been asked of another vLLM than was checked.
        self._note(planned, {"preflight": preflight_facts(self.checked, name)})
        timeline = Timeline(
            self._entry(planned).get("time"), lambda facts: self._note(planned, {"time": facts})
        )
        async with startups.turn(planned, timeline) as opened:
            with timeline.asking():
                timed = TimedEngine(
                    opened.engine, timeline, lambda: self._prepare_next(later, startups)
                )
                await self._ask(planned, source, opened, timed)
        if not self.interrupt.stopping:
            self._note(planned, {"state": "asked"})
        if isinstance(source, Drawing):
            self.listener.say(f"{name}: {source.told}")

    async def _ask(
        self, planned: PlannedVariant, source: TrialSource, opened: OpenedEngine, timed: TimedEngine
    ) -> None:
        """Ask what is owed of an engine that is up, unless it is another than was asked for."""
        name = planned.variant.name
        trials = self.plan.trials_for(planned)
        build = self._build_for(opened)
        self._look_at(planned, opened)
        refuse_other_questions(self.plan, planned, build)
        is_drawn = isinstance(source, Drawing)
        self.listener.begin(name, source.done, len(trials), at_most=is_drawn)
        asker = self._asker(name, replace(opened, engine=timed), build)
        with suppress(PromptError):  # told with its own trial
            await warm_up(opened.engine, build(trials[0]), asker.standing, self.listener.say)
        before = await opened.counts()
        try:
            await dispatch(
                asker,
                line_of(
                    self.plan,
                    source,
                    kv_cache_tokens=opened.facts.kv_cache_tokens,
                    in_order=opened.in_order,
                    is_over=lambda: self.interrupt.stopping,
                ),
                concurrency=min(self.plan.suite.form.concurrency, len(trials)),
                interrupt=self.interrupt,
                keep=lambda record: self._keep(record, source),
            )
        finally:
            timed.timeline.counted(self._note_cost(planned, before, await opened.counts()))

    def _look_at(self, planned: PlannedVariant, opened: OpenedEngine) -> None:
        """Keep and tell what an engine is, and refuse what must not be measured."""
        name = planned.variant.name
        refuse_another_engine(self._entry(planned), opened, self.records)
        proof = self._proof(planned, opened)
        news = {"engine": asdict(opened.facts), "rope_effective": proof_facts(proof)}
        self._note(planned, {"state": "started", "error": None, **news})
        self.listener.say(f"{name}: RoPE {proof.status}: {'; '.join(proof.reasons)}")
        refuse_mismatch(planned, proof)
        for note in opened.facts.notes:
            self.listener.say(f"{name}: {note}")

    def _prepare_next(self, later: Sequence[PlannedVariant], startups: Startups) -> None:
        """The present variant is being asked: bring up the next that owes trials, if there is."""
        if self.room is None:
            return
        records = self._records_now()
        for planned in later:
            # What is wrong with its source is told in its turn.
            with suppress(RecallbenchError):
                if not source_of(self.plan, planned, records).is_over:
                    startups.prepare(planned)
                    return

    def _build_for(self, opened: OpenedEngine) -> Callable[[Trial], Prompt]:
        """Prompts as this engine is sent them: shorter by what its server adds."""
        return lambda trial: self.build(trial, opened.extra_tokens)

    def _asker(self, name: str, opened: OpenedEngine, build: Callable[[Trial], Prompt]) -> Asker:
        form = self.plan.suite.form
        return Asker(
            variant=name,
            engine=opened.engine,
            build=build,
            standing=Standing(
                opened.facts.block_size,
                is_cold=form.engine.cache == "cold",
                in_order=opened.in_order,
            ),
            budget=self.plan.suite.budget,
            rule=ScoringRule(
                thinking=form.prompt.thinking == "on", thinking_end=form.answer.thinking_end
            ),
            attempts=form.engine.attempts,
            say=self.listener.say,
        )

    def _proof(self, planned: PlannedVariant, opened: OpenedEngine) -> RopeProof:
        """The engine's proof, in the light of the variants before it."""
        claims = {each.variant.name: each.claim for each in self.plan.variants}
        others = {
            entry["name"]: (
                claim,
                frozenset(t["sha256"] for t in entry["rope_effective"]["tables"]),
            )
            for entry in self.folder.read_facts()["variants"]
            if entry["name"] != planned.variant.name and (claim := claims.get(entry["name"]))
        }
        claim = planned.claim
        return with_twin(opened.proof, claim, others) if claim else opened.proof

    def _keep(self, record: TrialRecord, source: TrialSource) -> None:
        self.journal.append(record)
        source.tell(record)
        self.listener.trial(record)

    def _note_cost(
        self, planned: PlannedVariant, before: ServerCounts | None, after: ServerCounts | None
    ) -> dict[str, Any] | None:
        """Add what the server has counted meanwhile to what it had in earlier sessions.

        Returns:
            What it has counted meanwhile; None if that is not known.
        """
        grown = after.since(before) if before and after else None
        if grown is None:
            return None
        counts = asdict(grown)
        self._note(planned, {"cost": added(self._entry(planned).get("cost"), counts)})
        return counts

    def _records_now(self) -> tuple[TrialRecord, ...]:
        """What the journal holds, of this session too."""
        return latest(read_journal(self.folder.journal_path))

    def _entry(self, planned: PlannedVariant) -> dict[str, Any]:
        """The variant's entry in ``run.json``."""
        entries: list[dict[str, Any]] = self.folder.read_facts()["variants"]
        return next(entry for entry in entries if entry["name"] == planned.variant.name)

    def _note(self, planned: PlannedVariant, news: dict[str, Any]) -> None:
        """Put news of a variant into ``run.json``."""
        facts = self.folder.read_facts()
        for entry in facts["variants"]:
            if entry["name"] == planned.variant.name:
                entry.update(news)
        del facts["schema"]
        self.folder.write_facts(facts)
