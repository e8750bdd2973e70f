"""Writes a run's reports into its folder, from ``run.json`` and the journal alone."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from recallbench.domain import Grid, TrialRecord
from recallbench.journal import RunFolder, read_journal
from recallbench.reports.csv_table import write_summary, write_trials
from recallbench.reports.heatmap import HeatmapLabels, draw_heatmap
from recallbench.stats import VariantSummary, latest, summarize


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifacts:
    """What was written, and the numbers in it."""

    summaries: tuple[VariantSummary, ...]
    """One for each variant."""
    paths: tuple[Path, ...]
    """The files."""

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
    paths = [_trials(folder, records), _summary(folder, summaries)]
    for entry, summary in zip(facts["variants"], summaries, strict=True):
        path = folder.heatmap_path(entry["name"])
        draw_heatmap(summary, _labels(entry), path)
        paths.append(path)
    return Artifacts(summaries=summaries, paths=tuple(paths))


def _trials(folder: RunFolder, records: tuple[TrialRecord, ...]) -> Path:
    path = folder.path / "trials.csv"
    with path.open("w", newline="", encoding="utf-8") as stream:
        write_trials(records, stream)
    return path


def _summary(folder: RunFolder, summaries: tuple[VariantSummary, ...]) -> Path:
    path = folder.path / "summary.csv"
    with path.open("w", newline="", encoding="utf-8") as stream:
        write_summary(summaries, stream)
    return path


def _labels(entry: dict[str, Any]) -> HeatmapLabels:
    engine = entry["engine"] or {}
    extra = [f"vLLM {engine['version']}"] if engine.get("version") else []
    extra += [f"quantization {entry['quantization']}"] if entry["quantization"] else []
    extra += [f"KV cache {entry['kv_cache_dtype']}"] if entry["kv_cache_dtype"] else []
    return HeatmapLabels(
        model=entry["model"] or engine.get("served_model") or "model",
        variant=entry["name"],
        rope=entry["rope_label"],
        extra=", ".join(extra),
    )
