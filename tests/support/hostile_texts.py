"""Texts that tokenizers read in unexpected ways: rhythms, runs, odd spaces, several scripts.

Combining marks come one to a letter: in a run of dozens Unicode's normal forms move a mark from one
end to the other, so that no part of it can be tokenized by itself.
"""

from __future__ import annotations

import random

from hypothesis import strategies as st

UNITS = (
    "a", "ab", "aab", "the ", "The", " sea", "and", "July", " ", "  ", "    ", "\n", "\n\n", "\t",
    "\r\n", "\u00a0", "\u3000", ".", ". ", "...", "?!", ",", "-", "'s", "'", '"', "(", ")", "1",
    "12", "007", "\u00e9", "e\u0301", "o\u0323", "\U0001f389", "\U0001f468\u200d\U0001f469",
    "\u6cb3", "\u3002", "\u0e41\u0e21\u0e48", "\u1112\u1161\u11ab", "<", "|", "\u2581", "\ufb01",
    "\u2026",
)  # fmt: skip
_RHYTHM_CHARS = 1200
_MIXED_UNITS = 500


@st.composite
def hostile_texts(draw: st.DrawFn, *, units: int | None = None) -> str:
    """A short text of so many units; else a long one, in part rhythmical and in part mixed."""
    if units is not None:
        return "".join(draw(st.lists(st.sampled_from(UNITS), max_size=units)))
    rhythm = "".join(draw(st.lists(st.sampled_from(UNITS), min_size=1, max_size=8)))
    vocabulary = draw(st.lists(st.sampled_from(UNITS), min_size=1, max_size=8))
    choices = random.Random(draw(st.integers(0, 1 << 32)))
    mixed = "".join(choices.choices(vocabulary, k=_MIXED_UNITS))
    run = rhythm * (_RHYTHM_CHARS // len(rhythm))
    return draw(st.sampled_from((run + mixed, mixed + run, run + mixed + run)))
