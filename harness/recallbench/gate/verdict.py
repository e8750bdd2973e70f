"""What a gate says: of one rule at one length, of a variant, and of a run."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from recallbench.stats.clusters import Clusters
from recallbench.stats.paired import PairedCounts
from recallbench.stats.proportion import Interval, Proportion

RuleName = Literal["floor", "baseline", "effective-length", "errors"]


class Verdict(StrEnum):
    """One of three: what is not proven either way is neither a pass nor a fail."""

    PASS = "pass"  # noqa: S105 - no password
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What one rule says, at one length."""

    rule: RuleName
    """Name of the rule."""
    length_tokens: int | None
    """Prompt length; None for a rule about the whole variant."""
    verdict: Verdict
    """What it comes to."""
    demanded: float
    """The floor, the level, the greatest drop, or the greatest number of errors."""
    what: str
    """Why, in a sentence with its numbers, without a full stop."""
    recall: Proportion | None = None
    """Trials counted; None for a rule that counts none."""
    pairs: PairedCounts | None = None
    """Pairs counted, for a comparison."""
    unanswered: int = 0
    """Trials without a recall here: they can neither help to pass nor make fail."""
    lean: float | None = None
    """Where the evidence stands, from -1 (fails) to 1 (passes); None where it is not drawn on."""
    trials_needed: int | None = None
    """Trials after which a sequential test had decided; None if it has not, or is none."""
    against: tuple[str, ...] = ()
    """Names of the trials that speak against the variant: missed, or lost against the baseline."""
    shared: Clusters | None = None
    """The recall with haystacks as units; None where no two trials of it share one."""
    haystacks: int | None = None
    """Haystacks that count in place of trials or pairs; None where these do."""

    @property
    def interval(self) -> Interval | None:
        """Of the recall, two-sided 95%: Wilson's, or where trials share haystacks of these.

        None without data, and for a rule that counts no trials.
        """
        counted = self.shared or self.recall
        return None if counted is None else counted.interval()


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantVerdict:
    """What all rules together say of a variant."""

    variant: str
    """Name of the variant."""
    judgements: tuple[Judgement, ...]
    """By rule, then by length."""
    incomplete: int = 0
    """Trials that errored, were refused or are still owed, beyond what the rules allow."""
    is_cut_short: bool = False
    """Whether its trials are still being drawn, or were stopped before the verdict was settled."""
    notes: tuple[str, ...] = ()
    """What is not judged, and why."""

    @property
    def verdict(self) -> Verdict:
        """Fail if any rule fails; pass if there are rules and all pass."""
        return together(judgement.verdict for judgement in self.judgements)

    @property
    def deciding(self) -> tuple[Judgement, ...]:
        """The judgements that made the verdict: all those that share it."""
        return tuple(each for each in self.judgements if each.verdict is self.verdict)


def together(verdicts: Iterable[Verdict]) -> Verdict:
    """Fail if any fails; pass if there are any and all pass; else inconclusive."""
    given = set(verdicts)
    if Verdict.FAIL in given:
        return Verdict.FAIL
    return Verdict.PASS if given == {Verdict.PASS} else Verdict.INCONCLUSIVE
