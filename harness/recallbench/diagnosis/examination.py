"""Looks for every pattern in one variant's numbers and names those that they bear out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from recallbench.diagnosis.answers import suspect_answers
from recallbench.diagnosis.breaks import suspect_breaks
from recallbench.diagnosis.budget import suspect_budget
from recallbench.diagnosis.case import Case, case_of, length_of
from recallbench.diagnosis.commands import run_command
from recallbench.diagnosis.conditions import not_compared, suspect_conditions
from recallbench.diagnosis.decline import suspect_decline
from recallbench.diagnosis.depths import suspect_depths
from recallbench.diagnosis.everywhere import suspect_everywhere
from recallbench.diagnosis.exact import needed_on_each_side
from recallbench.diagnosis.facts import ServingFacts
from recallbench.diagnosis.pattern import Diagnosis, Pattern
from recallbench.diagnosis.suspicion import FALSE_ALARMS, Suspicion, named
from recallbench.diagnosis.unanswered import unanswered
from recallbench.diagnosis.wording import tokens, told, trials_told
from recallbench.domain import Outcome, TrialRecord
from recallbench.stats import CellSummary, VariantSummary

_FEWEST = 20
"""Answered trials below which no pattern is named, whatever its p-value."""
_HEALTHY = 0.95
"""Recall is low where its interval ends below this; 99% sure over all lines looked at."""
_LOOKS = (
    suspect_breaks,
    suspect_decline,
    suspect_everywhere,
    suspect_depths,
    suspect_conditions,
    suspect_budget,
    suspect_answers,
)


def diagnose(
    summary: VariantSummary, records: Sequence[TrialRecord], facts: ServingFacts
) -> tuple[Diagnosis, ...]:
    """Name the likely causes of low recall in one variant, strongest first.

    Args:
        summary: the variant's counts.
        records: the journal they are of; other variants' records are left out.
        facts: how the variant was served.

    Returns:
        () where nothing is wrong, or nothing more than chance brings; ``no-pattern`` or
        ``too-few-trials`` by itself where recall is low and nothing can be named; and last,
        whatever the recall, that the longest lengths were not answered at all.
    """
    case = case_of(summary, records, facts)
    suspicions = _suspicions(case)
    patterns = named(suspicions) if _answered(case) >= _FEWEST else ()
    if not patterns and (low := _low(case)):
        patterns = (_unnamed(case, low, len(suspicions)),)
    found = (*patterns, *unanswered(case))
    shared = summary.overall.haystacks
    return tuple(_too_sure(each, shared) for each in found) if shared else found


def _too_sure(diagnosis: Diagnosis, haystacks: int) -> Diagnosis:
    """What it rests on where trials share haystacks: a hint, and less sure than it looks."""
    number = "1 haystack" if haystacks == 1 else f"{haystacks:,} haystacks"
    said = f"trials share {number}, and intervals and tests here take each for itself: too sure"
    return replace(diagnosis, evidence=(*diagnosis.evidence, said))


def _suspicions(case: Case) -> tuple[Suspicion, ...]:
    return tuple(suspicion for look in _LOOKS for suspicion in look(case))


def _answered(case: Case) -> int:
    truncated = sum(record.outcome is Outcome.TRUNCATED for record in case.records)
    return case.recall.n + truncated


def _low(case: Case) -> tuple[CellSummary, ...]:
    """The overall line and lines of lengths whose recall is surely below a healthy one."""
    lines = (case.summary.overall, *case.lengths)
    confidence = 1.0 - 2 * FALSE_ALARMS / len(lines)
    ends = ((line, line.recall.interval(confidence)) for line in lines)
    return tuple(line for line, end in ends if end is not None and end.high < _HEALTHY)


def _unnamed(case: Case, low: Sequence[CellSummary], looks: int) -> Diagnosis:
    side = needed_on_each_side(FALSE_ALARMS / max(1, looks))
    trials = case.summary.grid.trials
    few = case.recall.n < max(_FEWEST, 2 * side)
    more = max(2 * trials, -(-2 * side * trials // max(1, case.recall.n)))
    return Diagnosis(
        pattern=Pattern.TOO_FEW_TRIALS if few else Pattern.NO_PATTERN,
        what=(
            f"Recall is {told(case.recall)}, "
            + (
                f"and {trials_told(case.recall.n)} are too few to say how it falls: it takes "
                f"{2 * side}, {side} on each side, to tell a fall from 90% to 30%."
                if few
                else "and none of the known patterns fits."
            )
        ),
        why="not known from these numbers",
        next_command=run_command(case.facts, case.variant, f"--trials={more}"),
        evidence=(*_low_lengths(low), f"{looks} tests together", *not_compared(case)),
    )


def _low_lengths(low: Sequence[CellSummary]) -> tuple[str, ...]:
    lengths = (line for line in low if line.length_tokens is not None)
    return tuple(f"{tokens(length_of(line))}: {told(line.recall)}" for line in lengths)
