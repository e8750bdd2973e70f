"""What a trial's prompt shares with others, reckoned before any prompt is built.

A run's prompts are a tree of first tokens: trunks are the shared haystacks, and every trial leaves
its trunk somewhere. The place is reckoned from the grid's numbers alone: it knows no tokens of chat
templates, needles and questions, and takes the needle to lie at its asked depth.
"""

from __future__ import annotations

from dataclasses import dataclass

from recallbench.domain.layout import Haystacks, Layout, haystack_name
from recallbench.domain.trial import Trial


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """How far a trial goes along with others."""

    trunk: str
    """What it shares; trials with the same trunk begin alike."""
    tokens: int
    """First tokens of its prompt that are the trunk's; two trials share the lesser of theirs."""


def branch_of(trial: Trial, layout: Layout, haystacks: Haystacks) -> Branch:
    """Where ``trial`` leaves its trunk: at its needle, or in a ladder at the end of its prompt."""
    length = trial.length_tokens
    return Branch(
        trunk=haystack_name(haystacks, trial),
        tokens=length if layout == "ladder" else round(trial.depth * length),
    )
