"""How many prompt tokens a plan has to compute, before any prompt is built.

Reckoned from branches alone: it takes a server that finds every shared token again and gives none
up. It knows no blocks, and nothing of what chat templates, needles and questions add.
"""

from __future__ import annotations

from collections.abc import Iterable

from recallbench.domain.layout import Haystacks, Layout
from recallbench.domain.trial import Trial
from recallbench.schedule.branches import branch_of


def computed_tokens(trials: Iterable[Trial], layout: Layout, haystacks: Haystacks) -> int:
    """Prompt tokens to compute: each trunk once, as far as it is used, and all that is private."""
    trunks: dict[str, int] = {}
    private = 0
    for trial in trials:
        branch = branch_of(trial, layout, haystacks)
        trunks[branch.trunk] = max(trunks.get(branch.trunk, 0), branch.tokens)
        private += trial.length_tokens - branch.tokens
    return sum(trunks.values()) + private
