"""A run's recall as plain values for JSON.

``variants`` has, for each: ``variant``; ``layout`` (single, or ladder for multi-key recall) and
``distractors`` (``fewest`` and ``most`` other needles in a prompt, or null); ``lengths`` and
``overall``, each with ``length_tokens`` (null overall), ``k``, ``n``, ``recall``, ``wilson_low``,
``wilson_high``, ``haystacks`` (that these two count; null where they count trials) and the trials
without a recall by kind; ``effective_length`` and ``relative_effective_length``, each with what was
``asked``, the ``proven`` and the ``seen`` length in tokens (null is none; nothing is proven where
trials were drawn until a verdict was settled); ``recall_area`` with ``value``, ``low``, ``high``
and ``n``, or null; ``depth_bias`` with ``spread``, ``slope``, ``p``, ``n`` and ``haystacks`` (it
was tested within; null where trials have their own), or null; ``prefix_cache``, null without an
answered trial: its ``finding``, ``n`` trials with their ``prompt_tokens``, of these the
``expected_tokens`` and the ``reported_tokens`` (null where not known), ``compared`` trials, and of
these the ``short`` ones, with ``short_tokens`` less than expected, and the ``warmer`` ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from recallbench.stats import CellSummary, VariantSummary
from recallbench.stats.cache_use import CacheUse
from recallbench.stats.curve import RecallArea
from recallbench.stats.depth_bias import DepthBias
from recallbench.stats.effective_length import EffectiveLength
from recallbench.stats.profile import RecallProfile

SCHEMA = 1


def run_value(
    run: str,
    summaries: Sequence[VariantSummary],
    profiles: Sequence[RecallProfile],
    *,
    drawn: bool,
    caches: Mapping[str, CacheUse] | None = None,
) -> dict[str, Any]:
    """All variants.

    Args:
        run: folder of the run.
        summaries: one for each variant.
        profiles: of the same variants.
        drawn: whether trials were drawn until the verdict was settled.
        caches: by variant, what the server's prefix cache gave.
    """
    by_variant = {profile.variant: profile for profile in profiles}
    return {
        "schema": SCHEMA,
        "run": run,
        "drawn": drawn,
        "variants": [
            {
                "variant": summary.variant,
                "layout": summary.layout,
                "distractors": _distractors(summary),
                "lengths": [_line(line) for line in summary.lengths],
                "overall": _line(summary.overall),
                **_profile(by_variant[summary.variant], drawn=drawn),
                "prefix_cache": _cache((caches or {}).get(summary.variant)),
            }
            for summary in summaries
        ],
    }


def _distractors(summary: VariantSummary) -> dict[str, int] | None:
    if summary.distractors is None:
        return None
    fewest, most = summary.distractors
    return {"fewest": fewest, "most": most}


def _line(line: CellSummary) -> dict[str, Any]:
    recall, interval = line.recall, line.interval()
    return {
        "length_tokens": line.length_tokens,
        "k": recall.k,
        "n": recall.n,
        "recall": recall.value,
        "wilson_low": interval.low if interval else None,
        "wilson_high": interval.high if interval else None,
        "haystacks": line.haystacks,
        "truncated": line.truncated,
        "overflow": line.overflow,
        "errored": line.errored,
        "owed": line.owed,
    }


def _profile(profile: RecallProfile, *, drawn: bool) -> dict[str, Any]:
    return {
        "effective_length": _reach(profile.effective, drawn=drawn),
        "relative_effective_length": _reach(profile.relative, drawn=drawn),
        "recall_area": _area(profile.area),
        "depth_bias": _bias(profile.depth_bias),
    }


def _reach(reach: EffectiveLength, *, drawn: bool) -> dict[str, Any]:
    return {
        "asked": reach.asked,
        "confidence": reach.confidence,
        "proven": None if drawn else reach.tokens,
        "seen": reach.observed_tokens,
    }


def _area(area: RecallArea | None) -> dict[str, Any] | None:
    if area is None:
        return None
    low, high = area.interval
    return {"value": area.value, "low": low, "high": high, "n": area.n}


def _bias(bias: DepthBias | None) -> dict[str, Any] | None:
    if bias is None:
        return None
    p = bias.heterogeneity_p
    told = {"spread": bias.spread, "slope": bias.slope, "p": p, "n": bias.n}
    return {**told, "haystacks": bias.haystacks}


def _cache(use: CacheUse | None) -> dict[str, Any] | None:
    return None if use is None else {**asdict(use), "finding": use.finding.value}
