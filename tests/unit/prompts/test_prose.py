"""The haystacks written here vary, hold no digits, and are the same for the same seed."""

from __future__ import annotations

from itertools import islice

from recallbench.domain.draws import Draws
from recallbench.prompts.haystack import prose_haystack
from recallbench.prompts.prose import sentence


def test_sentences_seldom_repeat() -> None:
    draws = Draws(1, "prose", "test")
    drawn = [sentence(draws) for _ in range(5000)]

    assert len(set(drawn)) > 3900
    assert all(text[0].isupper() and text.endswith(".") for text in drawn)


def test_prose_holds_no_digit_and_no_word_of_a_pass_key() -> None:
    text = "".join(islice(prose_haystack(3).blocks(), 20)).lower()

    assert not any(character.isdigit() for character in text)
    assert "pass key" not in text
    assert "passkey" not in text


def test_a_seed_has_its_own_text_and_keeps_it() -> None:
    first, again, other = (next(prose_haystack(seed).blocks()) for seed in (1, 1, 2))

    assert first == again
    assert first != other
