"""Which trials each variant of a plan is asked, and in which order the variants come."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from recallbench.domain import Trial, TrialRecord
from recallbench.domain.layout import Haystacks
from recallbench.gate.judging import Case
from recallbench.runner.baseline import baseline_records
from recallbench.runner.drawing import Drawing
from recallbench.runner.line import Line
from recallbench.runner.owed import Owed, TrialSource
from recallbench.schedule.flow import Flow
from recallbench.schedule.order import stages
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
    return Drawing(
        rules=gate,
        case=case,
        trials=trials,
        first_rounds=first_rounds,
        deepest_first=plan.suite.form.prompt.haystacks != "trial",
    )


def line_of(
    plan: RunPlan,
    source: TrialSource,
    *,
    kv_cache_tokens: int | None,
    in_order: bool,
    is_over: Callable[[], bool],
) -> Line:
    """The trials of a source in the order in which the engine's prefix cache helps most.

    Args:
        plan: of the run.
        source: what is owed.
        kv_cache_tokens: tokens that the engine's KV cache holds, where known.
        in_order: whether the engine takes up requests in the order in which they come.
        is_over: whether nothing may be begun any more.
    """
    form = plan.suite.form
    is_cold = form.engine.cache == "cold"
    layout = form.prompt.layout
    haystacks: Haystacks = "trial" if is_cold else form.prompt.haystacks
    flow = Flow(
        layout,
        haystacks,
        kv_cache_tokens,
        plan.suite.budget.total_tokens,
        is_cold=is_cold,
        in_order=in_order,
    )
    if isinstance(source, Drawing):
        # One by one: what is drawn next depends on every answer, as does whether there is more.
        one_by_one = map(_alone, source)
        return Line(one_by_one, flow, drawn_ahead=form.concurrency, is_over=is_over)
    ordered = stages(tuple(source), layout, haystacks, capacity_tokens=kv_cache_tokens)
    return Line(ordered, flow, is_over=is_over)


def _own_baseline(plan: RunPlan) -> str | None:
    """The variant that others of the same run are compared with."""
    rule = plan.suite.gate.baseline if plan.suite.gate else None
    return rule.variant if rule and rule.run is None else None


def _alone(trial: Trial) -> tuple[Trial]:
    return (trial,)
