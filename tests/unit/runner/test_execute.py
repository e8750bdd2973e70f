"""A run keeps what its check found and the text around each needle, a resumed one its own."""

from __future__ import annotations

import gc
import io
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from recallbench.domain import Outcome
from recallbench.engines.opened import EngineFacts, OpenedEngine
from recallbench.engines.scripted import ScriptedEngine, perfect_recall
from recallbench.engines.server_arguments import InstalledVllm
from recallbench.errors import EngineStartError
from recallbench.journal import RunFolder, read_journal
from recallbench.rope.proof import unverified
from recallbench.runner import execute as executing
from recallbench.runner import preflight, preparation
from recallbench.runner.execute import RunEnd, RunRequest, execute
from recallbench.runner.interrupt import Interrupt
from recallbench.runner.opening import EngineRoom
from recallbench.runner.progress import LineListener
from recallbench.runner.session import Session
from recallbench.suite import Options, PlannedVariant
from support.tokenizer_zoo import transformers_tokenizer

CONFIG = {
    "model_type": "qwen3",
    "max_position_embeddings": 40960,
    "rope_theta": 1e6,
    "head_dim": 128,
}


VLLM = InstalledVllm(distribution="vllm", version="0.33.0")


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A checkpoint without weights, and a vLLM of which no engine is started."""
    folder = tmp_path / "model"
    transformers_tokenizer("gpt2-chat").save_pretrained(folder)
    (folder / "config.json").write_text(json.dumps(CONFIG), encoding="utf-8")
    for module in (executing, preflight, preparation):
        monkeypatch.setattr(module, "installed_vllm", lambda: VLLM)
    return str(folder)


class Engines:
    """In place of those of a run: they recall everything, or do not start."""

    def __init__(self) -> None:
        self.start = True

    @asynccontextmanager
    async def open(self, planned: PlannedVariant) -> AsyncIterator[OpenedEngine]:
        if not self.start:
            raise EngineStartError(f"{planned.variant.name}: out of memory")
        yield OpenedEngine(
            engine=ScriptedEngine(perfect_recall),
            facts=EngineFacts(kind="scripted", api="completions"),
            proof=unverified("scripted"),
        )


@pytest.fixture
def engines(monkeypatch: pytest.MonkeyPatch) -> Engines:
    """The engines of every run of the test."""
    made = Engines()
    monkeypatch.setattr(EngineRoom, "open", lambda _, planned: made.open(planned))
    return made


def done(request: RunRequest) -> RunEnd:
    return execute(request, LineListener(Console(file=io.StringIO())))


def new_run(model: str, folder: Path) -> RunEnd:
    options = Options(model=model, factor=4.0, lengths=(300,), depths=(0.5,), trials=2)
    return done(RunRequest(options=options, out=folder))


def preflight_of(folder: Path) -> Any:
    (entry,) = RunFolder(folder).read_facts()["variants"]
    return entry.get("preflight")


@pytest.mark.usefixtures("engines")
def test_a_run_keeps_what_its_check_found_and_the_text_around_each_needle(
    model: str, tmp_path: Path
) -> None:
    ended = new_run(model, tmp_path / "run")

    assert ended.failures == ()
    found = {each["rule"]: each["severity"] for each in preflight_of(tmp_path / "run")}
    assert found["factor-larger-than-asked"] == "advice"
    records = read_journal(ended.folder.journal_path)
    assert [record.outcome for record in records] == [Outcome.RECALLED] * 2
    assert all(r.needle_context and r.key in r.needle_context[1] for r in records)


def test_what_was_found_is_kept_before_any_engine_is_started(
    model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def none_started(_session: Session, _interrupt: Interrupt) -> list[str]:
        return []

    monkeypatch.setattr(executing, "run_session", none_started)

    new_run(model, tmp_path / "run")

    assert [found["rule"] for found in preflight_of(tmp_path / "run")] != []


def test_a_resumed_run_from_before_findings_were_kept_keeps_those_of_its_own_check(
    model: str, engines: Engines, tmp_path: Path
) -> None:
    folder = RunFolder(tmp_path / "run")
    engines.start = False
    assert len(new_run(model, folder.path).failures) == 1
    found = preflight_of(folder.path)
    facts = folder.read_facts()
    del facts["schema"], facts["variants"][0]["preflight"]
    folder.write_facts(facts)
    engines.start = True

    ended = done(RunRequest(options=Options(), resume=folder.path))

    assert ended.failures == ()
    assert preflight_of(folder.path) == found != []


@pytest.mark.usefixtures("engines")
def test_nothing_stays_hidden_from_the_garbage_collector_after_a_run(
    model: str, tmp_path: Path
) -> None:
    new_run(model, tmp_path / "run")

    assert gc.get_freeze_count() == 0
