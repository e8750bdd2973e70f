"""The rule about a baseline: recall at one length may not drop by as much as ``max_drop``."""

from __future__ import annotations

from collections.abc import Sequence

from recallbench.domain.layout import haystack_number
from recallbench.gate.compared import compared
from recallbench.gate.length_records import LengthRecords
from recallbench.gate.pairs import Pair, counts, paired
from recallbench.gate.terms import Terms, from_evidence, from_p_values
from recallbench.gate.verdict import Judgement, Verdict
from recallbench.stats.evidence import Evidence
from recallbench.stats.mean_test import DropTest

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
    evidence = _evidence(records, baseline, max_drop, terms) if terms.is_sequential else None
    verdict = from_evidence(evidence) if evidence else _verdict(pairs, max_drop, terms)
    return Judgement(
        rule="baseline",
        length_tokens=records.length_tokens,
        verdict=verdict,
        demanded=max_drop,
        what=_said(verdict, max_drop) if ours or not theirs else _NOT_ASKED,
        pairs=held,
        unanswered=len(pairs) - held.n,
        lean=evidence.lean if evidence else None,
        trials_needed=evidence.trials if evidence and evidence.decision else None,
        against=tuple(pair.b.trial_id for pair in pairs if pair.is_lost),
        haystacks=_haystacks(pairs, terms),
    )


def _haystacks(pairs: Sequence[Pair], terms: Terms) -> int | None:
    """Haystacks of the answered pairs; None where no two pairs share one."""
    numbers = [haystack_number(terms.shared_by, p.b.repeat) for p in pairs if p.is_answered]
    known = {number for number in numbers if number is not None}
    return len(known) if len(known) < len(numbers) and known else None


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


def _verdict(pairs: Sequence[Pair], max_drop: float, terms: Terms) -> Verdict:
    part = compared(pairs, max_drop, shared_by=terms.shared_by)
    return from_p_values(part.p_not_inferior, part.p_inferior, terms)
