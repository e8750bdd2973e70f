"""Rules about the recall of one length: its floor, and the level an effective length demands."""

from __future__ import annotations

from recallbench.domain import Outcome
from recallbench.gate.length_records import LengthRecords
from recallbench.gate.terms import Counted, Terms, counted, from_evidence, from_p_values
from recallbench.gate.verdict import Judgement, RuleName, Verdict
from recallbench.stats.evidence import Evidence
from recallbench.stats.floor_test import FloorTest
from recallbench.stats.haystack_recall import haystacks_of
from recallbench.stats.mean_test import LevelTest


def judge_floor(records: LengthRecords, floor: float, tolerance: float, terms: Terms) -> Judgement:
    """Hold one length against its floor.

    It fails where recall is proven below ``floor``, and passes where it is proven above
    ``floor - tolerance``: by Wald's sequential test where trials were drawn until it settled, by
    exact binomial tests where their number was fixed.
    """
    held = counted(records, terms)
    evidence: Evidence | None = None
    if terms.is_sequential:
        test = FloorTest(
            floor=floor,
            tolerance=tolerance,
            false_alarm=terms.false_alarm,
            miss=terms.miss,
            shared=terms.is_shared,
        )
        evidence = test.judge(records.rounds())
    verdict = _verdict(held, evidence, floor, floor - tolerance, terms)
    said = {
        Verdict.PASS: f"proven above {floor - tolerance:g}, {tolerance:g} below the floor",
        Verdict.FAIL: f"proven below the floor of {floor:g}",
        Verdict.INCONCLUSIVE: f"neither above {floor - tolerance:g} nor below {floor:g} is proven",
    }
    return _judgement("floor", records, held, floor, verdict, said[verdict], evidence)


def judge_level(records: LengthRecords, level: float, terms: Terms) -> Judgement:
    """Hold one length against a level: proven above passes, proven below fails."""
    held = counted(records, terms)
    evidence: Evidence | None = None
    if terms.is_sequential:
        test = LevelTest(
            level=level,
            false_alarm=terms.false_alarm,
            miss=terms.miss,
            shared=terms.is_shared,
        )
        evidence = test.judge(records.rounds())
    verdict = _verdict(held, evidence, level, level, terms)
    said = {
        Verdict.PASS: f"proven above {level:g}",
        Verdict.FAIL: f"proven below {level:g}",
        Verdict.INCONCLUSIVE: f"neither above nor below {level:g} is proven",
    }
    return _judgement("effective-length", records, held, level, verdict, said[verdict], evidence)


def _verdict(
    held: Counted, evidence: Evidence | None, fails_below: float, passes_above: float, terms: Terms
) -> Verdict:
    if evidence is not None:
        return from_evidence(evidence)
    p_fail = held.measured.p_at_least(fails_below)
    return from_p_values(p_fail, held.worst.p_at_most(passes_above), terms)


def _judgement(  # noqa: PLR0917 - private, and called twice in one way
    rule: RuleName,
    records: LengthRecords,
    held: Counted,
    demanded: float,
    verdict: Verdict,
    said: str,
    evidence: Evidence | None,
) -> Judgement:
    return Judgement(
        rule=rule,
        length_tokens=records.length_tokens,
        verdict=verdict,
        demanded=demanded,
        what=said,
        recall=held.recall,
        unanswered=held.unanswered,
        lean=evidence.lean if evidence else None,
        trials_needed=evidence.trials if evidence and evidence.decision else None,
        against=tuple(r.trial_id for r in records.records if r.outcome is Outcome.MISSED),
        shared=held.shared,
        haystacks=haystacks_of(held.shared),
    )
