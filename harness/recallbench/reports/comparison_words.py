"""What stands beside a comparison's verdict, in sentences, the same in every report.

Guarantees that "no significant difference" is never said for "equivalent", and that what is not
compared is counted. Sentences have no full stop. Knows no format and does not know whether pairs
share a haystack: numbers of pairs needed are the least there are.
"""

from __future__ import annotations

from collections.abc import Iterator

from recallbench.gate.compared import Compared, Likeness
from recallbench.gate.comparison import Comparison
from recallbench.reports.comparison_headline import is_inferior, named_lengths
from recallbench.reports.notation import counted
from recallbench.reports.pairs_needed import pairs_without_loss
from recallbench.reports.points import (
    equated_p,
    written_margin,
    written_points,
    written_points_interval,
)


def difference_phrase(part: Compared) -> str:
    """The difference with its interval and pairs, such as ``-1.0 points (95% -3.1 to +0.9)``."""
    difference, interval = part.pairs.difference, part.interval
    if difference is None or interval is None:
        return "no pair answered by both"
    return (
        f"{written_points(difference)} points (95% interval {written_points_interval(interval)}), "
        f"{discordant(part)} of {counted(part.pairs.n, 'pair')}"
    )


def discordant(part: Compared) -> str:
    """Pairs lost and gained, such as ``-3/+1``."""
    return f"-{part.pairs.lost:,}/+{part.pairs.gained:,}"


def explanations(comparison: Comparison) -> tuple[str, ...]:
    """What the verdict does not say by itself, and what would settle an open one."""
    overall = comparison.overall
    if comparison.is_same:
        return ("both are the same records: a variant held against itself",)
    if overall.mcnemar_p is None:
        return ("no pair was answered by both: nothing is compared",)
    mcnemar = f"McNemar {equated_p(overall.mcnemar_p)}"
    differs = overall.mcnemar_p <= 1 - comparison.confidence
    if comparison.likeness is Likeness.INFERIOR:
        return _where(comparison)
    if comparison.worse_lengths:
        return (_worse(comparison),)
    if comparison.likeness is Likeness.INCONCLUSIVE:
        return (_open(comparison, mcnemar, differs=differs), *_pairs_needed(comparison))
    side = "less" if overall.pairs.lost > overall.pairs.gained else "more"
    said = f"the two differ ({mcnemar}): {comparison.names[1]} recalls {side}"
    return (*((said,) if differs else ()), *_not_singly(comparison))


def corrections(comparison: Comparison) -> str:
    """Which numbers are corrected for how many statements there are."""
    families = [
        f"{counted(len(parts), noun)}"
        for parts, noun in ((comparison.lengths, "length"), (comparison.cells, "cell"))
        if len(parts) > 1
    ]
    counting = ""
    if comparison.haystacks:
        shared = counted(comparison.haystacks, "haystack")
        counting = f"; p and intervals count the {shared} that pairs share"
    if not families:
        return f"nothing corrected: one length, one cell{counting}"
    return (
        f"corrected by Holm over the {' and, apart, over the '.join(families)}: p of McNemar and "
        f"verdicts; not corrected: the overall line, intervals{counting}"
    )


def uncounted(comparison: Comparison) -> tuple[str, ...]:
    """What is not compared; () where everything is."""
    sentences: list[str] = []
    unanswered, (only_a, only_b) = comparison.overall.unanswered, comparison.unpaired
    if unanswered:
        verb = "is" if unanswered == 1 else "are"
        sentences.append(
            f"{counted(unanswered, 'pair')} {verb} not counted: at least one of the two gave no "
            "answer to score"
        )
    for number, name in ((only_a, comparison.names[0]), (only_b, comparison.names[1])):
        if number:
            sentences.append(f"{counted(number, 'trial')} asked of {name} alone: not compared")
    return tuple(sentences)


def _open(comparison: Comparison, mcnemar: str, *, differs: bool) -> str:
    question = f"a drop of {written_margin(comparison.margin)} is neither proven nor ruled out"
    if differs:
        return f"the two differ ({mcnemar}), but {question}"
    return f'"no significant difference" ({mcnemar}) is not "equivalent": {question}'


def _worse(comparison: Comparison) -> str:
    """Why a proof over all lengths together is not enough."""
    found = comparison.worse_lengths
    lengths = named_lengths([part.length_tokens for part in found])
    p = equated_p(max(part.mcnemar_adjusted or 0.0 for part in found))
    return (
        f"{comparison.names[1]} recalls less at {lengths} (McNemar, corrected, {p}), and whether "
        f"by more than {written_margin(comparison.margin)} there is neither proven nor ruled out; "
        "all lengths together must not hide it"
    )


def _where(comparison: Comparison) -> tuple[str, ...]:
    """Which lengths a proof over all lengths is proven at too; () where the verdict says it."""
    if comparison.overall.likeness is not Likeness.INFERIOR or not comparison.lengths[1:]:
        return ()
    found = [part.length_tokens for part in comparison.lengths if is_inferior(part)]
    places = f"and singly at {named_lengths(found)}" if found else "not at any single length"
    return (f"proven over all lengths together, {places}",)


def _not_singly(comparison: Comparison) -> tuple[str, ...]:
    """Lengths whose own pairs prove nothing, though those of all lengths together do."""
    found = [
        part.length_tokens for part in comparison.lengths if part.likeness is Likeness.INCONCLUSIVE
    ]
    if not found:
        return ()
    return (f"proven over all lengths together; open singly at {named_lengths(found)}",)


def _pairs_needed(comparison: Comparison) -> Iterator[str]:
    needed = pairs_without_loss(comparison.margin, comparison.confidence)
    pairs = comparison.overall.pairs
    if needed is not None:
        yield (
            f"to rule out a drop of {written_margin(comparison.margin)} takes at least "
            f"{counted(needed, 'pair')} without a loss, and more with one; here are {pairs.n:,} "
            f"with {pairs.lost:,} lost and {pairs.gained:,} gained"
        )
