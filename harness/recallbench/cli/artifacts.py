"""Writes a run's reports into its folder, from ``run.json`` and the journal alone."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rich.console import Console

from recallbench.diagnosis import Diagnosis, diagnose, key_end_chars, serving_facts
from recallbench.domain import Grid, TrialRecord
from recallbench.journal import RunFolder, read_journal
from recallbench.reports.csv_table import write_summary, write_trials
from recallbench.reports.diagnosis_text import diagnosis_entries, print_diagnoses
from recallbench.reports.heatmap import HeatmapLabels, draw_heatmap
from recallbench.reports.rope_text import rope_sentence, rope_status, rope_word
from recallbench.reports.terminal import print_summary
from recallbench.stats import VariantSummary, latest, summarize


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifacts:
    """What was written, and the numbers in it."""

    summaries: tuple[VariantSummary, ...]
    """One for each variant."""
    paths: tuple[Path, ...]
    """The files."""
    notes: Mapping[str, str]
    """By variant, how far its RoPE is known."""
    diagnoses: Mapping[str, tuple[Diagnosis, ...]]
    """By variant, what its recall points to."""

    @property
    def is_complete(self) -> bool:
        """Whether every planned trial has an answer that was judged or cut by its budget."""
        return not any(
            summary.overall.errored or summary.overall.overflow or summary.overall.owed
            for summary in self.summaries
        )


def write_artifacts(folder: RunFolder) -> Artifacts:
    """Write tables and heatmaps.

    Raises:
        RunFolderError: there is no run, or its journal is damaged.
    """
    facts = folder.read_facts()
    records = latest(read_journal(folder.journal_path))
    grid = Grid(
        lengths=tuple(facts["grid"]["lengths"]),
        depths=tuple(facts["grid"]["depths"]),
        trials=facts["grid"]["trials"],
    )
    summaries = tuple(
        summarize(records, variant=entry["name"], grid=grid, asked_lengths=entry["lengths"])
        for entry in facts["variants"]
    )
    entries = facts["variants"]
    diagnoses = {summary.variant: _diagnosed(summary, records, facts) for summary in summaries}
    paths = [
        _trials(folder, records),
        _summary(folder, summaries, {e["name"]: str(rope_status(e)) for e in entries}),
        _diagnoses(folder, diagnoses),
    ]
    for entry, summary in zip(facts["variants"], summaries, strict=True):
        path = folder.heatmap_path(entry["name"])
        draw_heatmap(summary, _labels(entry), path)
        paths.append(path)
    return Artifacts(
        summaries=summaries,
        paths=tuple(paths),
        notes={entry["name"]: rope_sentence(entry) for entry in entries},
        diagnoses=diagnoses,
    )


def _diagnosed(
    summary: VariantSummary, records: tuple[TrialRecord, ...], facts: Mapping[str, Any]
) -> tuple[Diagnosis, ...]:
    """What one variant's recall points to, in the light of the others of the run."""
    own = [record for record in records if record.variant == summary.variant]
    others = (record for record in records if record.variant != summary.variant)
    served = serving_facts(facts, summary.variant)
    served = replace(served, siblings_key_end_chars=key_end_chars(others))
    return diagnose(summary, own, served)


def show(artifacts: Artifacts, console: Console) -> None:
    """Print a run's recall, what it points to, and the files that tell more."""
    print_summary(artifacts.summaries, console, artifacts.notes)
    for variant, diagnoses in artifacts.diagnoses.items():
        print_diagnoses(variant, diagnoses, console)
    for path in artifacts.paths:
        console.print(str(path), soft_wrap=True, markup=False)


def _trials(folder: RunFolder, records: tuple[TrialRecord, ...]) -> Path:
    path = folder.path / "trials.csv"
    with path.open("w", newline="", encoding="utf-8") as stream:
        write_trials(records, stream)
    return path


def _diagnoses(folder: RunFolder, diagnoses: Mapping[str, tuple[Diagnosis, ...]]) -> Path:
    path = folder.path / "diagnosis.json"
    told = {variant: diagnosis_entries(found) for variant, found in diagnoses.items()}
    path.write_text(json.dumps(told, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def _summary(
    folder: RunFolder, summaries: tuple[VariantSummary, ...], ropes: Mapping[str, str]
) -> Path:
    path = folder.path / "summary.csv"
    with path.open("w", newline="", encoding="utf-8") as stream:
        write_summary(summaries, stream, ropes)
    return path


def _labels(entry: dict[str, Any]) -> HeatmapLabels:
    engine = entry["engine"] or {}
    extra = [f"vLLM {engine['version']}"] if engine.get("version") else []
    extra += [f"quantization {entry['quantization']}"] if entry["quantization"] else []
    extra += [f"KV cache {entry['kv_cache_dtype']}"] if entry["kv_cache_dtype"] else []
    return HeatmapLabels(
        model=entry["model"] or engine.get("served_model") or "model",
        variant=entry["name"],
        rope=f"{entry['rope_label']}, {rope_word(entry)}",
        extra=", ".join(extra),
    )
