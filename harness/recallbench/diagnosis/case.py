"""One variant's numbers, records and facts: what every pattern is looked for in.

Guarantees that a trial counts once and that only answered trials are measured: what the server
refused or failed to answer is no miss.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from recallbench.diagnosis.facts import ServingFacts
from recallbench.domain import Outcome, TrialRecord
from recallbench.stats import CellSummary, Proportion, VariantSummary, latest


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What is known of one variant."""

    summary: VariantSummary
    """Its counts."""
    records: tuple[TrialRecord, ...]
    """Its records, each trial once."""
    facts: ServingFacts
    """How it was served."""

    @property
    def variant(self) -> str:
        """Its name."""
        return self.summary.variant

    @property
    def recall(self) -> Proportion:
        """Over all cells."""
        return self.summary.overall.recall

    @property
    def lengths(self) -> tuple[CellSummary, ...]:
        """Lines of the lengths with an answered trial, shortest first."""
        return tuple(line for line in self.summary.lengths if line.recall.n)

    @property
    def measured(self) -> tuple[TrialRecord, ...]:
        """Records that count in recall."""
        return tuple(record for record in self.records if record.outcome.is_measured)

    @property
    def misses(self) -> tuple[TrialRecord, ...]:
        """Records without the key."""
        return tuple(record for record in self.records if record.outcome is Outcome.MISSED)


def case_of(summary: VariantSummary, records: Iterable[TrialRecord], facts: ServingFacts) -> Case:
    """A case from a whole journal: other variants and superseded records are left out."""
    own = (record for record in records if record.variant == summary.variant)
    return Case(summary=summary, records=latest(own), facts=facts)


def pooled(lines: Iterable[CellSummary]) -> Proportion:
    """Recall of several lines together."""
    recalls = [line.recall for line in lines]
    return Proportion(k=sum(recall.k for recall in recalls), n=sum(recall.n for recall in recalls))


def recall_of(records: Sequence[TrialRecord]) -> Proportion:
    """Recall of measured records."""
    hits = sum(record.outcome is Outcome.RECALLED for record in records)
    return Proportion(k=hits, n=len(records))


def length_of(line: CellSummary) -> int:
    """The length that a line is of."""
    assert line.length_tokens is not None, "lines of lengths have one"  # noqa: S101 - an invariant
    return line.length_tokens


def value_of(recall: Proportion) -> float:
    """The share recalled where there are data."""
    assert recall.value is not None, "only measured trials are compared"  # noqa: S101 - an invariant
    return recall.value


def first_with(lines: Iterable[CellSummary], trials: int) -> tuple[CellSummary, ...]:
    """The first lines, as many as it takes to have ``trials`` trials; all where there are fewer."""
    taken: list[CellSummary] = []
    for line in lines:
        taken.append(line)
        if pooled(taken).n >= trials:
            break
    return tuple(taken)
