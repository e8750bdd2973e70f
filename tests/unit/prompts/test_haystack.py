"""Haystacks are endless streams that begin anew for whoever asks."""

from __future__ import annotations

from itertools import islice

import pytest

from recallbench.prompts.haystack import (
    NOISE,
    Haystack,
    noise_haystack,
    prose_haystack,
    text_haystack,
)


@pytest.mark.parametrize(
    "haystack",
    [noise_haystack(), prose_haystack(1), text_haystack("mine", "One.")],
    ids=lambda haystack: haystack.name,
)
def test_every_stream_begins_with_the_same_text(haystack: Haystack) -> None:
    assert list(islice(haystack.blocks(), 3)) == list(islice(haystack.blocks(), 3))


def test_noise_is_the_same_few_sentences_for_ever() -> None:
    text = "".join(islice(noise_haystack().blocks(), 3))

    assert text == NOISE * (len(text) // len(NOISE))
    assert noise_haystack().pass_chars is None


def test_prose_goes_on_with_other_paragraphs() -> None:
    first, second = islice(prose_haystack(1).blocks(), 2)
    paragraphs = (first + second).strip().split("\n\n")

    assert len(set(paragraphs)) == len(paragraphs) > 50


def test_a_text_is_repeated_behind_a_blank_line_and_its_length_told() -> None:
    haystack = text_haystack("mine", "\n One.\nTwo. \n\n\n")

    assert list(islice(haystack.blocks(), 2)) == ["One.\nTwo.\n\n"] * 2
    assert haystack.pass_chars == len("One.\nTwo.\n\n")


def test_a_text_repeats_beyond_its_first_pass_and_a_stream_never() -> None:
    haystack = text_haystack("short", "A text.")

    assert [haystack.repeats_within(characters) for characters in (0, 9, 10)] == [
        False, False, True
    ]  # fmt: skip
    assert not noise_haystack().repeats_within(10**9)
