"""Two variants asked the same trials: how much recall the second has lost, and whether it matters.

Guarantees that only pairs both have answered are counted, that "not significant" is never called
equivalent, and that what is said of one of many lengths or cells is corrected for their number.
Knows no file and no engine.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from recallbench.domain import TrialRecord
from recallbench.domain.layout import Haystacks, Layout, haystack_number
from recallbench.gate.compared import Compared, Likeness, compared, corrected
from recallbench.gate.pairs import Pair, paired


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two variants, pair by pair."""

    names: tuple[str, str]
    """What the two are called; the first is the baseline."""
    margin: float
    """Difference of recall that matters."""
    confidence: float
    """Of every one-sided statement."""
    cells: tuple[Compared, ...]
    """By length, then by depth."""
    lengths: tuple[Compared, ...]
    """Ascending."""
    overall: Compared
    """All pairs."""
    lost: tuple[str, ...]
    """Trials that only the first recalls."""
    gained: tuple[str, ...]
    """Trials that only the second recalls."""
    unpaired: tuple[int, int]
    """Trials that only the first, and only the second, was asked."""
    is_same: bool
    """Whether the two are the same records: a variant compared with itself."""
    haystacks: int | None = None
    """Haystacks that intervals and p-values over depths count; None where they count pairs."""
    layout: Layout = "single"
    """How needles lie in haystacks: what a ladder recalls is one key among many."""
    distractors: tuple[int, int] | None = None
    """Fewest and most other needles in a prompt; None without pairs."""

    @property
    def likeness(self) -> Likeness:
        """Inferior where all pairs together or those of a length are; else what all come to.

        A length that has lost recall beyond chance keeps the whole open, unless that loss is
        proven to be within the margin: the mean over lengths must not hide it.
        """
        if self.is_same:
            return Likeness.EQUIVALENT
        if any(part.likeness is Likeness.INFERIOR for part in (self.overall, *self.lengths)):
            return Likeness.INFERIOR
        return Likeness.INCONCLUSIVE if self.worse_lengths else self.overall.likeness

    @property
    def worse_lengths(self) -> tuple[Compared, ...]:
        """Lengths of many that are worse beyond chance, by more or by less than the margin."""
        if len(self.lengths) == 1:
            return ()
        return tuple(
            part
            for part in self.lengths
            if part.mcnemar_adjusted is not None
            and part.mcnemar_adjusted <= 1 - self.confidence
            and part.pairs.lost > part.pairs.gained
            and part.likeness is Likeness.INCONCLUSIVE
        )


def compare(
    a: Sequence[TrialRecord],
    b: Sequence[TrialRecord],
    names: tuple[str, str],
    *,
    margin: float = 0.05,
    confidence: float = 0.95,
    shared_by: Haystacks = "trial",
    layout: Layout = "single",
) -> Comparison:
    """Compare two variants.

    Args:
        a: latest records of the baseline.
        b: latest records of the candidate.
        names: what to call them.
        margin: difference of recall that matters, in (0, 1).
        confidence: of every one-sided statement, in (0, 1).
        shared_by: what shares one haystack.
        layout: how needles lie in haystacks.

    Raises:
        ComparisonError: they share no trial, or one of the same name had another prompt.
    """
    pairs = paired(a, b, names)
    alpha = 1 - confidence
    cells = [
        compared(held, margin, length_tokens=length, depth=depth, shared_by=shared_by)
        for (length, depth), held in _by_cell(pairs)
    ]
    lengths = [
        compared(held, margin, length_tokens=length, shared_by=shared_by)
        for length, held in _by_length(pairs)
    ]
    overall = compared(pairs, margin, shared_by=shared_by)
    many = len(lengths) > 1  # with one, it and all pairs together are one statement
    return Comparison(
        names=names,
        margin=margin,
        confidence=confidence,
        cells=corrected(cells, alpha),
        lengths=corrected(lengths, alpha, beside=[overall] if many else []),
        overall=corrected([overall], alpha, beside=lengths if many else [])[0],
        lost=tuple(pair.b.trial_id for pair in pairs if pair.is_lost),
        gained=tuple(pair.b.trial_id for pair in pairs if pair.is_gained),
        unpaired=(len(a) - len(pairs), len(b) - len(pairs)),
        is_same=all(pair.a == pair.b for pair in pairs),
        haystacks=_haystacks(pairs, shared_by),
        layout=layout,
        distractors=_distractors(pairs),
    )


def _haystacks(pairs: Iterable[Pair], shared_by: Haystacks) -> int | None:
    if shared_by == "trial":
        return None
    return len({haystack_number(shared_by, pair.b.repeat) for pair in pairs if pair.is_answered})


def _distractors(pairs: Iterable[Pair]) -> tuple[int, int] | None:
    counts = [pair.b.distractors for pair in pairs]
    return (min(counts), max(counts)) if counts else None


def _by_cell(pairs: Iterable[Pair]) -> list[tuple[tuple[int, float], list[Pair]]]:
    cells: dict[tuple[int, float], list[Pair]] = {}
    for pair in pairs:
        cells.setdefault((pair.b.length_tokens, pair.b.depth), []).append(pair)
    return sorted(cells.items())


def _by_length(pairs: Iterable[Pair]) -> list[tuple[int, list[Pair]]]:
    lengths: dict[int, list[Pair]] = {}
    for pair in pairs:
        lengths.setdefault(pair.b.length_tokens, []).append(pair)
    return sorted(lengths.items())
