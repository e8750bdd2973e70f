"""A RoPE that is not proved never reads like one that is."""

from __future__ import annotations

from typing import Any

import pytest

from recallbench.reports.rope_text import rope_sentence, rope_status, rope_word
from recallbench.rope import ProofStatus

WORDS = [
    (ProofStatus.PROVED, "proved"),
    (ProofStatus.MISMATCH, "MISMATCH"),
    (ProofStatus.UNVERIFIED, "unverified"),
]


def entry(status: str, *reasons: str) -> dict[str, Any]:
    return {
        "rope_label": "yarn x4",
        "rope_effective": {"status": status, "reasons": list(reasons)},
    }


def test_every_status_has_words() -> None:
    assert [status for status, _ in WORDS] == list(ProofStatus)


@pytest.mark.parametrize(("status", "words"), WORDS)
def test_a_status_in_words(status: ProofStatus, words: str) -> None:
    held = entry(str(status))

    assert rope_status(held) is status
    assert rope_word(held) == words


def test_a_sentence_gives_the_rope_its_status_and_every_reason() -> None:
    held = entry("mismatch", "the base is 10,000", "the table has 8,192 positions")

    assert rope_sentence(held) == (
        "RoPE yarn x4, MISMATCH: the base is 10,000; the table has 8,192 positions"
    )


def test_a_status_of_another_release_is_not_taken_for_any_of_these() -> None:
    with pytest.raises(ValueError, match="assumed"):
        rope_status(entry("assumed"))
