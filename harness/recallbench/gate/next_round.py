"""Which round is asked next, so that the verdict is settled soonest. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from recallbench.gate.verdict import Judgement, VariantVerdict, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How many rounds a length gets."""

    first: int
    """At least, while nothing has failed."""
    most: int
    """At most."""
    paired: Mapping[int, int] | None = None
    """By length, rounds of the baseline: beyond them nothing can be compared."""

    def of(self, judgement: Judgement) -> int:
        """Rounds up to which more trials can still move this judgement."""
        length = judgement.length_tokens
        if judgement.rule != "baseline" or self.paired is None or length is None:
            return self.most
        return min(self.most, self.paired[length])


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The rounds of one length."""

    begun: int
    """Asked or being asked."""
    whole: int
    """Answered in full from the first on: what the verdict has read."""

    @property
    def ahead(self) -> int:
        """Rounds that are asked on trust: more than one being answered."""
        return max(0, self.begun - self.whole - 1)


def next_length(verdict: VariantVerdict, asked: Mapping[int, Asked], limits: Limits) -> int | None:
    """The length whose next round is worth most now; None where nothing more is to be asked.

    First every length gets its first rounds, in turn and the shortest first: what is broken
    everywhere shows at the least cost. Then the open length that leans most to a fail, because one
    fail settles everything; where nothing leans, the one that is furthest from passing. A length
    whose answers are still to come waits for the others: they may settle it.

    Args:
        verdict: of what has been answered.
        asked: by length, its rounds.
        limits: how many rounds a length gets.
    """
    if verdict.verdict is Verdict.FAIL:
        return None
    first = [length for length, rounds in asked.items() if rounds.begun < limits.first]
    if first:
        return min(first, key=lambda length: (asked[length].begun, length))
    leans: dict[int, float] = {}
    for length, lean in _open(verdict, asked, limits):
        leans[length] = min(lean, leans.get(length, lean))
    return min(leans, key=lambda length: (asked[length].ahead, leans[length], length), default=None)


def _open(
    verdict: VariantVerdict, asked: Mapping[int, Asked], limits: Limits
) -> Iterator[tuple[int, float]]:
    """Length and lean of every judgement that further trials may settle."""
    for judgement in verdict.judgements:
        length, lean = judgement.length_tokens, judgement.lean
        if judgement.verdict is not Verdict.INCONCLUSIVE or length is None or lean is None:
            continue
        if asked[length].begun < limits.of(judgement):
            yield length, lean
