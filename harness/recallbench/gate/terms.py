"""On what terms one judgement is made, and how a test's answer becomes a verdict."""

from __future__ import annotations

from dataclasses import dataclass

from recallbench.domain import Outcome
from recallbench.domain.layout import Haystacks, haystack_number
from recallbench.gate.length_records import LengthRecords
from recallbench.gate.verdict import Verdict
from recallbench.stats.clusters import Clusters
from recallbench.stats.evidence import Evidence
from recallbench.stats.haystack_recall import shared_of
from recallbench.stats.proportion import Proportion


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """The error rates of one judgement, and how its trials came about."""

    false_alarm: float
    """Chance of a wrong fail: the variant's, shared out evenly over its judgements (Bonferroni)."""
    miss: float
    """Chance of a wrong pass: not shared out, as all judgements have to pass (Berger 1982)."""
    is_sequential: bool
    """Whether trials were drawn until something was settled: then only tests hold that may be
    looked at after every round."""
    shared_by: Haystacks = "trial"
    """What shares one haystack."""

    @property
    def is_shared(self) -> bool:
        """Whether the trials of a round share one haystack."""
        return self.shared_by != "trial"


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """The answered trials of one length, and the others, by haystack."""

    hits: tuple[int, ...]
    """Shape (n_haystacks,): trials recalled."""
    answered: tuple[int, ...]
    """Shape (n_haystacks,): trials with a recall."""
    asked: tuple[int, ...]
    """Shape (n_haystacks,): all trials."""

    @property
    def recall(self) -> Proportion:
        """Hits and answered trials."""
        return Proportion(k=sum(self.hits), n=sum(self.answered))

    @property
    def unanswered(self) -> int:
        """Trials that were asked and have no recall."""
        return sum(self.asked) - sum(self.answered)

    @property
    def measured(self) -> Clusters:
        """Answered trials by haystack."""
        return Clusters(hits=self.hits, trials=self.answered)

    @property
    def shared(self) -> Clusters | None:
        """The same; None where no two of them share a haystack."""
        pairs = zip(self.hits, self.answered, strict=True)
        return shared_of([Proportion(k=k, n=n) for k, n in pairs])

    @property
    def worst(self) -> Clusters:
        """The same, with every unanswered trial as a miss: it must not help to pass."""
        return Clusters(hits=self.hits, trials=self.asked)


def counted(records: LengthRecords, terms: Terms) -> Counted:
    """Count one length's records for tests of a fixed number of trials."""
    haystacks: dict[object, list[Outcome]] = {}
    for (number, depth), record in sorted(records.by_place.items()):
        shared = haystack_number(terms.shared_by, number)
        haystacks.setdefault((number, depth) if shared is None else shared, []).append(
            record.outcome
        )
    return Counted(
        hits=tuple(held.count(Outcome.RECALLED) for held in haystacks.values()),
        answered=tuple(sum(o.is_measured for o in held) for held in haystacks.values()),
        asked=tuple(len(held) for held in haystacks.values()),
    )


def from_evidence(evidence: Evidence) -> Verdict:
    """A sequential test's decision as a verdict."""
    return Verdict(evidence.decision) if evidence.decision else Verdict.INCONCLUSIVE


def from_p_values(p_fail: float | None, p_pass: float | None, terms: Terms) -> Verdict:
    """The verdict of two one-sided tests of a fixed number of trials; None has no data.

    A recall that is proven too low fails, also where it is proven to be no worse than allowed.
    """
    if p_fail is not None and p_fail <= terms.false_alarm:
        return Verdict.FAIL
    if p_pass is not None and p_pass <= terms.miss:
        return Verdict.PASS
    return Verdict.INCONCLUSIVE
