"""Writes a run's reports into its folder, from ``run.json`` and the journal alone."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from recallbench.cli.counting import caches_of, summarized
from recallbench.diagnosis import Diagnosis, diagnose, key_end_chars, serving_facts
from recallbench.domain import TrialRecord
from recallbench.domain.gate_rules import GateRules
from recallbench.gate.verdict import VariantVerdict
from recallbench.journal import RunFolder, read_journal
from recallbench.reports.cache_text import cache_lines
from recallbench.reports.csv_table import write_summary, write_trials
from recallbench.reports.diagnosis_text import diagnosis_entries
from recallbench.reports.heatmap import HeatmapLabels, draw_heatmap
from recallbench.reports.junit import junit_xml
from recallbench.reports.markdown_text import bullets, folded
from recallbench.reports.rope_text import rope_sentence, rope_status, rope_word
from recallbench.reports.summary_markdown import SummaryPage, summary_markdown
from recallbench.reports.time_text import time_lines
from recallbench.runner.verdicts import judge_run, was_drawn
from recallbench.stats import VariantSummary, latest
from recallbench.stats.cache_use import CacheUse
from recallbench.stats.profile import RecallProfile, recall_profile
from recallbench.suite import parse_suite


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifacts:
    """What was written, and the numbers in it."""

    run: str
    """Folder of the run."""
    summaries: tuple[VariantSummary, ...]
    """One for each variant."""
    profiles: tuple[RecallProfile, ...]
    """One for each variant."""
    paths: tuple[Path, ...]
    """The files."""
    notes: Mapping[str, str]
    """By variant, how far its RoPE is known."""
    diagnoses: Mapping[str, tuple[Diagnosis, ...]]
    """By variant, what its recall points to."""
    caches: Mapping[str, CacheUse]
    """By variant with an answer, what the server's prefix cache gave."""
    cache_lines: Mapping[str, tuple[str, ...]]
    """The same in sentences."""
    times: tuple[str, ...]
    """Where the time of each variant that was started went, a line each."""
    rules: GateRules | None
    """What the variants were held against."""
    verdicts: tuple[VariantVerdict, ...]
    """One for each variant; empty without rules."""
    is_drawn: bool
    """Whether trials were drawn until the verdict was settled."""
    markdown: str
    """``summary.md``."""

    @property
    def is_complete(self) -> bool:
        """Whether every planned trial has an answer that was judged or cut by its budget."""
        return not any(
            summary.overall.errored or summary.overall.overflow or summary.overall.owed
            for summary in self.summaries
        )


def write_artifacts(folder: RunFolder, rules: GateRules | None = None) -> Artifacts:
    """Write tables, heatmaps, and what CI systems show.

    Args:
        folder: of the run.
        rules: to hold its variants against; None takes its suite's own, if it has any.

    Raises:
        RunFolderError: there is no run, or its journal or a stored baseline cannot be read.
        ComparisonError: a baseline was asked other questions.
    """
    facts = folder.read_facts()
    records = latest(read_journal(folder.journal_path))
    entries = {entry["name"]: entry for entry in facts["variants"]}
    summaries = tuple(summarized(records, facts, entry) for entry in facts["variants"])
    rules = rules or own_rules(facts, folder)
    caches = caches_of(records, facts)
    page = SummaryPage(
        run=str(folder.path),
        summaries=summaries,
        verdicts=judge_run(rules, facts, records, summaries) if rules else (),
        profiles=tuple(recall_profile(summary) for summary in summaries),
        ropes={name: str(rope_status(entry)) for name, entry in entries.items()},
        diagnoses={s.variant: _diagnosed(s, records, facts) for s in summaries},
        caches={name: _cache_lines(use, entries[name]) for name, use in caches.items()},
        is_drawn=was_drawn(facts),
    )
    times = time_lines(facts)
    markdown = summary_markdown(page) + _time_block(times)
    return Artifacts(
        run=page.run,
        summaries=summaries,
        profiles=page.profiles,
        paths=(
            _trials(folder, records),
            _summary(folder, page),
            _diagnoses(folder, page),
            _junit(folder, page, rules),
            _written(folder.path / "summary.md", markdown),
            *(_heatmap(folder, summary, entries[summary.variant]) for summary in summaries),
        ),
        notes={name: rope_sentence(entry) for name, entry in entries.items()},
        diagnoses=page.diagnoses,
        caches=caches,
        cache_lines=page.caches,
        times=times,
        rules=rules,
        verdicts=page.verdicts,
        is_drawn=page.is_drawn,
        markdown=markdown,
    )


def own_rules(facts: Mapping[str, Any], folder: RunFolder) -> GateRules | None:
    """The rules of a run's own suite; None where it has none."""
    if not facts["suite"].get("gate"):
        return None
    gate = parse_suite(facts["suite"], str(folder.facts_path)).gate
    return gate.rules() if gate else None


def _cache_lines(use: CacheUse, entry: Mapping[str, Any]) -> tuple[str, ...]:
    return cache_lines(use, (entry["engine"] or {}).get("kv_cache_tokens"))


def _diagnosed(
    summary: VariantSummary, records: tuple[TrialRecord, ...], facts: Mapping[str, Any]
) -> tuple[Diagnosis, ...]:
    """What one variant's recall points to, in the light of the others of the run."""
    own = [record for record in records if record.variant == summary.variant]
    others = (record for record in records if record.variant != summary.variant)
    served = serving_facts(facts, summary.variant)
    served = replace(served, siblings_key_end_chars=key_end_chars(others))
    return diagnose(summary, own, served)


def _time_block(times: tuple[str, ...]) -> str:
    return f"\n{folded('Where the time went', bullets(times))}\n" if times else ""


def _trials(folder: RunFolder, records: tuple[TrialRecord, ...]) -> Path:
    path = folder.path / "trials.csv"
    with path.open("w", newline="", encoding="utf-8") as stream:
        write_trials(records, stream)
    return path


def _summary(folder: RunFolder, page: SummaryPage) -> Path:
    path = folder.path / "summary.csv"
    with path.open("w", newline="", encoding="utf-8") as stream:
        write_summary(page.summaries, stream, page.ropes)
    return path


def _diagnoses(folder: RunFolder, page: SummaryPage) -> Path:
    told = {variant: diagnosis_entries(found) for variant, found in page.diagnoses.items()}
    text = json.dumps(told, indent=2, ensure_ascii=False) + "\n"
    return _written(folder.path / "diagnosis.json", text)


def _junit(folder: RunFolder, page: SummaryPage, rules: GateRules | None) -> Path:
    on_inconclusive = rules.on_inconclusive if rules else "inconclusive"
    text = junit_xml(page.run, page.summaries, page.verdicts, inconclusive=on_inconclusive)
    return _written(folder.path / "junit.xml", text)


def _written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def _heatmap(folder: RunFolder, summary: VariantSummary, entry: Mapping[str, Any]) -> Path:
    path = folder.heatmap_path(summary.variant)
    draw_heatmap(summary, _labels(entry), path)
    return path


def _labels(entry: Mapping[str, Any]) -> HeatmapLabels:
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
