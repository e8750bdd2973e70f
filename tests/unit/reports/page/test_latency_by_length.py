"""What a length costs is drawn for every variant, told with its trials, or not drawn at all."""

from __future__ import annotations

from dataclasses import replace

import pytest

from recallbench.domain import TrialRecord
from recallbench.reports.page.latency_by_length import CostCharts, cost_charts
from recallbench.reports.page.line_chart import NO_DATA
from support.records import record

LENGTHS = (1000, 131_072)


def trials(
    variant: str, length: int, latencies: list[float], cached: int | None = None
) -> list[TrialRecord]:
    return [
        replace(
            record(length=length, repeat=repeat, variant=variant),
            latency_s=latency,
            prompt_tokens=length,
            cached_tokens=cached,
        )
        for repeat, latency in enumerate(latencies)
    ]


def charts(records: list[TrialRecord]) -> CostCharts:
    return cost_charts(records, variants=["native", "fp8"], lengths=LENGTHS)


def test_latency_is_told_with_its_spread_and_its_trials() -> None:
    latency = charts(trials("native", 1000, [float(number) for number in range(1, 12)])).latency

    assert latency is not None
    assert latency.rows == (
        ("1,000", ("6 s (2 to 10), 11 trials", NO_DATA)),
        ("131,072", (NO_DATA, NO_DATA)),
    )
    assert [line.name for line in latency.lines] == ["native", "fp8"]
    assert latency.title == "Latency of a trial"
    assert latency.axis.startswith("seconds")


def test_one_trial_is_told_without_a_spread_and_drawn_without_a_bar() -> None:
    latency = charts(trials("fp8", 131_072, [1234.5])).latency

    assert latency is not None
    assert latency.rows[1][1] == (NO_DATA, "1,234 s, 1 trial")
    assert latency.lines[1].marks[0].bar is None


@pytest.mark.parametrize(
    ("seconds", "written"), [(0.03141, "0.0314 s"), (3.14159, "3.14 s"), (314.159, "314 s")]
)
def test_three_digits_are_enough(seconds: float, written: str) -> None:
    latency = charts(trials("native", 1000, [seconds])).latency

    assert latency is not None
    assert latency.rows[0][1][0] == f"{written}, 1 trial"


def test_computed_tokens_are_told_with_their_trials() -> None:
    computed = charts(
        [*trials("native", 131_072, [1.0, 1.0], cached=31_072), *trials("fp8", 1000, [1.0])]
    ).computed

    assert computed is not None
    assert computed.rows[1][1] == ("100,000 tokens, 2 trials", NO_DATA)
    assert computed.title == "Prompt tokens computed for a trial (prompt less prefix cache)"


def test_what_no_server_tells_is_not_drawn() -> None:
    both = charts(trials("native", 1000, [1.0]))

    assert both.latency is not None
    assert both.computed is None


def test_a_run_without_answers_has_no_charts() -> None:
    assert charts([]) == CostCharts(latency=None, computed=None)
