"""Run folders as they are committed: ``run.json`` and the journal, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from recallbench.domain import TrialRecord
from recallbench.journal import Journal, RunFolder
from recallbench.rope.proof import unverified
from recallbench.runner.run_facts import proof_facts
from recallbench.suite import parse_suite
from support.records import DEPTHS

PUBLISHED = Path(__file__).parents[2] / "results" / "published"


def stored_run(
    folder: Path,
    variants: Mapping[str, Sequence[TrialRecord]],
    *,
    gate: dict[str, Any] | None = None,
    lengths: Sequence[int] = (1000,),
    trials: int = 10,
    state: str = "asked",
) -> Path:
    """Write a run of these records; its variants are native and of one model."""
    folder.mkdir()
    suite: dict[str, Any] = {
        "suite": "stored",
        "model": "m",
        "grid": {"lengths": list(lengths), "depths": list(DEPTHS), "trials": trials},
        "variants": [{"name": name} for name in variants],
    }
    grid = {"lengths": list(lengths), "depths": list(DEPTHS), "trials": trials}
    RunFolder(folder).write_facts(
        {
            "suite": parse_suite({**suite, "gate": gate}, "test").model_dump(mode="json"),
            "grid": grid,
            "prompts": {"layout": "single"},
            "variants": [_entry(name, lengths, state) for name in variants],
        }
    )
    with Journal(RunFolder(folder).journal_path) as journal:
        for name, records in variants.items():
            for record in records:
                journal.append(replace(record, variant=name))
    return folder


def _entry(name: str, lengths: Sequence[int], state: str) -> dict[str, Any]:
    return {
        "name": name,
        "model": "m",
        "rope_label": "native",
        "rope_parameters": None,
        "hf_overrides": None,
        "rope_effective": proof_facts(unverified("stored")),
        "max_model_len": 2048,
        "native_length": 2048,
        "trained_length": None,
        "allow": [],
        "lengths": list(lengths),
        "left_out": [],
        "quantization": None,
        "kv_cache_dtype": None,
        "dtype": None,
        "engine_args": [],
        "reasons": [],
        "preflight": [],
        "state": state,
        "engine": {"kind": "vllm", "version": "0.32.0", "startup_s": 30.0},
        "cost": None,
        "error": None,
    }


def published(name: str, folder: Path) -> Path:
    """A copy of a published run, its two files only."""
    folder.mkdir()
    for part in ("run.json", "trials.jsonl"):
        (folder / part).write_bytes((PUBLISHED / name / part).read_bytes())
    return folder
