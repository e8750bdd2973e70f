"""Charts of what a trial of each length costs: its latency, and the prompt tokens computed for it.

Guarantees that every number is told with its trials, and that a chart without any data is None.
Knows no HTML.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from recallbench.domain import TrialRecord
from recallbench.reports.notation import counted, written_length
from recallbench.reports.page.line_chart import LineChart, Point, Series, line_chart
from recallbench.stats.length_cost import LengthCost, length_costs

_ACROSS = "length in tokens"
_WHOLE_FROM = 100


class CostCharts(NamedTuple):
    """Both charts; each None where no variant has data for it."""

    latency: LineChart | None
    """Seconds from sending a request to its whole answer."""
    computed: LineChart | None
    """Prompt tokens that the prefix cache did not have."""


def cost_charts(
    records: Sequence[TrialRecord], *, variants: Sequence[str], lengths: Sequence[int]
) -> CostCharts:
    """Draw a run's cost by length.

    Args:
        records: its journal, in order.
        variants: names of its variants, in the order of their lines.
        lengths: of its grid, in tokens.
    """
    costs = {name: length_costs(records, variant=name, lengths=lengths) for name in variants}

    def chart(
        title: str, axis: str, point: Callable[[LengthCost], Point | None]
    ) -> LineChart | None:
        series = [Series(name=name, points=tuple(map(point, held))) for name, held in costs.items()]
        if not any(each for line in series for each in line.points):
            return None
        labels = tuple(map(written_length, lengths))
        return line_chart(title, labels, series, axis=axis, across=_ACROSS, written=_number)

    return CostCharts(
        latency=chart(
            "Latency of a trial", "seconds: median, bars over the middle 80% of trials", _latency
        ),
        computed=chart(
            "Prompt tokens computed for a trial (prompt less prefix cache)",
            "tokens: mean",
            _computed,
        ),
    )


def _latency(cost: LengthCost) -> Point | None:
    spread = cost.latency_s
    if spread is None:
        return None
    over = counted(spread.n, "trial")
    middle = f"{_number(spread.median)} s"
    # Of a single trial there is no spread.
    between = (
        f" ({_number(spread.low)} to {_number(spread.high)})"
        if spread.low is not None and spread.high is not None
        else ""
    )
    return Point(
        value=spread.median,
        low=spread.low,
        high=spread.high,
        n=spread.n,
        told=f"{middle}{between}, {over}",
    )


def _computed(cost: LengthCost) -> Point | None:
    mean = cost.computed_tokens
    if mean is None:
        return None
    told = f"{counted(round(mean.value), 'token')}, {counted(mean.n, 'trial')}"
    return Point(value=mean.value, low=None, high=None, n=mean.n, told=told)


def _number(value: float) -> str:
    """Three digits, such as ``0.0314`` or ``3.14``; from 100 on a whole number."""
    return f"{value:,.0f}" if value >= _WHOLE_FROM else f"{value:.3g}"
