"""The exit codes. Frozen: scripts in CI depend on them."""

from __future__ import annotations

from collections.abc import Sequence

from recallbench.domain.gate_rules import OnInconclusive
from recallbench.gate.compared import Likeness
from recallbench.gate.verdict import VariantVerdict, Verdict, together

DONE = 0
FAIL = 1
INCOMPLETE = 3
INCONCLUSIVE = 4
INTERRUPTED = 130

_COUNTS_AS = {"inconclusive": INCONCLUSIVE, "pass": DONE, "fail": FAIL}


def of_verdicts(
    verdicts: Sequence[VariantVerdict],
    on_inconclusive: OnInconclusive,
    *,
    is_complete: bool = True,
) -> int:
    """A fail is a fail, whatever is missing; what is missing is told before what is undecided."""
    verdict = together(each.verdict for each in verdicts)
    if verdict is Verdict.FAIL:
        return FAIL
    if not is_complete or any(each.incomplete or each.is_cut_short for each in verdicts):
        return INCOMPLETE
    return DONE if verdict is Verdict.PASS else _COUNTS_AS[on_inconclusive]


def of_likeness(likeness: Likeness) -> int:
    """Of a comparison."""
    if likeness is Likeness.INCONCLUSIVE:
        return INCONCLUSIVE
    return FAIL if likeness is Likeness.INFERIOR else DONE
