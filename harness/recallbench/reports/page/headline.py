"""What stands first on a run's page: the verdict and its reason, and whether the RoPE is proved.

Guarantees that a run without rules is never called good or bad, and that one with missing trials is
not called a pass. Knows no HTML.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from recallbench.gate.verdict import Judgement, VariantVerdict, Verdict, together
from recallbench.reports.judgement_words import written_demand, written_judgement
from recallbench.reports.measure_words import recall_name
from recallbench.reports.notation import counted
from recallbench.reports.recall_text import written_recall
from recallbench.reports.verdict_advice import written_incomplete
from recallbench.stats import VariantSummary


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """The first lines of the page."""

    word: str
    """``PASS``, ``FAIL``, ``INCONCLUSIVE``, ``INCOMPLETE`` or ``NO GATE``."""
    reason: str
    """Why, in a sentence without a full stop."""
    rope: str
    """How far the variants' RoPE is proved, in a sentence without a full stop."""
    missing: str | None
    """Trials without an answer, in a sentence without a full stop; None where none is missing."""
    command: str | None
    """What gives a run without rules a verdict."""


def headline(
    run: str,
    summaries: Sequence[VariantSummary],
    verdicts: Sequence[VariantVerdict],
    ropes: Mapping[str, str],
) -> Headline:
    """The headline of a run.

    Args:
        run: folder of the run.
        summaries: its counts, one for each variant.
        verdicts: one for each variant; empty without rules.
        ropes: by variant, ``proved``, ``unverified`` or ``mismatch``.
    """
    word, reason = _judged(verdicts) if verdicts else ("NO GATE", _recalled(summaries))
    missing = sum(s.overall.errored + s.overall.overflow + s.overall.owed for s in summaries)
    command = ["recallbench", "gate", run, "--floor", "0.95"]
    return Headline(
        word=word,
        reason=reason,
        rope=_rope(ropes),
        missing=written_incomplete(missing) if missing else None,
        command=None if verdicts else shlex.join(command),
    )


def _judged(verdicts: Sequence[VariantVerdict]) -> tuple[str, str]:
    verdict = together(each.verdict for each in verdicts)
    if verdict is not Verdict.FAIL and (missing := sum(each.incomplete for each in verdicts)):
        return "INCOMPLETE", written_incomplete(missing)
    found = [
        (each, judgement)
        for each in verdicts
        if each.verdict is verdict
        for judgement in each.deciding
    ]
    if verdict is Verdict.PASS:
        return verdict.value.upper(), _all_hold([judgement for _, judgement in found], verdicts)
    if not found:
        return verdict.value.upper(), "the gate holds a variant against no rule"
    variant, first = found[0]
    more = len(found) - 1
    beside = f" (and {counted(more, 'more judgement')})" if more else ""
    return verdict.value.upper(), f"{variant.variant}, {written_judgement(first)}{beside}"


def _all_hold(judgements: Sequence[Judgement], verdicts: Sequence[VariantVerdict]) -> str:
    demands = ", ".join(dict.fromkeys(written_demand(each) for each in judgements))
    names = ", ".join(each.variant for each in verdicts)
    number = len(judgements)
    holds = "the only judgement holds" if number == 1 else f"all {number:,} judgements hold"
    return f"{names}: {holds} ({demands})"


def _recalled(summaries: Sequence[VariantSummary]) -> str:
    """Recall of the only variant, or of the best and the worst: variants are never added up."""
    counts = [s for s in summaries if s.overall.recall.value is not None]
    if not counts:
        return "no recall measured"
    ordered = sorted(counts, key=lambda s: s.overall.recall.value or 0.0)
    shown = dict.fromkeys((ordered[-1].variant, ordered[0].variant))
    by_name = {s.variant: s for s in counts}
    told = " and ".join(_told(by_name[name]) for name in shown)
    others = len(summaries) - len(shown)
    between = f"; {counted(others, 'more variant')} below" if others else ""
    return f"{told}{between}; no rules were given, so nothing says whether this may be shipped"


def _told(summary: VariantSummary) -> str:
    name = f"{summary.variant}: {recall_name(summary.layout)}"
    told = written_recall(summary.overall)
    return f"{name} {told.hits} ({told.share}, 95% interval {told.interval})" if told else name


def _rope(ropes: Mapping[str, str]) -> str:
    if all(status == "proved" for status in ropes.values()):
        return f"RoPE proved in {_all_of(len(ropes))}"
    parts = []
    for status, word in (("mismatch", "MISMATCH"), ("unverified", "unverified")):
        names = [name for name, each in ropes.items() if each == status]
        parts += [f"RoPE {word} in {', '.join(names)}"] if names else []
    proved = sum(status == "proved" for status in ropes.values())
    return "; ".join([*parts, *([f"proved in {counted(proved, 'other')}"] if proved else [])])


def _all_of(number: int) -> str:
    return {1: "the engine", 2: "both variants"}.get(number, f"all {number:,} variants")
