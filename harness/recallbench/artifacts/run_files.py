"""Writes a run's reports into its folder."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from recallbench.artifacts.report_page import report_html
from recallbench.artifacts.run_results import RunResults, cache_sentences, rope_statuses
from recallbench.journal import RunFolder
from recallbench.journal.run_folder import PAGE
from recallbench.reports.csv_table import write_summary, write_trials
from recallbench.reports.diagnosis_text import diagnosis_entries
from recallbench.reports.heatmap import HeatmapLabels, draw_heatmap
from recallbench.reports.junit import junit_xml
from recallbench.reports.markdown_text import bullets, escaped, folded
from recallbench.reports.rope_text import rope_word
from recallbench.reports.summary_markdown import SummaryPage, summary_markdown
from recallbench.reports.time_text import time_lines
from recallbench.stats import VariantSummary


def write_files(folder: RunFolder, results: RunResults) -> tuple[Path, ...]:
    """Write tables, the page, pictures, and what CI systems show.

    Args:
        folder: of the run.
        results: what is known of it.

    Returns:
        The files.
    """
    return (
        _trials(folder, results),
        _summary(folder, results),
        _diagnoses(folder, results),
        _junit(folder, results),
        _written(folder.path / "summary.md", results_markdown(results)),
        _written(folder.page_path, report_html(results)),
        *(path for summary in results.summaries for path in _heatmaps(folder, summary, results)),
    )


def results_markdown(results: RunResults) -> str:
    """``summary.md``, which a CI job shows too."""
    page = SummaryPage(
        run=results.run,
        summaries=results.summaries,
        verdicts=results.verdicts,
        profiles=results.profiles,
        ropes=rope_statuses(results),
        diagnoses=results.diagnoses,
        caches=cache_sentences(results),
        is_drawn=results.is_drawn,
    )
    times = time_lines(results.facts)
    block = f"\n{folded('Where the time went', bullets(times))}\n" if times else ""
    whole = escaped(f"Every trial, with what the model said: {Path(results.run) / PAGE}")
    return f"{summary_markdown(page)}{block}\n{whole}\n"


def _trials(folder: RunFolder, results: RunResults) -> Path:
    path = folder.path / "trials.csv"
    with path.open("w", newline="", encoding="utf-8") as stream:
        write_trials(results.records, stream)
    return path


def _summary(folder: RunFolder, results: RunResults) -> Path:
    path = folder.path / "summary.csv"
    with path.open("w", newline="", encoding="utf-8") as stream:
        write_summary(results.summaries, stream, rope_statuses(results))
    return path


def _diagnoses(folder: RunFolder, results: RunResults) -> Path:
    told = {variant: diagnosis_entries(found) for variant, found in results.diagnoses.items()}
    text = json.dumps(told, indent=2, ensure_ascii=False) + "\n"
    return _written(folder.path / "diagnosis.json", text)


def _junit(folder: RunFolder, results: RunResults) -> Path:
    on_inconclusive = results.rules.on_inconclusive if results.rules else "inconclusive"
    text = junit_xml(results.run, results.summaries, results.verdicts, inconclusive=on_inconclusive)
    return _written(folder.path / "junit.xml", text)


def _written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def _heatmaps(folder: RunFolder, summary: VariantSummary, results: RunResults) -> tuple[Path, ...]:
    paths = folder.heatmap_path(summary.variant), folder.heatmap_svg_path(summary.variant)
    draw_heatmap(summary, _labels(results.entries[summary.variant]), *paths)
    return paths


def _labels(entry: Mapping[str, Any]) -> HeatmapLabels:
    """What a picture's title says of a variant."""
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
