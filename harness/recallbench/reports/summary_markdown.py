"""A run as Markdown: ``summary.md``, or the summary of a CI job.

Guarantees that nothing is said by an emoji or a colour, that a share stands with its trials, and
that no text from outside is read as markup. Knows nothing about files.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from recallbench.diagnosis import Diagnosis
from recallbench.gate.verdict import VariantVerdict, Verdict, together
from recallbench.reports.cell_words import cell_words
from recallbench.reports.judgement_words import written_judgement
from recallbench.reports.markdown_text import bullets, escaped, fenced, folded, table
from recallbench.reports.measure_words import (
    interval_head,
    interval_told,
    needles_told,
    recall_name,
)
from recallbench.reports.notation import written_depth, written_hits, written_length
from recallbench.reports.profile_text import DRAWN_REMARK, profile_sentences
from recallbench.reports.recall_text import written_recall
from recallbench.reports.remarks import remarks
from recallbench.reports.replay import replay
from recallbench.reports.verdict_advice import advice, written_incomplete
from recallbench.stats import CellSummary, VariantSummary
from recallbench.stats.profile import RecallProfile

_NO_DATA = "-"


@dataclass(frozen=True, slots=True, kw_only=True)
class SummaryPage:
    """What stands on the page."""

    run: str
    """Folder of the run."""
    summaries: tuple[VariantSummary, ...]
    """One for each variant."""
    verdicts: tuple[VariantVerdict, ...] = ()
    """Of those variants that were held against a gate."""
    profiles: tuple[RecallProfile, ...] = ()
    """Of those variants whose profile is told."""
    ropes: Mapping[str, str] = field(default_factory=dict)
    """By variant, how far its RoPE is known, in a word."""
    diagnoses: Mapping[str, tuple[Diagnosis, ...]] = field(default_factory=dict)
    """By variant, what its recall points to."""
    caches: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By variant, how its prompts met the server's prefix cache, in sentences."""
    is_drawn: bool = False
    """Whether trials were drawn until the verdict was settled."""

    def verdict_of(self, variant: str) -> VariantVerdict | None:
        """What the gate says of a variant; None where it was not held against one."""
        return next((each for each in self.verdicts if each.variant == variant), None)

    def profile_of(self, variant: str) -> RecallProfile | None:
        """A variant's profile; None where it is not told."""
        return next((each for each in self.profiles if each.variant == variant), None)


def summary_markdown(page: SummaryPage) -> str:
    """The whole page."""
    blocks = [f"# recallbench: {escaped(page.run)}", _overview(page)]
    if page.is_drawn:
        blocks.append(f"Note: {escaped(DRAWN_REMARK)}.")
    if counting := interval_told(page.summaries):
        blocks.append(f"Note: {escaped(counting)}.")
    for summary in page.summaries:
        blocks.extend(_variant(summary, page))
    return "\n\n".join(block for block in blocks if block) + "\n"


def _overview(page: SummaryPage) -> str:
    rows = []
    for summary in page.summaries:
        verdict = page.verdict_of(summary.variant)
        word = verdict.verdict.value.upper() if verdict else "no gate"
        rope = [page.ropes.get(summary.variant, _NO_DATA)] if page.ropes else []
        rows.append((summary.variant, word, *rope, *_recall_columns(summary.overall)))
    told = ["RoPE"] if page.ropes else []
    # All variants of a run have one layout.
    name = next((recall_name(summary.layout) for summary in page.summaries), "recall")
    head = interval_head(page.summaries)
    return table(("variant", "verdict", *told, "k/n", name, head), rows)


def _variant(summary: VariantSummary, page: SummaryPage) -> Iterator[str]:
    variant = summary.variant
    verdict, profile = page.verdict_of(variant), page.profile_of(variant)
    needles = needles_told(summary.layout, summary.distractors)
    yield f"## {escaped(f'{variant}: {recall_name(summary.layout)}' if needles else variant)}"
    if needles:
        yield f"{escaped(needles[:1].upper() + needles[1:])}."
    if verdict:
        yield from _verdict(verdict)
    yield _lengths(summary, verdict)
    told = profile_sentences(profile, drawn=page.is_drawn) if profile else ()
    yield bullets(
        [
            *told,
            *page.caches.get(variant, ()),
            *(f"warning: {each}" for each in remarks(summary.overall)),
        ]
    )
    for diagnosis in page.diagnoses.get(variant, ()):
        yield from _diagnosis(diagnosis)
    if verdict:
        yield from _replay(verdict, page.run)
    if len(summary.grid.depths) > 1:
        yield folded("Cells by depth", _cells(summary))


def _verdict(verdict: VariantVerdict) -> Iterator[str]:
    yield f"**{verdict.verdict.value.upper()}**"
    sentences: list[str] = []
    if verdict.verdict is not Verdict.PASS:
        sentences += [written_judgement(each) for each in verdict.deciding]
    if verdict.incomplete:
        sentences.append(f"incomplete: {written_incomplete(verdict.incomplete)}")
    sentences += [f"note: {note}" for note in verdict.notes]
    sentences += [f"what helps: {sentence}" for sentence in advice(verdict)]
    yield bullets(sentences)


def _lengths(summary: VariantSummary, verdict: VariantVerdict | None) -> str:
    columns = ("length", "k/n", recall_name(summary.layout), interval_head([summary]))
    judged = ["verdict"] if verdict else []
    return table([*columns, *judged], [_length_row(line, verdict) for line in summary.lengths])


def _length_row(line: CellSummary, verdict: VariantVerdict | None) -> tuple[str, ...]:
    length = line.length_tokens
    name = _NO_DATA if length is None else written_length(length)
    return (name, *_recall_columns(line), *([_verdict_at(verdict, length)] if verdict else []))


def _verdict_at(verdict: VariantVerdict, length: int | None) -> str:
    here = [each.verdict for each in verdict.judgements if each.length_tokens == length]
    return together(here).value if here else _NO_DATA


def _recall_columns(line: CellSummary) -> tuple[str, str, str]:
    return written_recall(line) or (" ".join(cell_words(line)), _NO_DATA, _NO_DATA)


def _diagnosis(diagnosis: Diagnosis) -> Iterable[str]:
    yield f"**{escaped(diagnosis.pattern.value)}**: {escaped(diagnosis.what)}"
    yield f"Likely cause: {escaped(diagnosis.why)}. Next:"
    yield fenced([diagnosis.next_command])


def _replay(verdict: VariantVerdict, run: str) -> Iterator[str]:
    found = replay(verdict.variant, verdict.judgements, run)
    if found:
        yield f"This {escaped(found.said)}:"
        yield fenced([found.command])


def _cells(summary: VariantSummary) -> str:
    grid = summary.grid
    rows = []
    for row, depth in enumerate(grid.depths):
        cells = summary.cells[row :: len(grid.depths)]
        rows.append((written_depth(depth), *(_cell(cell) for cell in cells)))
    return table(("depth", *map(written_length, grid.lengths)), rows)


def _cell(cell: CellSummary) -> str:
    hits = [written_hits(cell.recall)] if cell.recall.n else []
    return " ".join([*hits, *cell_words(cell)])
