"""A plan on the terminal: cells, haystacks, tokens, KV cache, time, and the start commands.

Guarantees that what sharing haystacks saves never stands without what it costs in proof. The tokens
to compute and the time are those of a server that keeps every shared prefix; it does not know
whether the server does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table
from rich.text import Text

from recallbench.domain import Trial
from recallbench.domain.layout import haystack_number
from recallbench.reports.measure_words import recall_name
from recallbench.reports.notation import written_depth, written_length
from recallbench.schedule.forecast import computed_tokens
from recallbench.suite import PlannedVariant, RunPlan

_GIB = 1 << 30


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanView:
    """A plan and what is shown beside it."""

    plan: RunPlan
    """The plan."""
    prefill_rate: float
    """Prompt tokens a second that the time is reckoned with."""
    commands: tuple[str, ...]
    """How each variant's engine is started; empty for an endpoint."""
    notes: tuple[str, ...]
    """What a user should know, in words."""


def print_plan(view: PlanView, console: Console) -> None:
    """Print the plan."""
    grid, plan = view.plan.grid, view.plan
    cells = len(grid.lengths) * len(grid.depths)
    name = f"suite {plan.suite.form.suite}, seed {plan.suite.form.seed}"
    console.print(Text(name, style="bold"))
    lines = (
        f"lengths  {', '.join(map(written_length, grid.lengths))} tokens, template included",
        f"depths   {', '.join(map(written_depth, grid.depths))}",
        _trials(plan, cells),
        _layout(plan),
        f"haystacks  {_haystacks(plan)}",
        f"answer   at most {plan.suite.budget.total_tokens:,} tokens\n",
    )
    for line in lines:
        console.print(Text(line), soft_wrap=True)
    console.print(_variants(view))
    for line in _remarks(view):
        console.print(Text(line), soft_wrap=True)


def _trials(plan: RunPlan, cells: int) -> str:
    if plan.grid.only is not None:
        return f"trials   {len(plan.trials):,}, chosen by name"
    gate = plan.suite.gate
    if gate is None or not gate.until_decided:
        return f"trials   {plan.grid.trials} a cell, {cells} cells: {len(plan.trials):,}"
    return (
        f"trials   {plan.grid.trials} a cell, {cells} cells, and more until the verdict is "
        f"settled: at most {len(plan.trials):,}"
    )


def _layout(plan: RunPlan) -> str:
    layout = plan.suite.form.prompt.layout
    if layout == "single":
        return "layout   single: one needle a prompt"
    return (
        f"layout   ladder: {recall_name(layout)}, one haystack a repeat holds a needle for every "
        "cell"
    )


def _haystacks(plan: RunPlan) -> str:
    prompt = plan.suite.form.prompt
    numbers = {haystack_number(prompt.haystacks, trial.repeat) for trial in plan.trials}
    if prompt.haystacks == "trial":
        return "one a trial: each trial counts for itself, and nothing is computed once for many"
    of = "a repeat" if prompt.haystacks == "repeat" else "a haystack"
    each = "one a repeat" if prompt.haystacks == "repeat" else "for all repeats in turn"
    instead = (
        "layout: single with prompt.haystacks: trial"
        if prompt.layout == "ladder"
        else "prompt.haystacks: trial"
    )
    most = "at most " if plan.suite.gate and plan.suite.gate.until_decided else ""
    return (
        f"{most}{len(numbers):,}, {each}: the trials of {of} count as one where they agree; "
        f"{instead} gives each its own"
    )


def _computed(plan: RunPlan, trials: Sequence[Trial]) -> int:
    """Prompt tokens that the server has to compute."""
    form = plan.suite.form
    if form.engine.cache == "cold":
        return sum(trial.length_tokens for trial in trials)
    return computed_tokens(trials, form.prompt.layout, form.prompt.haystacks)


def _variants(view: PlanView) -> Table:
    table = Table("variant", "RoPE", box=None, pad_edge=False)
    for title in ("context", "trials", "prompt tokens", "to compute", "KV cache", "time"):
        table.add_column(title, justify="right")
    for planned in view.plan.variants:
        trials = view.plan.trials_for(planned)
        tokens = sum(trial.length_tokens for trial in trials)
        computed = _computed(view.plan, trials)
        table.add_row(
            Text(planned.variant.name),
            Text(planned.variant.rope.label if planned.override else "as deployed"),
            f"{planned.max_model_len:,}" if planned.max_model_len else "unknown",
            f"{len(trials):,}",
            f"{tokens:,}",
            f"{computed:,}",
            _kv_need(planned),
            _duration(computed / view.prefill_rate),
        )
    return table


def _kv_need(planned: PlannedVariant) -> str:
    """What one request of the longest length holds in the KV cache."""
    if planned.kv_bytes_per_token is None:
        return "unknown"
    return f"{planned.kv_bytes_per_token * max(planned.lengths) / _GIB:.2f} GiB"


def _remarks(view: PlanView) -> Iterator[str]:
    form = view.plan.suite.form
    is_shared = form.prompt.haystacks != "trial" and form.engine.cache == "shared"
    once = ", what they share counted once" if is_shared else ""
    yield (
        f"\nKV cache: what one prompt of the longest length takes; {form.concurrency} requests in "
        f"flight take up to {form.concurrency} times that{once}, and wait in turn where it does "
        "not fit."
    )
    yield f"to compute: {_cache(is_shared=is_shared, is_cold=form.engine.cache == 'cold')}."
    yield (
        f"time: tokens to compute at {view.prefill_rate:,.0f} tokens/s (--prefill-rate), without "
        "starting engines and writing answers."
    )
    for planned in view.plan.variants:
        name = planned.variant.name
        yield from (f"{name}: {reason}" for reason in planned.reasons)
    yield from view.notes
    for command in view.commands:
        yield f"\n{command}"


def _cache(*, is_shared: bool, is_cold: bool) -> str:
    if is_cold:
        return "all of every prompt, as engine.cache is cold"
    if is_shared:
        return "what the server's prefix cache cannot give, where it keeps all that prompts share"
    return "all of every prompt, as no two share a haystack"


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
