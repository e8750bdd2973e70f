"""The verdict of a comparison in one sentence, the same in every report.

Guarantees that a verdict never stands without its margin, its p-value and its pairs, and that the
p-value is the one that made it: corrected where it is of some lengths of many. Sentences have no
full stop. Knows no format.
"""

from __future__ import annotations

from collections.abc import Sequence

from recallbench.gate.compared import Compared, Likeness
from recallbench.gate.comparison import Comparison
from recallbench.reports.notation import counted, written_length
from recallbench.reports.points import equated_p, written_level, written_margin

_NAMED_LENGTHS = 3


def headline(comparison: Comparison) -> str:
    """The verdict in a sentence that names both variants."""
    a, b = comparison.names
    word, rest = _verdict(comparison)
    if comparison.likeness is Likeness.INCONCLUSIVE:
        return f"{b} against {a} is {word} {rest}"
    return f"{b} is {word} to {a} {rest}"


def verdict_phrase(comparison: Comparison) -> str:
    """The same without names, for where these stand already."""
    return " ".join(_verdict(comparison))


def named_lengths(lengths: Sequence[int | None]) -> str:
    """The first few lengths, such as ``8,000, 16,000 tokens`` and how many more."""
    named = ", ".join(written_length(length) for length in lengths[:_NAMED_LENGTHS] if length)
    more = len(lengths) - _NAMED_LENGTHS
    return f"{named} tokens" + (f" and {counted(more, 'more length')}" if more > 0 else "")


def is_inferior(part: Compared) -> bool:
    """Whether a part is proven worse by more than the margin, corrected."""
    return part.likeness is Likeness.INFERIOR


def _verdict(comparison: Comparison) -> tuple[str, str]:
    """The verdict's word, and what it rests on."""
    likeness, overall = comparison.likeness, comparison.overall
    word, margin = likeness.upper(), written_margin(comparison.margin)
    level = written_level(comparison.confidence)
    one_sided = f"{level} one-sided"
    if comparison.is_same:
        return word, f"within {margin} ({counted(overall.pairs.n, 'pair')}, the same records)"
    if likeness is Likeness.INFERIOR and overall.likeness is not Likeness.INFERIOR:
        return word, f"by more than {margin} {_inferior_lengths(comparison, one_sided)}"
    if likeness is Likeness.INFERIOR:
        return (
            word,
            f"by more than {margin} {_proof(overall.not_inferior_adjusted, one_sided, overall)}",
        )
    if likeness is Likeness.EQUIVALENT:
        ps = [p for p in (overall.p_inferior, overall.p_superior) if p is not None]
        sided = f"two one-sided tests at {level}"
        return word, f"within {margin} {_proof(max(ps, default=None), sided, overall)}"
    return word, f"at a margin of {margin} {_proof(overall.p_inferior, one_sided, overall)}"


def _proof(p: float | None, test: str, part: Compared) -> str:
    pairs = counted(part.pairs.n, "pair")
    return f"({pairs})" if p is None else f"({equated_p(p)}, {test}, {pairs})"


def _inferior_lengths(comparison: Comparison, one_sided: str) -> str:
    """The lengths that are inferior, where all together are not."""
    found = [part for part in comparison.lengths if is_inferior(part)]
    lengths = named_lengths([part.length_tokens for part in found])
    largest = equated_p(max((part.not_inferior_adjusted or 0.0 for part in found), default=1.0))
    over = f", corrected over {len(comparison.lengths):,} lengths" if comparison.lengths[1:] else ""
    pairs = counted(sum(part.pairs.n for part in found), "pair")
    return f"at {lengths} ({largest}{over}, {one_sided}, {pairs})"
