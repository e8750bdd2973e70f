"""Two variants side by side as plain values for JSON.

Guarantees the keys below, null where there are no data and never NaN, and names as they are.

``schema``: number, raised when a key changes its meaning. ``a``, ``b``: names; ``a`` is the
baseline. ``margin``, ``confidence``: as fractions. ``verdict``: equivalent, non-inferior, inferior
or inconclusive. ``headline``: the same in a sentence. ``is_same``: a variant held against itself.
``layout``: single, or ladder for multi-key recall. ``haystacks``: that p-values and intervals
count; null where they count pairs. ``unpaired``: trials asked of ``a`` alone and of ``b`` alone.
``overall``, ``lengths``, ``cells``: parts. ``lost``, ``gained``: names of trials. ``arms``: of
``a`` and ``b``, ``title``, ``facts`` (by name, ``value`` and ``n``, the requests it is over) and
``notes``.

A part has ``length_tokens`` and ``depth`` (null over all), ``a`` and ``b`` (``k``, ``n``,
``recall``), ``lost``, ``gained``, ``unanswered`` (pairs), ``difference`` (recall of b minus that of
a), ``interval`` (two-sided 95%: ``low``, ``high``), ``mcnemar_p``, ``mcnemar_adjusted`` (Holm, over
the lengths or the cells), ``p_inferior`` (of "worse by the margin or more"), ``p_not_inferior`` (of
"worse by the margin at most"), ``p_superior`` (of "better by the margin or more"), none of these
three corrected, and ``verdict``, which is.
"""

from __future__ import annotations

from typing import Any

from recallbench.gate.compared import Compared
from recallbench.gate.comparison import Comparison
from recallbench.reports.arms import Arm
from recallbench.reports.comparison_headline import headline
from recallbench.stats import Proportion

SCHEMA = 1
"""Raised when a key changes its meaning."""


def comparison_value(comparison: Comparison, arms: tuple[Arm, Arm]) -> dict[str, Any]:
    """The whole comparison, made of dictionaries, lists, strings, numbers, bools and None."""
    a, b = comparison.names
    return {
        "schema": SCHEMA,
        "a": a,
        "b": b,
        "margin": comparison.margin,
        "confidence": comparison.confidence,
        "verdict": comparison.likeness.value,
        "headline": headline(comparison),
        "is_same": comparison.is_same,
        "layout": comparison.layout,
        "haystacks": comparison.haystacks,
        "unpaired": {"a": comparison.unpaired[0], "b": comparison.unpaired[1]},
        "overall": _part(comparison.overall),
        "lengths": [_part(part) for part in comparison.lengths],
        "cells": [_part(part) for part in comparison.cells],
        "lost": list(comparison.lost),
        "gained": list(comparison.gained),
        "arms": {"a": _arm(arms[0]), "b": _arm(arms[1])},
    }


def _part(part: Compared) -> dict[str, Any]:
    interval = part.interval
    return {
        "length_tokens": part.length_tokens,
        "depth": part.depth,
        "a": _recall(part.a),
        "b": _recall(part.b),
        "lost": part.pairs.lost,
        "gained": part.pairs.gained,
        "unanswered": part.unanswered,
        "difference": part.pairs.difference,
        "interval": None if interval is None else {"low": interval.low, "high": interval.high},
        "mcnemar_p": part.mcnemar_p,
        "mcnemar_adjusted": part.mcnemar_adjusted,
        "p_inferior": part.p_inferior,
        "p_not_inferior": part.p_not_inferior,
        "p_superior": part.p_superior,
        "verdict": part.likeness.value,
    }


def _recall(recall: Proportion) -> dict[str, Any]:
    return {"k": recall.k, "n": recall.n, "recall": recall.value}


def _arm(arm: Arm) -> dict[str, Any]:
    return {
        "title": arm.title,
        "facts": {fact.key: {"value": fact.value, "n": fact.n} for fact in arm.facts},
        "notes": list(arm.notes),
    }
