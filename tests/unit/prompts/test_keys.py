"""A key stands nowhere but in its needle."""

from __future__ import annotations

import re

import pytest

from recallbench.domain.draws import Draws
from recallbench.errors import PromptError
from recallbench.prompts.corpus import Corpus, tokenize_haystack
from recallbench.prompts.haystack import text_haystack
from recallbench.prompts.keys import KeyMaker
from recallbench.prompts.needle import KeyFormat
from support.word_tokenizer import WordTokenizer

WORDS = 400


def corpus_of(text: str) -> Corpus:
    return tokenize_haystack(text_haystack("numbers", text), WordTokenizer(), WORDS)


def keys(maker: KeyMaker, count: int, tokens: int = WORDS) -> list[str]:
    draws = Draws(3, "a trial", "keys")
    drawn: list[str] = []
    for _ in range(count):
        drawn.append(maker.draw(draws, tokens, drawn))
    return drawn


def test_keys_that_stand_in_the_text_are_passed_over() -> None:
    text = " ".join(str(number) for number in range(100, 1000) if number % 3)
    maker = KeyMaker(corpus_of(text), KeyFormat(length=3))

    drawn = keys(maker, 30, tokens=10_000)

    assert not [key for key in drawn if key in text]


def test_only_the_text_that_a_prompt_may_reach_counts() -> None:
    corpus = corpus_of("word " * 50 + " ".join(str(number) for number in range(100, 1000)))
    maker = KeyMaker(corpus, KeyFormat(length=3))

    assert keys(maker, 5, tokens=40)
    with pytest.raises(PromptError, match="all stand in the haystack numbers"):
        keys(maker, 1, tokens=10_000)


@pytest.mark.parametrize("text", ["no digit in it ", "1 2 3 4 5 6 7 8 9 0 "])
def test_a_key_is_none_that_is_taken_nor_part_of_one(text: str) -> None:
    """Were it a part of another's, the other answer would hold it too."""
    maker = KeyMaker(corpus_of(text * 30), KeyFormat(length=2, alphabet="0123456789"))
    long = "1234567890"

    drawn = [maker.draw(Draws(seed, "a trial", "key"), WORDS, [long, "55"]) for seed in range(200)]

    assert not [key for key in drawn if key in long or key == "55"]
    assert len(set(keys(maker, 40))) == 40


def test_a_key_that_holds_a_taken_one_is_passed_over() -> None:
    maker = KeyMaker(corpus_of("no digit in it " * 30), KeyFormat(length=4))

    drawn = [maker.draw(Draws(seed, "a trial", "key"), WORDS, ["1", "2"]) for seed in range(60)]

    assert not [key for key in drawn if re.search("[12]", key)]


def test_keys_that_run_out_are_an_error_that_says_what_to_give() -> None:
    maker = KeyMaker(corpus_of("no digit in it " * 30), KeyFormat(length=1, alphabet="xy"))

    assert sorted(keys(maker, 2)) == ["x", "y"]
    with pytest.raises(PromptError, match=r"give prompt\.key a greater length or another kind"):
        keys(maker, 3)


def test_the_same_draws_give_the_same_keys() -> None:
    corpus = corpus_of("12 of 345 " * 50)

    assert keys(KeyMaker(corpus, KeyFormat()), 9) == keys(KeyMaker(corpus, KeyFormat()), 9)
