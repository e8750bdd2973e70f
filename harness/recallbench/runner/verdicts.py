"""Every variant of a run held against the gate's rules, from its folder alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from recallbench.domain import TrialRecord
from recallbench.domain.gate_rules import BaselineRule, GateRules
from recallbench.domain.layout import Haystacks, Layout
from recallbench.gate.judging import Case, judge
from recallbench.gate.verdict import VariantVerdict
from recallbench.journal import RunFolder
from recallbench.runner.baseline import baseline_records
from recallbench.stats import VariantSummary, latest

_MULTI_KEY = "this is multi-key recall: every prompt holds other needles too (layout: ladder)"


def judge_run(
    rules: GateRules,
    facts: Mapping[str, Any],
    records: Sequence[TrialRecord],
    summaries: Sequence[VariantSummary],
) -> tuple[VariantVerdict, ...]:
    """The verdict of every variant.

    Args:
        rules: the suite's own, or others.
        facts: the run's ``run.json``.
        records: its journal.
        summaries: its counts, a variant each.

    Raises:
        RunFolderError: a stored baseline cannot be read.
        ComparisonError: it was asked other questions.
    """
    is_drawn = was_drawn(facts)
    is_sequential = is_drawn or _baseline_was_drawn(rules.baseline)
    entries = {entry["name"]: entry for entry in facts["variants"]}
    notes = (_MULTI_KEY,) if layout_of(facts) == "ladder" else ()
    verdicts = (
        judge(
            rules,
            Case(
                variant=summary.variant,
                records=latest(r for r in records if r.variant == summary.variant),
                lengths=tuple(entries[summary.variant]["lengths"]),
                depths=summary.grid.depths,
                owed=summary.overall.owed,
                baseline=baseline_records(rules.baseline, summary.variant, records),
                is_sequential=is_sequential,
                is_over=not is_drawn or entries[summary.variant]["state"] == "asked",
                shared_by=shared_by(facts),
            ),
        )
        for summary in summaries
    )
    return tuple(replace(each, notes=(*notes, *each.notes)) for each in verdicts)


def _baseline_was_drawn(rule: BaselineRule | None) -> bool:
    """Whether the number of pairs depends on what a stored baseline answered."""
    if rule is None or rule.run is None:
        return False
    return was_drawn(RunFolder(Path(rule.run)).read_facts())


def was_drawn(facts: Mapping[str, Any]) -> bool:
    """Whether a run's trials were drawn until its verdict was settled, by whatever rules."""
    gate = facts["suite"].get("gate")
    return bool(gate and gate.get("until") == "decided")


def shared_by(facts: Mapping[str, Any]) -> Haystacks:
    """What shares one haystack; nothing but a trial itself in runs from before it could."""
    haystacks: Haystacks = facts["prompts"].get("haystacks", "trial")
    return haystacks


def layout_of(facts: Mapping[str, Any]) -> Layout:
    """How needles lie in haystacks; single ones in runs from before there was another way."""
    layout: Layout = facts["prompts"].get("layout", "single")
    return layout
