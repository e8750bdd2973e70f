"""A run's journal counted as its ``run.json`` says it was made: recall and prefix cache."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from recallbench.domain import Grid, TrialRecord
from recallbench.runner.verdicts import layout_of, shared_by, was_drawn
from recallbench.stats import VariantSummary, summarize
from recallbench.stats.cache_use import CacheUse, cache_use


def summarized(
    records: Sequence[TrialRecord], facts: Mapping[str, Any], entry: Mapping[str, Any]
) -> VariantSummary:
    """The counts of one variant.

    Args:
        records: the run's journal.
        facts: its ``run.json``.
        entry: the variant's entry there.

    Raises:
        RunFolderError: a record stands in a cell that the run's grid does not have.
    """
    only = facts["grid"].get("only")
    grid = Grid(
        lengths=tuple(facts["grid"]["lengths"]),
        depths=tuple(facts["grid"]["depths"]),
        trials=facts["grid"]["trials"],
        only=None if only is None else tuple((length, depth) for length, depth in only),
    )
    return summarize(
        records,
        variant=entry["name"],
        grid=grid,
        asked_lengths=entry["lengths"],
        is_settled=was_drawn(facts) and entry["state"] == "asked",
        shared_by=shared_by(facts),
        layout=layout_of(facts),
    )


def caches_of(records: Sequence[TrialRecord], facts: Mapping[str, Any]) -> dict[str, CacheUse]:
    """By variant with an answer, what the server's prefix cache gave."""
    is_cold = (facts["suite"].get("engine") or {}).get("cache") == "cold"
    uses = {
        entry["name"]: cache_use(
            records,
            variant=entry["name"],
            block_tokens=(entry["engine"] or {}).get("block_size"),
            is_cold=is_cold,
        )
        for entry in facts["variants"]
    }
    return {name: use for name, use in uses.items() if use}
