"""The pairs of one part of the grid: both recalls, their difference, and what is proven of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from recallbench.domain.layout import Haystacks, haystack_number
from recallbench.gate.pairs import Pair, counts
from recallbench.stats.multiplicity import holm
from recallbench.stats.paired import PairedCounts
from recallbench.stats.paired_clusters import ClusteredPairs
from recallbench.stats.proportion import Interval, Proportion


class Likeness(StrEnum):
    """What a comparison comes to, at a margin."""

    EQUIVALENT = "equivalent"
    """Proven neither worse nor better by the margin (two one-sided tests)."""
    NON_INFERIOR = "non-inferior"
    """Proven not worse by the margin."""
    INFERIOR = "inferior"
    """Proven worse by more than the margin."""
    INCONCLUSIVE = "inconclusive"
    """Neither is proven."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """The pairs of one cell, of one length over all depths, or of all."""

    length_tokens: int | None
    """Prompt length; None over all lengths."""
    depth: float | None
    """Needle depth; None over all depths."""
    pairs: PairedCounts
    """Pairs that both have answered."""
    unanswered: int
    """Pairs that at least one has not answered: not counted."""
    interval: Interval | None
    """Of the difference, two-sided 95%; None without pairs."""
    mcnemar_p: float | None
    """Exact, two-sided, a haystack a vote where pairs share one; None without pairs."""
    p_inferior: float | None
    """Of "worse by the margin or more": small is proven not worse, if every pair without an
    answer were lost too."""
    p_not_inferior: float | None
    """Of "worse by the margin at most": small is proven worse."""
    p_superior: float | None
    """Of "better by the margin or more": small is proven not better, if they were gained."""
    mcnemar_adjusted: float | None = None
    """``mcnemar_p`` corrected for the number of lengths or cells."""
    not_inferior_adjusted: float | None = None
    """``p_not_inferior`` corrected for all statements of that kind."""
    likeness: Likeness = Likeness.INCONCLUSIVE
    """What it comes to, corrected likewise."""

    @property
    def a(self) -> Proportion:
        """Recall of the first over the pairs."""
        return Proportion(k=self.pairs.both + self.pairs.lost, n=self.pairs.n)

    @property
    def b(self) -> Proportion:
        """Recall of the second over the pairs."""
        return Proportion(k=self.pairs.both + self.pairs.gained, n=self.pairs.n)


def compared(
    pairs: Sequence[Pair],
    margin: float,
    *,
    length_tokens: int | None = None,
    depth: float | None = None,
    shared_by: Haystacks = "trial",
) -> Compared:
    """Count the pairs of one part and test their difference.

    Args:
        pairs: those of the part, answered or not.
        margin: difference of recall that matters, in (0, 1).
        length_tokens: of the part; None over all.
        depth: of the part; None over all.
        shared_by: what shares one haystack.
    """
    held = counts(pairs)
    tested = weighed(held, pairs, shared_by)
    if_lost = _if_lost(pairs, shared_by)
    # That B is not better than A is that A is not worse than B.
    if_gained = _if_lost([Pair(a=pair.b, b=pair.a) for pair in pairs], shared_by)
    return Compared(
        length_tokens=length_tokens,
        depth=depth,
        pairs=held,
        unanswered=len(pairs) - held.n,
        interval=tested.interval(),
        mcnemar_p=tested.mcnemar_p,
        p_inferior=if_lost.p_inferior_by(margin) if held.n else None,
        p_not_inferior=tested.p_not_inferior_by(margin),
        p_superior=if_gained.p_inferior_by(margin) if held.n else None,
    )


def weighed(
    held: PairedCounts, pairs: Sequence[Pair], shared_by: Haystacks
) -> PairedCounts | ClusteredPairs:
    """The answered pairs as what intervals and p-values count: alone, or by haystack.

    Args:
        held: the answered of ``pairs``, counted.
        pairs: those of the part, answered or not.
        shared_by: what shares one haystack.
    """
    return held if shared_by == "trial" else clustered(pairs, shared_by)


def _if_lost(pairs: Sequence[Pair], shared_by: Haystacks) -> PairedCounts | ClusteredPairs:
    """The pairs with those without an answer as lost: they must not help to prove anything."""
    if shared_by != "trial":
        return clustered(pairs, shared_by, with_unanswered_as_lost=True)
    held = counts(pairs)
    return replace(held, lost=held.lost + len(pairs) - held.n)


def clustered(
    pairs: Sequence[Pair], shared_by: Haystacks, *, with_unanswered_as_lost: bool = False
) -> ClusteredPairs:
    """The answered pairs by haystack, where repeats share one."""
    haystacks: dict[int | None, list[int]] = {}
    for pair in pairs:
        is_answered = pair.is_answered
        if is_answered or with_unanswered_as_lost:
            number = haystack_number(shared_by, pair.b.repeat)
            held = haystacks.setdefault(number, [0, 0, 0])
            held[0] += pair.is_lost or not is_answered
            held[1] += pair.is_gained
            held[2] += 1
    lost, gained, trials = zip(*haystacks.values(), strict=True) if haystacks else ((), (), ())
    return ClusteredPairs(lost=lost, gained=gained, trials=trials)


def corrected(
    parts: Sequence[Compared], alpha: float, *, beside: Sequence[Compared] = ()
) -> tuple[Compared, ...]:
    """The parts with what is proven of each, corrected for their number (Holm 1979).

    Args:
        parts: one family: all lengths, or all cells.
        alpha: chance of any wrong statement of one kind over the family.
        beside: further parts that may be called inferior, so that one wrong statement of that
            kind anywhere has the chance ``alpha`` too.
    """
    mcnemar = holm([part.mcnemar_p for part in parts])
    inferior = holm([part.p_inferior for part in parts])
    not_inferior = holm([part.p_not_inferior for part in (*parts, *beside)])
    superior = holm([part.p_superior for part in parts])
    return tuple(
        replace(
            part,
            mcnemar_adjusted=mcnemar[i],
            not_inferior_adjusted=not_inferior[i],
            likeness=_likeness(inferior[i], not_inferior[i], superior[i], alpha),
        )
        for i, part in enumerate(parts)
    )


def _likeness(
    inferior: float | None, not_inferior: float | None, superior: float | None, alpha: float
) -> Likeness:
    if inferior is None or not_inferior is None or superior is None:
        return Likeness.INCONCLUSIVE
    if not_inferior <= alpha:
        return Likeness.INFERIOR
    if inferior <= alpha:
        return Likeness.EQUIVALENT if superior <= alpha else Likeness.NON_INFERIOR
    return Likeness.INCONCLUSIVE
