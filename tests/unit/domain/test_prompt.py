"""A prompt's text and checksum are those of its parts."""

from __future__ import annotations

import hashlib
import struct
from array import array

from recallbench.domain import Prompt, TextSlice, whole_tokens


def test_text_and_checksum_follow_from_the_parts() -> None:
    corpus = "One. Two. Three."
    prompt = Prompt(
        tokens=(whole_tokens(array("I", [1, 2, 70000])),),
        head="<user>",
        message=(
            TextSlice(source=corpus, start=0, end=4),
            TextSlice(source=" Key.", start=0, end=5),
            TextSlice(source=corpus, start=4, end=9),
        ),
        tail="<assistant>",
        needle_span=(1, 2),
        achieved_depth=0.5,
        key="k",
    )

    assert prompt.message_text == "One. Key. Two."
    assert prompt.text == "<user>One. Key. Two.<assistant>"
    assert prompt.sha256 == hashlib.sha256(struct.pack("<3I", 1, 2, 70000)).hexdigest()
    assert [len(part) for part in prompt.message] == [4, 5, 5]
