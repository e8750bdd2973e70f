"""Judgements and verdicts as a gate makes them, short enough to read in a test."""

from __future__ import annotations

from recallbench.gate.verdict import Judgement, VariantVerdict, Verdict
from recallbench.stats import Proportion
from recallbench.stats.paired import PairedCounts

HOSTILE = "[red]|x|[/red] <b>`*\x1b[31m\n\x00\ud800 数 & $y$"
"""Markup of every kind, control characters, and half a surrogate pair."""


def floor_at(
    length_tokens: int,
    verdict: Verdict,
    recall: tuple[int, int] = (45, 50),
    *,
    unanswered: int = 0,
    lean: float | None = None,
    trials_needed: int | None = None,
    against: tuple[str, ...] = (),
) -> Judgement:
    """A floor of 0.9 at one length."""
    return Judgement(
        rule="floor",
        length_tokens=length_tokens,
        verdict=verdict,
        demanded=0.9,
        what="as it was proven",
        recall=Proportion(k=recall[0], n=recall[1]),
        unanswered=unanswered,
        lean=lean,
        trials_needed=trials_needed,
        against=against,
    )


def drop_at(
    length_tokens: int, verdict: Verdict, *, lost: int = 3, against: tuple[str, ...] = ()
) -> Judgement:
    """A drop of less than 0.05 against a baseline, over 50 pairs."""
    return Judgement(
        rule="baseline",
        length_tokens=length_tokens,
        verdict=verdict,
        demanded=0.05,
        what="a drop as it was proven",
        pairs=PairedCounts(both=48 - lost, lost=lost, gained=1, neither=1),
        against=against,
    )


def errors(verdict: Verdict) -> Judgement:
    """At most 2 errors."""
    return Judgement(
        rule="errors",
        length_tokens=None,
        verdict=verdict,
        demanded=2.0,
        what="1 errored or refused, at most 2 allowed",
    )


def not_asked(length_tokens: int | None) -> Judgement:
    """A reach that no prompt was long enough for, or a gate without a rule for any length."""
    return Judgement(
        rule="effective-length",
        length_tokens=length_tokens,
        verdict=Verdict.INCONCLUSIVE,
        demanded=0.85,
        what="not asked",
    )


def verdict_of(
    *judgements: Judgement,
    variant: str = "fp8",
    incomplete: int = 0,
    notes: tuple[str, ...] = (),
) -> VariantVerdict:
    """What these judgements come to."""
    return VariantVerdict(
        variant=variant, judgements=judgements, incomplete=incomplete, notes=notes
    )
