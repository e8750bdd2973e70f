"""All rules and one variant's records to its verdict.

Guarantees that the same records give the same verdict, whether asked while trials are drawn or
afterwards; that a trial without an answer neither helps to pass nor makes fail; and that the chance
of a wrong fail of the whole variant, and of a wrong pass, is no larger than the rules allow. Knows
no file and no engine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from recallbench.domain import Outcome, TrialRecord
from recallbench.domain.gate_rules import EffectiveLengthRule, GateRules
from recallbench.domain.layout import Haystacks
from recallbench.gate.drops import judge_drop
from recallbench.gate.length_records import LengthRecords, by_length
from recallbench.gate.levels import judge_floor, judge_level
from recallbench.gate.terms import Terms
from recallbench.gate.verdict import Judgement, VariantVerdict, Verdict, together

_FAILURES = frozenset({Outcome.ERRORED, Outcome.OVERFLOW})
_Judge = Callable[[Terms], Judgement]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One variant before its gate."""

    variant: str
    """Its name."""
    records: Sequence[TrialRecord]
    """Its latest records."""
    lengths: tuple[int, ...]
    """Lengths it is or was to be asked, ascending."""
    depths: tuple[float, ...]
    """Depths of the grid."""
    owed: int = 0
    """Planned trials without a record."""
    baseline: Sequence[TrialRecord] | None = None
    """Latest records of the baseline; None where it is not held against one."""
    is_sequential: bool = False
    """Whether its trials were drawn until something was settled."""
    is_over: bool = True
    """Whether it was asked to its end."""
    shared_by: Haystacks = "trial"
    """What shares one haystack."""


def judge(rules: GateRules, case: Case) -> VariantVerdict:
    """Hold one variant against the rules.

    Raises:
        ComparisonError: the baseline was asked other questions.
    """
    held = by_length(case.records, case.lengths, case.depths)
    judges = [*_floors(rules, held), *_reach(rules, held), *_drops(rules, case, held)]
    terms = Terms(
        false_alarm=(1 - rules.confidence) / max(len(judges), 1),
        miss=1 - rules.confidence,
        is_sequential=case.is_sequential or rules.until_decided,
        shared_by=case.shared_by,
    )
    judgements = [judge(terms) for judge in judges]
    beyond = _beyond_reach(rules.effective_length, case.lengths) or _unjudged(rules, judgements)
    made = (*judgements, *beyond)
    failures = sum(record.outcome in _FAILURES for record in case.records)
    return VariantVerdict(
        variant=case.variant,
        judgements=(*made, *_errors(rules, failures)),
        is_cut_short=not case.is_over
        and together(each.verdict for each in made) is Verdict.INCONCLUSIVE,
        incomplete=case.owed + (failures if failures > (rules.errors or 0) else 0),
        notes=tuple(_notes(rules, case.lengths)),
    )


def _floors(rules: GateRules, held: Mapping[int, LengthRecords]) -> Iterable[_Judge]:
    for length, records in held.items():
        floor = rules.floor_at(length)
        if floor is not None:
            yield _floor(records, floor, rules.tolerance)


def _floor(records: LengthRecords, floor: float, tolerance: float) -> _Judge:
    return lambda terms: judge_floor(records, floor, tolerance, terms)


def _reach(rules: GateRules, held: Mapping[int, LengthRecords]) -> Iterable[_Judge]:
    rule = rules.effective_length
    if rule is not None:
        for length in reached(rule, tuple(held)):
            yield _level(held[length], rule.recall)


def _level(records: LengthRecords, level: float) -> _Judge:
    return lambda terms: judge_level(records, level, terms)


def _drops(rules: GateRules, case: Case, held: Mapping[int, LengthRecords]) -> Iterable[_Judge]:
    if rules.baseline is None or case.baseline is None:
        return
    theirs = by_length(case.baseline, case.lengths, case.depths)
    for length, records in held.items():
        yield _drop(records, theirs[length], rules.baseline.max_drop)


def _drop(records: LengthRecords, baseline: LengthRecords, max_drop: float) -> _Judge:
    return lambda terms: judge_drop(records, baseline, max_drop, terms)


def reached(rule: EffectiveLengthRule, lengths: tuple[int, ...]) -> tuple[int, ...]:
    """The lengths that have to be above the level: those up to the demanded one, and the next.

    What is asked only beyond the demanded length has to hold there.
    """
    below = tuple(length for length in lengths if length < rule.tokens)
    return (*below, *tuple(length for length in lengths if length >= rule.tokens)[:1])


def _beyond_reach(
    rule: EffectiveLengthRule | None, lengths: tuple[int, ...]
) -> tuple[Judgement, ...]:
    if rule is None or (lengths and lengths[-1] >= rule.tokens):
        return ()
    longest = f"{lengths[-1]:,}" if lengths else "none"
    return (
        Judgement(
            rule="effective-length",
            length_tokens=rule.tokens,
            verdict=Verdict.INCONCLUSIVE,
            demanded=rule.recall,
            what=f"not asked at {rule.tokens:,} tokens or more; the longest is {longest}",
        ),
    )


def _unjudged(rules: GateRules, judgements: Sequence[Judgement]) -> tuple[Judgement, ...]:
    """Rules that reach none of its lengths must not look like a pass."""
    if judgements or not rules.says_anything:
        return ()
    if rules.baseline and not rules.floors and not rules.effective_length:
        return (
            Judgement(
                rule="baseline",
                length_tokens=None,
                verdict=Verdict.PASS,
                demanded=rules.baseline.max_drop,
                what="it is the baseline itself",
            ),
        )
    return (
        Judgement(
            rule="floor",
            length_tokens=None,
            verdict=Verdict.INCONCLUSIVE,
            demanded=rules.floors[0].recall if rules.floors else 0.0,
            what="no rule about recall is for any of its lengths",
        ),
    )


def _errors(rules: GateRules, failures: int) -> tuple[Judgement, ...]:
    if rules.errors is None:
        return ()
    return (
        Judgement(
            rule="errors",
            length_tokens=None,
            verdict=Verdict.PASS if failures <= rules.errors else Verdict.FAIL,
            demanded=float(rules.errors),
            what=f"{failures:,} errored or refused, at most {rules.errors:,} allowed",
        ),
    )


def _notes(rules: GateRules, lengths: tuple[int, ...]) -> Iterable[str]:
    without = [length for length in lengths if rules.floors and rules.floor_at(length) is None]
    if without:
        yield (
            f"no floor at {', '.join(f'{length:,}' for length in without)} tokens: the longest "
            f"has one up to {rules.floors[-1].up_to_tokens:,}"
        )
