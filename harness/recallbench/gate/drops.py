"""The rule about a baseline: recall at one length may not drop by as much as ``max_drop``."""

from __future__ import annotations

from collections.abc import Sequence

from recallbench.gate.compared import clustered
from recallbench.gate.length_records import LengthRecords
from recallbench.gate.pairs import Pair, counts, paired
from recallbench.gate.terms import Terms, from_evidence, from_p_values
from recallbench.gate.verdict import Judgement, Verdict
from recallbench.stats.evidence import Evidence
from recallbench.stats.mean_test import DropTest
from recallbench.stats.paired import PairedCounts

_NAMES = ("the baseline", "the variant")
_NOT_ASKED = "the baseline was not asked at this length"


def judge_drop(
    records: LengthRecords, baseline: LengthRecords, max_drop: float, terms: Terms
) -> Judgement:
    """Hold one length against the same trials of the baseline.

    It passes where the drop is proven smaller than ``max_drop``, and fails where it is proven
    larger.

    Raises:
        ComparisonError: the baseline was asked other questions.
    """
    ours, theirs = baseline.records, records.records
    pairs = paired(ours, theirs, _NAMES) if ours and theirs else ()
    held = counts(pairs)
    unanswered = len(pairs) - held.n
    evidence = _evidence(records, baseline, max_drop, terms) if terms.is_sequential else None
    verdict = from_evidence(evidence) if evidence else _verdict(pairs, held, max_drop, terms)
    return Judgement(
        rule="baseline",
        length_tokens=records.length_tokens,
        verdict=verdict,
        demanded=max_drop,
        what=_said(verdict, max_drop) if ours or not theirs else _NOT_ASKED,
        pairs=held,
        unanswered=unanswered,
        lean=evidence.lean if evidence else None,
        trials_needed=evidence.trials if evidence and evidence.decision else None,
        against=tuple(pair.b.trial_id for pair in pairs if pair.is_lost),
    )


def _evidence(
    records: LengthRecords, baseline: LengthRecords, max_drop: float, terms: Terms
) -> Evidence:
    test = DropTest(
        max_drop=max_drop,
        false_alarm=terms.false_alarm,
        miss=terms.miss,
        shared=terms.is_shared,
    )
    return test.judge(records.paired_rounds(baseline))


def _said(verdict: Verdict, max_drop: float) -> str:
    if verdict is Verdict.PASS:
        return f"a drop of {max_drop:g} is ruled out"
    if verdict is Verdict.FAIL:
        return f"a drop of more than {max_drop:g} is proven"
    return f"a drop of {max_drop:g} is neither proven nor ruled out"


def _verdict(pairs: Sequence[Pair], held: PairedCounts, max_drop: float, terms: Terms) -> Verdict:
    if not pairs:
        return Verdict.INCONCLUSIVE
    if terms.is_shared:
        measured, worst = clustered(pairs), clustered(pairs, with_unanswered_as_lost=True)
        p_fail, p_pass = measured.p_not_inferior_by(max_drop), worst.p_inferior_by(max_drop)
    else:
        lost = held.lost + len(pairs) - held.n
        if_lost = PairedCounts(both=held.both, lost=lost, gained=held.gained, neither=held.neither)
        p_fail, p_pass = held.p_not_inferior_by(max_drop), if_lost.p_inferior_by(max_drop)
    return from_p_values(p_fail, p_pass, terms)
