"""The ids put together from known and fresh tokens are those of the whole text."""

from __future__ import annotations

import tracemalloc
from array import array

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recallbench.domain import Encoding, TextSlice, Tokenizer
from recallbench.domain.token_slice import joined_ids
from recallbench.prompts.assembly import EDGE_TOKENS, Assembler, whole_slice
from recallbench.prompts.builder import SPARE_TOKENS, PromptBuilder
from recallbench.prompts.chat_template import BARE_FRAME
from recallbench.prompts.corpus import Corpus, tokenize_haystack
from recallbench.prompts.haystack import text_haystack
from recallbench.prompts.needle import Recipe
from recallbench.suite.schema import INSTRUCTION, NEEDLE, QUESTION
from support.hostile_texts import hostile_texts
from support.kits import PAIRS, prompts, tokenizer_of, trial
from support.tokenizer_zoo import ZOO, tokenizer
from support.word_tokenizer import WordTokenizer

MILLION = 1_000_000
BYTES_AN_ID = 4

over_everything = pytest.mark.parametrize(("tokenizer_name", "haystack_name"), PAIRS)


@over_everything
def test_ids_are_a_full_encoding_of_the_text(tokenizer_name: str, haystack_name: str) -> None:
    encode = tokenizer_of(tokenizer_name).encode
    for asked, prompt in prompts(tokenizer_name, haystack_name):
        assert prompt.token_ids == encode(prompt.text, at_start=True).ids, asked


@over_everything
def test_ids_are_what_transformers_makes_of_the_text(
    tokenizer_name: str, haystack_name: str
) -> None:
    ours = tokenizer_of(tokenizer_name)
    for asked, prompt in prompts(tokenizer_name, haystack_name)[::4]:
        is_base = not ours.has_chat_template
        theirs = ours._loaded(prompt.text, add_special_tokens=is_base).input_ids
        if tokenizer_name == "llama2-base":
            assert theirs.pop() == ours._loaded.convert_tokens_to_ids("</s>")

        assert prompt.token_ids.tolist() == theirs, asked


def in_words(text: str) -> str:
    """Words of a natural length.

    A thousand characters without a space have several equally likely readings to a Unigram model,
    and rounding of their summed weights decides.
    """
    return " ".join(text[place : place + 40] for place in range(0, len(text), 40))


def corpus_of(text: str, of: Tokenizer) -> Corpus:
    return Corpus(
        name="a text of the test",
        text=text,
        encoding=of.encode(text),
        sentence_ends=array("I"),
        sentence_starts=array("I", [0]),
        repeated=False,
    )


@pytest.mark.parametrize("tokenizer_name", ZOO)
@settings(deadline=None, max_examples=40)
@given(
    text=hostile_texts(),
    around=st.lists(hostile_texts(units=3), min_size=3, max_size=3),
    places=st.lists(st.integers(0, 4000), min_size=4, max_size=4),
)
def test_any_texts_around_any_slices_are_joined_as_the_whole_is_encoded(
    tokenizer_name: str, text: str, around: list[str], places: list[int]
) -> None:
    of = tokenizer(tokenizer_name)
    corpus = corpus_of(in_words(text) if tokenizer_name == "unigram-chat" else text, of)
    a, b, c, d = sorted(min(place, len(text)) for place in places)
    slices = [TextSlice(source=corpus.text, start=s, end=e) for s, e in ((a, b), (c, d))]
    first, second, third = map(whole_slice, around)
    pieces = (first, slices[0], second, slices[1], third)
    joined = "".join(piece.text for piece in pieces)

    assert (
        joined_ids(Assembler(of, corpus).assemble(pieces).tokens)
        == of.encode(joined, at_start=True).ids
    )


def test_an_agreement_in_another_part_of_the_prompt_is_none() -> None:
    of = tokenizer("llama3-base")
    corpus = corpus_of("." * 1200, of)
    same_place = TextSlice(source=corpus.text, start=0, end=60)
    shifted_by_one = TextSlice(source=corpus.text, start=61, end=572)
    pieces = (same_place, whole_slice("a"), shifted_by_one)
    joined = "".join(piece.text for piece in pieces)

    assert (
        joined_ids(Assembler(of, corpus).assemble(pieces).tokens)
        == of.encode(joined, at_start=True).ids
    )


@pytest.mark.parametrize("tokenizer_name", ["gpt2-chat", "llama2-base", "characters-chat"])
def test_characters_of_the_windows_are_found_among_the_tokens(tokenizer_name: str) -> None:
    of = tokenizer(tokenizer_name)
    corpus = corpus_of("A river ran by the old mill. " * 200, of)
    slice_ = TextSlice(source=corpus.text, start=0, end=len(corpus.text))
    pieces = (whole_slice("Before it: "), slice_, whole_slice("Behind it. \U0001f389"))
    joined = "".join(piece.text for piece in pieces)

    assembly = Assembler(of, corpus).assemble(pieces)

    whole = of.encode(joined, at_start=True)
    for character in (*range(40), *range(len(joined) - 40, len(joined))):
        position = assembly.token_at(character)
        assert whole.ends[position] > character
        assert position == 0 or whole.ends[position - 1] <= character


def test_the_middle_of_a_long_slice_is_never_tokenized_again() -> None:
    class Counting(WordTokenizer):
        characters = 0

        def encode(self, text: str, *, at_start: bool = False) -> Encoding:
            self.characters += len(text)
            return super().encode(text, at_start=at_start)

    of = Counting()
    corpus = corpus_of("Some words that are known. " * 4000, of)
    of.characters = 0
    slice_ = TextSlice(source=corpus.text, start=10, end=len(corpus.text) - 10)

    Assembler(of, corpus).assemble((whole_slice("Before. "), slice_, whole_slice(" Behind.")))

    assert of.characters < 4 * EDGE_TOKENS * len(" words")


def test_a_prompt_of_a_million_tokens_copies_ids_and_no_text() -> None:
    of = WordTokenizer()
    corpus = tokenize_haystack(
        text_haystack("words", "Some words that are known. " * 50), of, MILLION + SPARE_TOKENS
    )
    builder = PromptBuilder(
        tokenizer=of,
        frame=BARE_FRAME,
        corpus=corpus,
        recipe=Recipe(
            instruction=INSTRUCTION, needle=NEEDLE, question=QUESTION, answer_prefix="It is"
        ),
        seed=0,
    )
    tracemalloc.start()
    prompt = builder.build(trial(MILLION))
    kept, highest = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert len(prompt.token_ids) == MILLION
    assert prompt.token_ids == of.encode(prompt.text).ids
    assert kept < 1.3 * BYTES_AN_ID * MILLION
    assert highest < 2.5 * BYTES_AN_ID * MILLION + len(corpus.text)
