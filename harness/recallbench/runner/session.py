"""One session of a run: every variant that owes trials is started, asked and stopped."""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import AbstractAsyncContextManager
from dataclasses import asdict, dataclass
from typing import Any

from recallbench.domain import Outcome, Prompt, Trial, TrialRecord
from recallbench.engines.opened import OpenedEngine
from recallbench.errors import EngineError, EngineLostError, RopeMismatchError
from recallbench.journal import Journal, RunFolder
from recallbench.preflight import ROPE_MISMATCH
from recallbench.rope import ProofStatus, RopeProof
from recallbench.rope.proof import with_twin
from recallbench.runner.asking import Asker
from recallbench.runner.dispatch import dispatch
from recallbench.runner.interrupt import Interrupt
from recallbench.runner.progress import Listener
from recallbench.runner.run_facts import proof_facts
from recallbench.scoring import ScoringRule
from recallbench.suite import PlannedVariant, RunPlan

Opener = Callable[[PlannedVariant], AbstractAsyncContextManager[OpenedEngine]]
"""Brings up the engine of a variant for as long as a block runs."""
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

    async def run(self) -> list[str]:
        """Ask everything that is owed.

        Returns:
            Why variants were left unfinished, in words; empty if none was.
        """
        failures = []
        for planned in self.plan.variants:
            if self.interrupt.stopping:
                break
            try:
                await self._run_variant(planned)
            except EngineError as error:
                log = self.folder.log_path(planned.variant.name)
                lost = isinstance(error, EngineLostError) and log.exists()
                told = f"{error}. Its log: {log}" if lost else str(error)
                failures.append(f"variant {planned.variant.name}: {told}")
                self._note(planned, {"state": "failed", "error": str(error)})
                self.listener.say(failures[-1])
            finally:
                self.listener.end()
        return failures

    async def _run_variant(self, planned: PlannedVariant) -> None:
        name = planned.variant.name
        trials = self.plan.trials_for(planned)
        owed = owed_trials(trials, self.records, name)
        if not owed:
            self.listener.say(f"{name}: all {len(trials)} trials are in the journal")
            return
        async with self.opener(planned) as opened:
            self._refuse_another_engine(planned, opened)
            proof = self._proof(planned, opened)
            news = {"engine": asdict(opened.facts), "rope_effective": proof_facts(proof)}
            self._note(planned, {"state": "started", "error": None, **news})
            self._refuse_mismatch(planned, proof)
            for note in opened.facts.notes:
                self.listener.say(f"{name}: {note}")
            self.listener.begin(name, len(trials) - len(owed), len(trials))
            await dispatch(
                self._asker(name, opened),
                owed,
                concurrency=min(self.plan.suite.form.engine.concurrency, len(owed)),
                interrupt=self.interrupt,
                keep=self._keep,
            )
        if not self.interrupt.stopping:
            self._note(planned, {"state": "asked"})

    def _asker(self, name: str, opened: OpenedEngine) -> Asker:
        form = self.plan.suite.form
        return Asker(
            variant=name,
            engine=opened.engine,
            build=lambda trial: self.build(trial, opened.extra_tokens),
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

    def _refuse_mismatch(self, planned: PlannedVariant, proof: RopeProof) -> None:
        """Tell how far the RoPE is proved; one that is another is not measured unless allowed."""
        reasons = "; ".join(proof.reasons)
        self.listener.say(f"{planned.variant.name}: RoPE {proof.status}: {reasons}")
        if proof.status is not ProofStatus.MISMATCH:
            return
        if ROPE_MISMATCH not in planned.variant.allow:
            raise RopeMismatchError(
                f"not measured, as it runs another RoPE than was asked for: {reasons}. Mend the "
                f"variant (recallbench check), or measure it all the same (--allow {ROPE_MISMATCH})"
            )

    def _refuse_another_engine(self, planned: PlannedVariant, opened: OpenedEngine) -> None:
        """One variant's trials are all of one engine: half of each would be neither's recall."""
        name = planned.variant.name
        if not any(record.variant == name for record in self.records):
            return
        before = next(e for e in self.folder.read_facts()["variants"] if e["name"] == name)
        then, now = (before["engine"] or {}).get("version"), opened.facts.version
        if then and now and then != now:
            raise EngineError(
                f"its first trials were asked of vLLM {then} and this is {now}; go on with {then}, "
                "or begin a new run"
            )

    def _keep(self, record: TrialRecord) -> None:
        self.journal.append(record)
        self.listener.trial(record)

    def _note(self, planned: PlannedVariant, news: dict[str, Any]) -> None:
        """Put news of a variant into ``run.json``."""
        facts = self.folder.read_facts()
        for entry in facts["variants"]:
            if entry["name"] == planned.variant.name:
                entry.update(news)
        del facts["schema"]
        self.folder.write_facts(facts)


def owed_trials(
    trials: Collection[Trial], records: Collection[TrialRecord], variant: str
) -> tuple[Trial, ...]:
    """Trials without a record, and those whose last record is an error."""
    last = {record.trial_id: record.outcome for record in records if record.variant == variant}
    return tuple(trial for trial in trials if last.get(trial.trial_id) in {None, Outcome.ERRORED})
