"""A variant's recall in a few numbers: how far it reaches, its mean over length, its depths.

Guarantees that each says on how many trials it stands and is None without them, and that where
trials share haystacks these count as the units of each. Knows no rule that a number could break.
"""

from __future__ import annotations

from dataclasses import dataclass

from recallbench.domain.layout import Layout
from recallbench.stats.curve import RecallArea, recall_area
from recallbench.stats.depth_bias import DepthBias, depth_bias, depth_bias_within
from recallbench.stats.effective_length import (
    EffectiveLength,
    effective_length,
    relative_effective_length,
)
from recallbench.stats.summary import VariantSummary

RECALL = 0.95
"""The recall that an effective length takes."""
SHARE = 0.85
"""The share of the shortest length's recall that a relative one takes, as NoLiMa has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecallProfile:
    """One variant in a few numbers."""

    variant: str
    """Name of the variant."""
    effective: EffectiveLength
    """How far a recall of ``RECALL`` reaches."""
    relative: EffectiveLength
    """How far ``SHARE`` of the shortest length's recall reaches."""
    area: RecallArea | None
    """Mean recall over the logarithm of length."""
    depth_bias: DepthBias | None
    """How recall changes with depth."""
    layout: Layout = "single"
    """How needles lie in haystacks: what a ladder recalls is one key among many."""


def recall_profile(summary: VariantSummary) -> RecallProfile:
    """The numbers of one variant, over the lengths that are planned for it."""
    asked = [line for line in summary.lengths if line.is_planned]
    lengths = [
        (line.length_tokens, line.shared or line.recall) for line in asked if line.length_tokens
    ]
    return RecallProfile(
        variant=summary.variant,
        effective=effective_length(lengths, RECALL),
        relative=relative_effective_length(lengths, SHARE),
        area=recall_area(lengths, is_shared=summary.shared_by != "trial"),
        depth_bias=_depth_bias(summary),
        layout=summary.layout,
    )


def _depth_bias(summary: VariantSummary) -> DepthBias | None:
    cells = [(cell.depth, cell) for cell in summary.cells if cell.depth is not None]
    if summary.shared_by == "trial":
        return depth_bias([(depth, cell.recall) for depth, cell in cells])
    return depth_bias_within(
        [(held.haystack, depth, held.recall) for depth, cell in cells for held in cell.by_haystack]
    )
