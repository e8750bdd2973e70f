"""How far a variant's RoPE is known, in one sentence, the same in every report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from recallbench.rope import ProofStatus

_WORDS = {
    ProofStatus.PROVED: "proved",
    ProofStatus.MISMATCH: "MISMATCH",
    ProofStatus.UNVERIFIED: "unverified",
}


def rope_status(entry: Mapping[str, Any]) -> ProofStatus:
    """How far the RoPE of a variant in ``run.json`` is known."""
    return ProofStatus(entry["rope_effective"]["status"])


def rope_word(entry: Mapping[str, Any]) -> str:
    """The same in a word, for a title."""
    return _WORDS[rope_status(entry)]


def rope_sentence(entry: Mapping[str, Any]) -> str:
    """The same with what it rests on, or why it is not proved."""
    effective = entry["rope_effective"]
    reasons = "; ".join(effective["reasons"])
    return f"RoPE {entry['rope_label']}, {rope_word(entry)}: {reasons}"
