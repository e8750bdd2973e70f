"""A run as one HTML page.

Guarantees that it needs no network and no other file. Knows no file: what it shows is handed over.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from recallbench.diagnosis import Diagnosis
from recallbench.reports.page.cards import VariantCard
from recallbench.reports.page.colours import data_colours
from recallbench.reports.page.headline import Headline
from recallbench.reports.page.heat_table import HeatTable
from recallbench.reports.page.latency_by_length import CostCharts
from recallbench.reports.page.rendering import rendered
from recallbench.reports.page.time_bars import TimeBars

_STYLES = ("heatmap.css", "trials.css", "chart.css")
_SCRIPTS = (
    "data.js",
    "state.js",
    "text.js",
    "heatmap.js",
    "differences.js",
    "outside.js",
    "trial.js",
    "trial_details.js",
    "trials.js",
    "page.js",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPage:
    """What stands on the page, from top to bottom."""

    title: str
    """Of the run."""
    headline: Headline
    """The verdict."""
    remarks: tuple[str, ...]
    """What holds for all numbers, without full stops."""
    cards: tuple[VariantCard, ...]
    """One for each variant."""
    tables: tuple[HeatTable, ...]
    """One for each variant."""
    diagnoses: Mapping[str, Sequence[Diagnosis]]
    """By variant, what its recall points to."""
    preflight: Mapping[str, Sequence[Mapping[str, Any]] | None]
    """By variant, what the check found before the start; None is not kept."""
    costs: CostCharts
    """Latency and cost by length."""
    times: TimeBars | None
    """Where the time went; None is not known."""
    facts: tuple[tuple[str, str], ...]
    """How it was measured: a label and a text each."""
    notes: tuple[str, ...]
    """What the run said before its first request."""
    data: Markup
    """The trials, as JSON that is safe in a page."""
    interval_head: str
    """What the column of intervals is called."""

    @property
    def has_diagnoses(self) -> bool:
        """Whether there is any."""
        return any(self.diagnoses.values())


def run_html(page: RunPage, *, is_live: bool = False) -> str:
    """The page.

    Args:
        page: what stands on it.
        is_live: whether it asks the server it comes from for news.
    """
    return rendered(
        "run.html.j2",
        {"page": page},
        styles=_STYLES,
        scripts=_SCRIPTS,
        extra_style=data_colours(),
        is_live=is_live,
    )
