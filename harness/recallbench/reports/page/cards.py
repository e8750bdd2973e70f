"""One variant in a card: its verdict, its recall and how far it reaches, its RoPE, its cost.

Guarantees that every share stands with its trials, that what is no miss is told in words apart from
what is, and that a fact which is not known is left out. Knows no HTML.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from recallbench.gate.verdict import VariantVerdict
from recallbench.reports.arms import Arm
from recallbench.reports.judgement_words import written_judgement
from recallbench.reports.notation import written_length
from recallbench.reports.page.colours import recall_class
from recallbench.reports.page.heat_table import cell_link
from recallbench.reports.page.rope_lines import RopeLine, rope_lines
from recallbench.reports.profile_text import profile_sentences
from recallbench.reports.recall_text import written_recall
from recallbench.reports.remarks import remarks
from recallbench.reports.rope_text import rope_sentence, rope_status
from recallbench.reports.verdict_advice import advice, written_incomplete
from recallbench.stats import CellSummary, Interval, VariantSummary
from recallbench.stats.profile import RecallProfile

_FIRST = {"startup_s", "prefill_tokens_per_s", "kv_cache_tokens", "kv_max_concurrency"}
"""Facts that a card shows without being asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LengthLine:
    """Recall at one length, over all depths."""

    length: str
    """In tokens."""
    link: str
    """The page's fragment that shows its trials."""
    hits: str
    """Such as ``45/50``, or why there is none."""
    share: str
    """Such as ``90.0%``; empty without recall."""
    interval: str
    """Such as ``78.6-95.7%``; empty without recall."""
    colour: str
    """Class of its recall in the stylesheet."""
    bar: float | None
    """Width of its bar in percent; None without recall."""
    whisker: str
    """Its interval as an SVG path, in a box of 100 by 10; empty without recall."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantCard:
    """What a card says."""

    variant: str
    """Name of the variant."""
    state: str
    """``asked``, ``started``, ``owed`` or ``failed``, as in ``run.json``."""
    error: str | None
    """Why it was left unfinished."""
    verdict: str | None
    """``pass``, ``fail`` or ``inconclusive``; None without a gate."""
    reasons: tuple[str, ...]
    """What decided the verdict, and what would settle it."""
    lines: tuple[LengthLine, ...]
    """By length, and where they are several all together in the last."""
    reach: str | None
    """How far recall reaches; None without recall."""
    profile: tuple[str, ...]
    """More about its recall by length and by depth."""
    uncounted: tuple[str, ...]
    """Trials that are no miss and no hit, in words."""
    rope: str
    """The RoPE in a sentence."""
    rope_status: str
    """``proved``, ``unverified`` or ``mismatch``."""
    rope_lines: tuple[RopeLine, ...]
    """Asked against effective."""
    facts: tuple[tuple[str, str], ...]
    """What is asked for first: start-up, prefill rate and room, a label and a text each."""
    more_facts: tuple[tuple[str, str], ...]
    """Other settings and cost."""
    notes: tuple[str, ...]
    """What a reader must know before believing the cost, and what the prefix cache gave."""


def variant_card(
    entry: Mapping[str, Any],
    summary: VariantSummary,
    profile: RecallProfile,
    arm: Arm,
    *,
    verdict: VariantVerdict | None,
    caches: tuple[str, ...],
    drawn: bool,
) -> VariantCard:
    """The card of one variant.

    Args:
        entry: the variant's entry in ``run.json``.
        summary: its counts.
        profile: its recall in a few numbers.
        arm: what it ran and cost.
        verdict: what the gate says of it.
        caches: how its prompts met the server's prefix cache, in sentences.
        drawn: whether trials were drawn until the verdict was settled.
    """
    reach, *more = profile_sentences(profile, drawn=drawn) or (None,)
    facts = [(fact.key in _FIRST, (fact.label, fact.text)) for fact in arm.facts if fact.text]
    return VariantCard(
        variant=summary.variant,
        state=entry["state"],
        error=entry.get("error"),
        verdict=verdict.verdict.value if verdict else None,
        reasons=tuple(_reasons(verdict)) if verdict else (),
        lines=tuple(_line(line) for line in _asked(summary)),
        reach=reach,
        profile=tuple(filter(None, more)),
        uncounted=remarks(summary.overall),
        rope=rope_sentence(entry),
        rope_status=str(rope_status(entry)),
        rope_lines=rope_lines(entry),
        facts=tuple(fact for is_first, fact in facts if is_first),
        more_facts=tuple(fact for is_first, fact in facts if not is_first),
        notes=(*arm.notes, *caches),
    )


def _reasons(verdict: VariantVerdict) -> Iterator[str]:
    yield from map(written_judgement, verdict.deciding)
    if verdict.incomplete:
        yield f"incomplete: {written_incomplete(verdict.incomplete)}"
    yield from (f"note: {note}" for note in verdict.notes)
    yield from (f"what helps: {sentence}" for sentence in advice(verdict))


def _asked(summary: VariantSummary) -> Iterator[CellSummary]:
    """The lengths that are planned for it, and all together where they are several."""
    planned = [line for line in summary.lengths if line.is_planned]
    yield from planned
    if len(planned) != 1:
        yield summary.overall


def _line(line: CellSummary) -> LengthLine:
    recall, interval = line.recall.value, line.interval()
    told, length = written_recall(line), line.length_tokens
    return LengthLine(
        length="all" if length is None else written_length(length),
        link=cell_link(line.variant, length),
        hits=told.hits if told else "no recall measured",
        share=told.share if told else "",
        interval=told.interval if told else "",
        colour=recall_class(recall),
        bar=None if recall is None else _percent(recall),
        whisker="" if interval is None else _whisker(interval),
    )


def _whisker(interval: Interval) -> str:
    low, high = _percent(interval.low), _percent(interval.high)
    return f"M{low} 5H{high}M{low} 2V8M{high} 2V8"


def _percent(share: float) -> float:
    return round(100 * share, 2)
