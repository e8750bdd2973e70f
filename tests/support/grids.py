"""Grids of trials, and prompts that share as their trials' branches say, made of plain numbers."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from zlib import crc32

from hypothesis import strategies as st

from recallbench.domain import Prompt, SharedPrefix, Trial, whole_tokens
from recallbench.domain.layout import Haystacks, Layout
from recallbench.schedule.branches import branch_of

QUESTION_TOKENS = 4
"""Last tokens of a made prompt that no other has, at least."""
LAYOUTS: st.SearchStrategy[Layout] = st.sampled_from(["single", "ladder"])
SHARED: st.SearchStrategy[Haystacks] = st.sampled_from(["repeat", 1, 2])
HAYSTACKS: st.SearchStrategy[Haystacks] = st.sampled_from(["trial", "repeat", 1, 2])


def trial(length: int, depth: float = 0.5, repeat: int = 0) -> Trial:
    """A trial named after its coordinates."""
    name = f"{length}/{depth}/{repeat}"
    return Trial(trial_id=name, length_tokens=length, depth=depth, repeat=repeat)


def grid(lengths: Sequence[int], depths: Sequence[float], repeats: int) -> list[Trial]:
    """All trials, repeat by repeat."""
    return [
        trial(length, depth, repeat)
        for repeat in range(repeats)
        for length in lengths
        for depth in depths
    ]


@st.composite
def trials(draw: st.DrawFn) -> list[Trial]:
    """Some trials of a small grid, in any order."""
    whole = grid((16, 40, 100), (0.0, 0.3, 0.5, 1.0), 3)
    return draw(st.lists(st.sampled_from(whole), max_size=20, unique=True))


def made_prompt(asked: Trial, layout: Layout, haystacks: Haystacks) -> Prompt:
    """A prompt of the trial's length that goes along with its trunk just as far as it says."""
    branch = branch_of(asked, layout, haystacks)
    shared = max(min(branch.tokens, asked.length_tokens - QUESTION_TOKENS), 0)
    trunk, own = crc32(branch.trunk.encode()), crc32(asked.identity.encode())
    ids = array("I", ((trunk + at) % (1 << 32) for at in range(shared)))
    ids.extend([own] * (asked.length_tokens - shared))
    return Prompt(
        tokens=(whole_tokens(ids),),
        head="",
        message=(),
        tail="",
        needle_span=(0, 1),
        achieved_depth=asked.depth,
        key="1",
        shared=(SharedPrefix(name=branch.trunk, tokens=shared),),
    )
