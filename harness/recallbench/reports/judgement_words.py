"""One judgement of a gate in words and numbers, the same in every report.

Guarantees that a share never stands without its trials. Knows nothing about how a report is laid
out.
"""

from __future__ import annotations

from recallbench.gate.verdict import Judgement
from recallbench.reports.notation import counted, written_hits, written_length, written_share

_WHOLE = 1.0


def written_place(judgement: Judgement) -> str:
    """What was held against which rule, such as ``floor at 8,000 tokens``."""
    if judgement.length_tokens is None:
        return judgement.rule
    return f"{judgement.rule} at {written_length(judgement.length_tokens)} tokens"


def written_count(judgement: Judgement) -> str | None:
    """``45/50``, or ``3 lost, 1 gained of 50`` for pairs; None where nothing is counted."""
    if judgement.pairs is not None:
        pairs = judgement.pairs
        return f"{pairs.lost:,} lost, {pairs.gained:,} gained of {pairs.n:,}"
    return None if judgement.recall is None else written_hits(judgement.recall)


def written_demand(judgement: Judgement) -> str:
    """What the rule asks for, such as ``floor 0.9`` or ``drop < 0.05``."""
    demanded = f"{judgement.demanded:g}"
    return {
        "floor": f"floor {demanded}",
        "effective-length": f"above {demanded}",
        "baseline": f"drop < {demanded}",
        "errors": f"at most {demanded}",
    }[judgement.rule]


def written_reason(judgement: Judgement) -> str:
    """Why it came to its verdict, how many trials decided it, and what was not answered."""
    parts = [judgement.what]
    if judgement.trials_needed is not None:
        parts.append(f"decided after {counted(judgement.trials_needed, 'trial')}")
    elif judgement.lean is not None:
        parts.append(_leaning(judgement.lean))
    if judgement.unanswered:
        parts.append(f"{judgement.unanswered:,} unanswered")
    return "; ".join(parts)


def written_judgement(judgement: Judgement) -> str:
    """All of it in a sentence: place, count, reason."""
    count = written_count(judgement)
    told = f"{count}, " if count else ""
    return f"{written_place(judgement)}: {told}{written_reason(judgement)}"


def _leaning(lean: float) -> str:
    if not lean:
        return "the evidence leans neither way"
    towards = "pass" if lean > 0 else "fail"
    part = written_share(min(abs(lean), _WHOLE), decimals=0)
    return f"the evidence is {part} of the way to a {towards}"
