"""A variant's recall in a few numbers: how far it reaches, its mean over length, its depths.

Guarantees that each says on how many trials it stands and is None without them. Knows no rule that
a number could break.
"""

from __future__ import annotations

from dataclasses import dataclass

from recallbench.stats.curve import RecallArea, recall_area
from recallbench.stats.depth_bias import DepthBias, depth_bias
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


def recall_profile(summary: VariantSummary) -> RecallProfile:
    """The numbers of one variant, over the lengths that are planned for it."""
    asked = [line for line in summary.lengths if line.is_planned]
    lengths = [(line.length_tokens, line.recall) for line in asked if line.length_tokens]
    cells = [(cell.depth, cell.recall) for cell in summary.cells if cell.depth is not None]
    return RecallProfile(
        variant=summary.variant,
        effective=effective_length(lengths, RECALL),
        relative=relative_effective_length(lengths, SHARE),
        area=recall_area(lengths),
        depth_bias=depth_bias(cells),
    )
