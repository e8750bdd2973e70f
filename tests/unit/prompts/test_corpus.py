"""A haystack's tokens are those of its whole text, however it was cut for tokenizing."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from itertools import repeat

import pytest
from hypothesis import given, settings

from recallbench.domain import Encoding
from recallbench.errors import CorpusError
from recallbench.prompts.corpus import Corpus, first_text, tokenize_haystack
from recallbench.prompts.haystack import Haystack, noise_haystack, prose_haystack, text_haystack
from support.hostile_texts import hostile_texts
from support.kits import PAIRS, TOKENIZERS, haystack_of, kit, tokenizer_of
from support.tokenizer_zoo import ZOO, tokenizer
from support.word_tokenizer import WordTokenizer

BLOCK_CHARS = 1 << 16


def words(text: str, tokens: int = 10) -> Corpus:
    return tokenize_haystack(text_haystack("words", text), WordTokenizer(), tokens)


@pytest.mark.parametrize(("tokenizer_name", "haystack_name"), PAIRS)
def test_tokens_taken_block_by_block_are_those_of_the_whole_text(
    tokenizer_name: str, haystack_name: str
) -> None:
    corpus = kit(tokenizer_name, haystack_name).corpus
    whole = tokenizer_of(tokenizer_name).encode(corpus.text)

    assert len(corpus.encoding.ids) == len(whole.ids)
    assert corpus.encoding == whole


@pytest.mark.parametrize("tokenizer_name", TOKENIZERS)
def test_a_text_of_many_blocks_is_tokenized_as_a_whole(tokenizer_name: str) -> None:
    of = tokenizer_of(tokenizer_name)
    tokens = 150_000 if tokenizer_name.startswith("characters") else 50_000
    corpus = tokenize_haystack(prose_haystack(1), of, tokens)

    assert len(corpus.text) > 2 * BLOCK_CHARS
    assert corpus.encoding == of.encode(corpus.text)


@pytest.mark.parametrize("tokenizer_name", ["gpt2-chat", "qwen2-thinking", "llama2-base"])
@settings(deadline=None, max_examples=3)
@given(text=hostile_texts())
def test_hostile_texts_over_the_edge_of_a_block_are_tokenized_as_a_whole(
    tokenizer_name: str, text: str
) -> None:
    of = tokenizer(tokenizer_name)
    filler = "Some plain words before it come first. " * (BLOCK_CHARS // 39)
    source = filler[: BLOCK_CHARS - len(text) // 2] + text + " The end."

    def blocks() -> Iterator[str]:
        yield source
        yield from repeat("And on. ")

    corpus = tokenize_haystack(Haystack(name="edge", blocks=blocks), of, len(of.encode(source).ids))

    assert corpus.encoding == of.encode(corpus.text)


def test_a_text_of_many_blocks_is_tokenized_hardly_more_than_once() -> None:
    class Counting(WordTokenizer):
        characters = 0

        def encode(self, text: str, *, at_start: bool = False) -> Encoding:
            self.characters += len(text)
            return super().encode(text, at_start=at_start)

    of = Counting()
    corpus = tokenize_haystack(prose_haystack(1), of, 100_000)

    assert of.characters < 1.1 * len(corpus.text)


def test_a_text_that_is_long_enough_stands_once() -> None:
    text = "Enough words for all prompts of this run. " * 100

    corpus = words(text, tokens=700)

    assert corpus.text == text.strip() + "\n\n"
    assert not corpus.repeated


def test_a_text_that_is_too_short_is_repeated_and_says_so() -> None:
    corpus = words("A short text.", tokens=700)

    assert corpus.text.startswith("A short text.\n\nA short text.\n\nA short")
    assert len(corpus.encoding.ids) >= 700
    assert corpus.repeated


@pytest.mark.parametrize("haystack", [noise_haystack(), prose_haystack(0)], ids=lambda h: h.name)
def test_an_endless_haystack_never_counts_as_repeated(haystack: Haystack) -> None:
    corpus = tokenize_haystack(haystack, WordTokenizer(), 50_000)

    assert len(corpus.encoding.ids) >= 50_000
    assert not corpus.repeated


def test_a_text_without_tokens_is_an_error() -> None:
    class Deaf(WordTokenizer):
        def encode(self, text: str, *, at_start: bool = False) -> Encoding:
            return super().encode("" * len(text), at_start=at_start)

    with pytest.raises(CorpusError, match="haystack void: its text gives no tokens"):
        tokenize_haystack(text_haystack("void", "\u200b"), Deaf(), 100)


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("One. Two! Three? Four\u2026 Five", ["One.", "Two!", "Three?", "Four\u2026", "Five"]),
        ('He said: "No." She left.', ['He said: "No."', "She left."]),
        ("(Really?) \u201cYes!\u201d", ["(Really?)", "\u201cYes!\u201d"]),
        ("\u00abNon.\u00bb Si", ["\u00abNon.\u00bb", "Si"]),
        ("It cost 3.50 at a.b.c today. End", ["It cost 3.50 at a.b.c today.", "End"]),
        ("A heading\nA line\n\nA third", ["A heading", "A line", "A third"]),
        ("\u6cb3\u3002\u5c71\uff01\u6d77", ["\u6cb3\u3002", "\u5c71\uff01", "\u6d77"]),
        ("\u300c\u4eba\u3002\u300d\u6d77", ["\u300c\u4eba\u3002\u300d", "\u6d77"]),
        ("Wait... what?! No", ["Wait...", "what?!", "No"]),
        ("no end at all", ["no end at all"]),
    ],
)  # fmt: skip
def test_sentences_end_and_begin_where_a_reader_sees_it(text: str, sentences: list[str]) -> None:
    corpus = words(text, tokens=1)
    ends = corpus.sentence_ends
    found = [
        corpus.text[start:end] for start, end in zip(corpus.sentence_starts, ends, strict=True)
    ]

    assert found == sentences


def test_the_nearest_sentence_end_is_strictly_inside() -> None:
    corpus = words("One. Two. Three. Four.", tokens=1)

    assert corpus.nearest_sentence_end(10, (0, 22)) == 9
    assert corpus.nearest_sentence_end(14, (0, 22)) == 16
    assert corpus.nearest_sentence_end(5, (4, 22)) == 9
    assert corpus.nearest_sentence_end(22, (0, 17)) == 16
    assert corpus.nearest_sentence_end(12, (9, 16)) is None


@pytest.mark.parametrize("tokenizer_name", ZOO)
def test_characters_and_positions_go_over_into_each_other(tokenizer_name: str) -> None:
    corpus = kit(tokenizer_name, "emoji").corpus
    for position in range(200):
        character = corpus.char_at(position)

        assert corpus.token_at(character) <= position
        assert corpus.char_at(corpus.token_at(character)) == character


def test_positions_outside_are_the_ends() -> None:
    corpus = words("One. Two.", tokens=1)

    assert corpus.char_at(-5) == 0
    assert corpus.char_at(10_000) == corpus.encoding.ends[-1]


def test_bytes_merged_across_characters_leave_no_place_unreachable() -> None:
    """Two characters of three bytes are three tokens of two bytes: none ends with the first."""
    jamo = "\u1112\u1161\u11ab" * 400
    of = tokenizer("gpt2-chat")
    corpus = tokenize_haystack(text_haystack("jamo", jamo), of, 10)
    half = len(corpus.encoding.ids) // 2

    assert corpus.char_at(half) > len(jamo) // 3


def test_the_checksum_is_of_the_text() -> None:
    corpus = words("One.", tokens=1)

    assert corpus.sha256 == hashlib.sha256(b"One.\n\n").hexdigest()


@pytest.mark.parametrize("haystack_name", ["noise", "prose", "numbers", "short"])
def test_the_text_can_be_had_again_without_its_tokens(haystack_name: str) -> None:
    haystack = haystack_of(haystack_name, tokenizer("gpt2-chat"))
    corpus = tokenize_haystack(haystack, WordTokenizer(), 15_000)

    assert first_text(haystack, len(corpus.text)) == corpus.text
    assert first_text(haystack, 5) == corpus.text[:5]
    assert first_text(haystack, 0) == ""
