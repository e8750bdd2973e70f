"""A run from its options to its finished folder: new or resumed, to the end or interrupted."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from recallbench.engines.endpoint import Served
from recallbench.engines.vllm_process import installed_vllm
from recallbench.errors import EngineStartError, RunFolderError, SuiteError
from recallbench.journal import Journal, RunFolder, read_journal
from recallbench.runner.interrupt import Interrupt
from recallbench.runner.opening import EngineRoom, ask_served
from recallbench.runner.preflight import CheckedVariant, check_plan, refuse
from recallbench.runner.preparation import (
    Models,
    Say,
    find_models,
    plan_for,
)
from recallbench.runner.progress import Listener
from recallbench.runner.prompt_kit import PromptKit, prompt_kit
from recallbench.runner.refusals import refuse_other_questions
from recallbench.runner.run_facts import first_facts, refuse_another, refuse_other_prompts
from recallbench.runner.session import Session
from recallbench.suite import (
    Options,
    RunPlan,
    SuiteFile,
    parse_suite,
    resolve,
    suite_with,
    with_allowed,
)

INSTALL = (
    "install it (`pip install 'recallbench[vllm]'` with a GPU, `scripts/demo` shows it without)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRequest:
    """What the command line asks for."""

    options: Options
    """Suite and what goes over it."""
    out: Path | None = None
    """Folder of a new run; None makes one under ``results/``."""
    resume: Path | None = None
    """Folder of a run to go on with."""
    command: str = ""
    """The command as typed, for the record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEnd:
    """How a run ended."""

    folder: RunFolder
    """Where it is kept."""
    failures: tuple[str, ...]
    """Why variants were left unfinished."""
    interrupted: bool
    """Whether it was stopped by a signal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A plan with the models and, for an endpoint, what it serves."""

    plan: RunPlan
    """What would be asked."""
    models: Models
    """Where the models are."""
    served: Served | None
    """The endpoint's own account."""


def make_plan(form: SuiteFile, say: Say) -> Planned:
    """Plan a suite; starts no engine, asks an endpoint only what it serves.

    Raises:
        RecallbenchError: the suite, a model, a RoPE or a length is wrong.
    """
    suite = resolve(form)
    if form.endpoint is None:
        models = find_models(suite, say)
        return Planned(plan=plan_for(suite, models), models=models, served=None)
    served = asyncio.run(ask_served(suite, None))
    models = find_models(suite, say, served=served.root or served.model)
    plan = plan_for(suite, models, served.max_model_len)
    return Planned(plan=plan, models=models, served=served)


def execute(request: RunRequest, listener: Listener) -> RunEnd:
    """Run or resume.

    Raises:
        RecallbenchError: nothing was asked, and why.
    """
    folder, facts, form = _resumed(request) if request.resume else _new(request)
    if form.endpoint is None and form.model is None:
        raise SuiteError("no model to ask: give --model, or --endpoint for a server that stands")
    if form.endpoint is None and installed_vllm() is None:
        raise EngineStartError(
            f"vLLM is not installed in this Python: {INSTALL}, or ask a standing server "
            "(--endpoint URL)"
        )
    planned = make_plan(form, listener.say)
    if facts:
        refuse_another(folder, facts, planned.plan)
    checked = check_plan(planned.plan, planned.models.paths)
    for each in checked:
        for finding in each.findings:
            listener.say(f"{each.variant.name}: {finding.severity}: {finding.what}: {finding.why}")
    refuse(checked)
    kit = prompt_kit(planned.plan, planned.models, listener.say)
    if facts:
        refuse_other_prompts(folder, facts, kit)
    _refuse_other_questions(planned, kit)
    for text in _worth_saying(planned.plan, kit):
        listener.say(text)
    if not facts:
        folder.create()
        folder.write_facts(first_facts(planned.plan, kit, checked, request.command))
    return _asked(folder, planned, kit, checked, listener)


def _asked(
    folder: RunFolder,
    planned: Planned,
    kit: PromptKit,
    checked: tuple[CheckedVariant, ...],
    listener: Listener,
) -> RunEnd:
    room = EngineRoom(
        plan=planned.plan,
        models=planned.models,
        folder=folder,
        listener=listener,
        served=planned.served,
    )
    interrupt = Interrupt(listener.say)
    with _without_old_garbage(), Journal(folder.journal_path) as journal:
        session = Session(
            plan=planned.plan,
            folder=folder,
            journal=journal,
            records=read_journal(folder.journal_path),
            opener=room.open,
            build=kit.build,
            listener=listener,
            interrupt=interrupt,
            room=room.why_no_room if planned.plan.suite.form.engine.overlap else None,
            checked=checked,
        )
        failures = asyncio.run(run_session(session, interrupt))
    return RunEnd(folder=folder, failures=tuple(failures), interrupted=interrupt.stopping)


@contextmanager
def _without_old_garbage() -> Iterator[None]:
    """While requests are sent, garbage is not looked for in what is loaded by now.

    To look through all of transformers takes a quarter of a second, in which nothing is sent. At
    the end of the program all must be found again, or triton's bindings print what they leaked.
    """
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


async def run_session(session: Session, interrupt: Interrupt) -> list[str]:
    """Run a session under its signals; one that is cancelled by them ends without failures."""
    with interrupt.listening():
        try:
            return await session.run()
        except asyncio.CancelledError:
            if not interrupt.stopping:
                raise
            return []


def _refuse_other_questions(planned: Planned, kit: PromptKit) -> None:
    """Before an engine is started; a server's own prompts are known once it is connected."""
    for each in planned.plan.variants:
        refuse_other_questions(planned.plan, each, None if planned.served else kit.build)


def _new(request: RunRequest) -> tuple[RunFolder, None, SuiteFile]:
    form = suite_with(request.options)
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    folder = RunFolder(request.out or Path("results") / f"{form.suite}-{stamp}")
    if folder.facts_path.exists() or folder.journal_path.exists():
        folder.create()  # raises, before time is spent on models
    return folder, None, form


def _resumed(request: RunRequest) -> tuple[RunFolder, Mapping[str, Any], SuiteFile]:
    """The run's own suite, or the one given on the command line, which must be the same."""
    assert request.resume, "called for resumed runs only"  # noqa: S101 - an invariant
    if request.out:
        raise SuiteError("--resume goes on in the run's own folder; leave out --out")
    folder = RunFolder(request.resume)
    facts = folder.read_facts()
    if not folder.journal_path.exists() and not isinstance(facts.get("suite"), dict):
        raise RunFolderError(f"{folder.path}: holds no run to go on with")
    allowed, overlap = request.options.allow, request.options.overlap
    if request.options == Options(allow=allowed, overlap=overlap):
        suite = parse_suite(facts["suite"], str(folder.facts_path))
        return folder, facts, with_allowed(_overlapping(suite, overlap=overlap), allowed)
    return folder, facts, suite_with(request.options)


def _overlapping(suite: SuiteFile, *, overlap: bool) -> SuiteFile:
    """The suite, its engines started beside each other if that is asked for."""
    if not overlap:
        return suite
    return suite.model_copy(update={"engine": suite.engine.model_copy(update={"overlap": True})})


def _worth_saying(plan: RunPlan, kit: PromptKit) -> list[str]:
    reasons = (
        f"{planned.variant.name}: {reason}"
        for planned in plan.variants
        for reason in planned.reasons
    )
    return [*kit.notes, *reasons]
