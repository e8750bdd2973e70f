"""All that is known of a run, counted from ``run.json`` and the journal alone.

Every report tells parts of this one value, so that no two can differ. Writes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from recallbench.artifacts.counting import caches_of, summarized
from recallbench.diagnosis import Diagnosis, diagnose, key_end_chars, serving_facts
from recallbench.domain import TrialRecord
from recallbench.domain.gate_rules import GateRules
from recallbench.gate.verdict import VariantVerdict
from recallbench.journal import RunFolder, read_journal
from recallbench.reports.cache_text import cache_lines
from recallbench.reports.rope_text import rope_status
from recallbench.runner.verdicts import judge_run, was_drawn
from recallbench.stats import VariantSummary, latest
from recallbench.stats.cache_use import CacheUse
from recallbench.stats.cost import Cost, cost_of
from recallbench.stats.profile import RecallProfile, recall_profile
from recallbench.suite import parse_suite


@dataclass(frozen=True, slots=True, kw_only=True)
class RunResults:
    """A run, finished or not, with its numbers."""

    run: str
    """Folder of the run, as it was named."""
    facts: Mapping[str, Any]
    """``run.json``."""
    records: tuple[TrialRecord, ...]
    """The latest record of each trial, in the journal's order."""
    summaries: tuple[VariantSummary, ...]
    """One for each variant."""
    profiles: tuple[RecallProfile, ...]
    """One for each variant."""
    diagnoses: Mapping[str, tuple[Diagnosis, ...]]
    """By variant, what its recall points to."""
    caches: Mapping[str, CacheUse]
    """By variant with an answer, what the server's prefix cache gave."""
    costs: Mapping[str, Cost]
    """By variant, what its trials cost."""
    rules: GateRules | None
    """What the variants were held against."""
    verdicts: tuple[VariantVerdict, ...]
    """One for each variant; empty without rules."""

    @property
    def entries(self) -> Mapping[str, Mapping[str, Any]]:
        """By variant, its entry in ``run.json``."""
        return {entry["name"]: entry for entry in self.facts["variants"]}

    @property
    def is_drawn(self) -> bool:
        """Whether trials were drawn until the verdict was settled."""
        return was_drawn(self.facts)

    @property
    def is_complete(self) -> bool:
        """Whether every planned trial has an answer that was judged or cut by its budget."""
        return not any(
            summary.overall.errored or summary.overall.overflow or summary.overall.owed
            for summary in self.summaries
        )


def read_results(folder: RunFolder, rules: GateRules | None = None) -> RunResults:
    """Count a run.

    Args:
        folder: of the run.
        rules: to hold its variants against; None takes its suite's own, if it has any.

    Raises:
        RunFolderError: there is no run, or its journal or a stored baseline cannot be read.
        ComparisonError: a baseline was asked other questions.
    """
    facts = folder.read_facts()
    records = latest(read_journal(folder.journal_path))
    summaries = tuple(summarized(records, facts, entry) for entry in facts["variants"])
    rules = rules or _own_rules(facts, folder)
    return RunResults(
        run=str(folder.path),
        facts=facts,
        records=records,
        summaries=summaries,
        profiles=tuple(recall_profile(summary) for summary in summaries),
        diagnoses={s.variant: _diagnosed(s, records, facts) for s in summaries},
        caches=caches_of(records, facts),
        costs={
            entry["name"]: cost_of(entry.get("cost"), records, variant=entry["name"])
            for entry in facts["variants"]
        },
        rules=rules,
        verdicts=judge_run(rules, facts, records, summaries) if rules else (),
    )


def rope_statuses(results: RunResults) -> dict[str, str]:
    """By variant, ``proved``, ``unverified`` or ``mismatch``."""
    return {name: str(rope_status(entry)) for name, entry in results.entries.items()}


def cache_sentences(results: RunResults) -> dict[str, tuple[str, ...]]:
    """By variant with an answer, how its prompts met the server's prefix cache."""
    return {
        name: cache_lines(use, (results.entries[name]["engine"] or {}).get("kv_cache_tokens"))
        for name, use in results.caches.items()
    }


def _own_rules(facts: Mapping[str, Any], folder: RunFolder) -> GateRules | None:
    """The rules of a run's own suite; None where it has none."""
    if not facts["suite"].get("gate"):
        return None
    gate = parse_suite(facts["suite"], str(folder.facts_path)).gate
    return gate.rules() if gate else None


def _diagnosed(
    summary: VariantSummary, records: tuple[TrialRecord, ...], facts: Mapping[str, Any]
) -> tuple[Diagnosis, ...]:
    """What one variant's recall points to, in the light of the others of the run."""
    own = [record for record in records if record.variant == summary.variant]
    others = (record for record in records if record.variant != summary.variant)
    served = serving_facts(facts, summary.variant)
    served = replace(served, siblings_key_end_chars=key_end_chars(others))
    return diagnose(summary, own, served)
