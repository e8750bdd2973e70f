"""Which trials each variant of a plan is asked, and in which order the variants come."""

from __future__ import annotations

from collections.abc import Sequence

from recallbench.domain import TrialRecord
from recallbench.gate.judging import Case
from recallbench.runner.baseline import baseline_records
from recallbench.runner.drawing import Drawing
from recallbench.runner.owed import Owed, TrialSource
from recallbench.suite import PlannedVariant, RunPlan


def baseline_first(plan: RunPlan) -> list[PlannedVariant]:
    """The variants; what others are compared with as they go has to be known before them."""
    first = _own_baseline(plan)
    return sorted(plan.variants, key=lambda planned: planned.variant.name != first)


def source_of(
    plan: RunPlan, planned: PlannedVariant, records: Sequence[TrialRecord]
) -> TrialSource:
    """All that a variant owes, or what a gate draws until its verdict is settled.

    Args:
        plan: of the run.
        planned: the variant.
        records: latest records of all variants.

    Raises:
        RunFolderError: a stored baseline cannot be read.
        ComparisonError: it was asked other questions.
    """
    name, gate = planned.variant.name, plan.suite.gate
    trials = plan.trials_for(planned)
    if gate is None or not gate.until_decided:
        return Owed(trials, records, name)
    case = Case(
        variant=name,
        records=tuple(record for record in records if record.variant == name),
        lengths=planned.lengths,
        depths=plan.grid.depths,
        baseline=baseline_records(gate.baseline, name, records),
        is_sequential=True,
    )
    # What others are compared with is asked in full: they may need any part of it.
    most = max(gate.max_trials, plan.grid.trials)
    first_rounds = most if name == _own_baseline(plan) else plan.grid.trials
    return Drawing(rules=gate, case=case, trials=trials, first_rounds=first_rounds)


def _own_baseline(plan: RunPlan) -> str | None:
    """The variant that others of the same run are compared with."""
    rule = plan.suite.gate.baseline if plan.suite.gate else None
    return rule.variant if rule and rule.run is None else None
