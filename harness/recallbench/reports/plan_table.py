"""A plan on the terminal: cells, tokens, KV cache, time, and each variant's start command."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table
from rich.text import Text

from recallbench.reports.notation import written_depth, written_length
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


def _variants(view: PlanView) -> Table:
    table = Table("variant", "RoPE", box=None, pad_edge=False)
    for title in ("context", "trials", "prompt tokens", "KV cache", "time"):
        table.add_column(title, justify="right")
    for planned in view.plan.variants:
        trials = view.plan.trials_for(planned)
        tokens = sum(trial.length_tokens for trial in trials)
        table.add_row(
            Text(planned.variant.name),
            Text(planned.variant.rope.label if planned.override else "as deployed"),
            f"{planned.max_model_len:,}" if planned.max_model_len else "unknown",
            f"{len(trials):,}",
            f"{tokens:,}",
            _kv_need(planned),
            _duration(tokens / view.prefill_rate),
        )
    return table


def _kv_need(planned: PlannedVariant) -> str:
    """What one request of the longest length holds in the KV cache."""
    if planned.kv_bytes_per_token is None:
        return "unknown"
    return f"{planned.kv_bytes_per_token * max(planned.lengths) / _GIB:.2f} GiB"


def _remarks(view: PlanView) -> Iterator[str]:
    concurrency = view.plan.suite.form.concurrency
    yield (
        f"\nKV cache: what one prompt of the longest length takes; {concurrency} requests in "
        f"flight take up to {concurrency} times that, and wait in turn where it does not fit."
    )
    yield (
        f"time: prompt tokens at {view.prefill_rate:,.0f} tokens/s (--prefill-rate), nothing "
        "cached, without starting engines and writing answers."
    )
    for planned in view.plan.variants:
        name = planned.variant.name
        yield from (f"{name}: {reason}" for reason in planned.reasons)
    yield from view.notes
    for command in view.commands:
        yield f"\n{command}"


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
