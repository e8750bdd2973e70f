"""Records grouped as the tests of a gate read them: whole rounds in their order, and clusters.

A round is one trial at each depth of one length. Rounds are read in the order of their number up to
the first that is not whole, so what a verdict reads does not depend on which request came back
first. Knows no rule.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from recallbench.domain import Outcome, TrialRecord
from recallbench.gate.pairs import Pair, counts
from recallbench.stats.rounds import PairedRound, Round


@dataclass(frozen=True, slots=True, kw_only=True)
class LengthRecords:
    """The records of one variant at one length, by round and depth."""

    length_tokens: int
    """Prompt length."""
    depths: tuple[float, ...]
    """Depths of the grid. Shape (n_depths,)."""
    by_place: Mapping[tuple[int, float], TrialRecord]
    """By number of the round and depth."""

    @property
    def records(self) -> tuple[TrialRecord, ...]:
        """All of them, by round and depth."""
        return tuple(self.by_place[place] for place in sorted(self.by_place))

    def whole(self, other: LengthRecords | None = None) -> int:
        """How many rounds from the first on have every trial, here and in ``other``."""
        number = 0
        while all(
            (number, depth) in held.by_place
            for held in (self, other or self)
            for depth in self.depths
        ):
            number += 1
        return number

    def rounds(self) -> tuple[Round, ...]:
        """The whole rounds from the first on."""
        return tuple(self._round(number) for number in range(self.whole()))

    def paired_rounds(self, baseline: LengthRecords) -> tuple[PairedRound, ...]:
        """The rounds that are whole here and in the baseline."""
        return tuple(self._paired_round(baseline, number) for number in range(self.whole(baseline)))

    def _paired_round(self, baseline: LengthRecords, number: int) -> PairedRound:
        places = [(number, depth) for depth in self.depths]
        pairs = [Pair(a=baseline.by_place[place], b=self.by_place[place]) for place in places]
        held = counts(pairs)
        return PairedRound(
            lost=held.lost,
            gained=held.gained,
            same=held.both + held.neither,
            unmeasured=len(pairs) - held.n,
        )

    def _round(self, number: int) -> Round:
        outcomes = [self.by_place[number, depth].outcome for depth in self.depths]
        hits, misses = outcomes.count(Outcome.RECALLED), outcomes.count(Outcome.MISSED)
        return Round(hits=hits, misses=misses, unmeasured=len(outcomes) - hits - misses)


def by_length(
    records: Iterable[TrialRecord], lengths: Sequence[int], depths: tuple[float, ...]
) -> dict[int, LengthRecords]:
    """The records of one variant by length.

    Args:
        records: latest records of the variant, other lengths' left out.
        lengths: prompt lengths to group by.
        depths: depths of the grid.
    """
    places: dict[int, dict[tuple[int, float], TrialRecord]] = {length: {} for length in lengths}
    for record in records:
        if record.length_tokens in places:
            places[record.length_tokens][record.repeat, record.depth] = record
    return {
        length: LengthRecords(length_tokens=length, depths=depths, by_place=held)
        for length, held in places.items()
    }
