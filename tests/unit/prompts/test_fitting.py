"""A prompt has exactly the asked number of tokens, whatever the words cost."""

from __future__ import annotations

from array import array

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recallbench.domain import Encoding
from recallbench.errors import PromptError
from recallbench.prompts.builder import PromptBuilder
from recallbench.prompts.chat_template import BARE_FRAME
from recallbench.prompts.corpus import tokenize_haystack
from recallbench.prompts.fitting import word_cut
from recallbench.prompts.haystack import prose_haystack, text_haystack
from recallbench.prompts.needle import Recipe
from support.hostile_texts import hostile_texts
from support.kits import LONGEST, PAIRS, TOKENIZERS, kit, kit_of, prompts, tokenizer_of, trial
from support.tokenizer_zoo import ZOO, tokenizer
from support.word_tokenizer import WordTokenizer

ENOUGH = 700
"""More than any template, instruction, needle and question of the zoo take."""


@pytest.mark.parametrize(("tokenizer_name", "haystack_name"), PAIRS)
def test_every_prompt_has_exactly_the_asked_number_of_tokens(
    tokenizer_name: str, haystack_name: str
) -> None:
    built = prompts(tokenizer_name, haystack_name)

    assert [len(prompt.token_ids) for _, prompt in built] == [
        asked.length_tokens for asked, _ in built
    ]


@pytest.mark.parametrize("tokenizer_name", TOKENIZERS)
@settings(deadline=None, max_examples=25)
@given(length=st.integers(ENOUGH, LONGEST), depth=st.floats(0, 1), repeat=st.integers(0, 1 << 20))
def test_any_length_at_any_depth_is_met_in_prose(
    tokenizer_name: str, length: int, depth: float, repeat: int
) -> None:
    prompt = kit(tokenizer_name, "prose").builder.build(trial(length, depth, repeat))

    assert len(prompt.token_ids) == length
    assert prompt.token_ids == tokenizer_of(tokenizer_name).encode(prompt.text, at_start=True).ids


@pytest.mark.parametrize("tokenizer_name", ZOO)
@settings(deadline=None, max_examples=8)
@given(text=hostile_texts(), length=st.integers(ENOUGH, 2000), depth=st.floats(0, 1))
def test_any_length_at_any_depth_is_met_in_any_text(
    tokenizer_name: str, text: str, length: int, depth: float
) -> None:
    of = tokenizer_of(tokenizer_name)
    hostile = text_haystack("hostile", f"Text. {text} " * 10)
    prompt = kit_of(of, hostile, longest=2000).builder.build(trial(length, depth))

    assert len(prompt.token_ids) == length


def test_a_length_that_no_cut_gives_is_an_error_with_the_nearest_ones() -> None:
    class Pairs(WordTokenizer):
        """Two tokens for each word: no prompt has an odd number of them."""

        def encode(self, text: str, *, at_start: bool = False) -> Encoding:
            words = super().encode(text, at_start=at_start)
            twice = [place for place in range(len(words.ids)) for _ in range(2)]
            return Encoding(
                ids=array("I", [words.ids[place] for place in twice]),
                starts=array("I", [words.starts[place] for place in twice]),
                ends=array("I", [words.ends[place] for place in twice]),
            )

    words = Pairs()
    builder = PromptBuilder(
        tokenizer=words,
        frame=BARE_FRAME,
        corpus=tokenize_haystack(prose_haystack(1), words, 6000),
        recipe=Recipe(instruction="Read.", needle="{key}.", question="What?", answer_prefix=""),
        seed=0,
    )

    assert len(builder.build(trial(600)).token_ids) == 600
    nearest = (
        r"length 601: no end of the haystack prose gives .*\(nearest: 600, 602, 598\); ask for"
    )
    with pytest.raises(PromptError, match=nearest):
        builder.build(trial(601))


def test_a_long_word_is_cut_where_no_other_end_does() -> None:
    words = text_haystack("long words", f"{'letters' * 8} " * 400)
    builder = kit_of(tokenizer("characters-chat"), words).builder
    lengths = range(ENOUGH, ENOUGH + 130)

    assert [len(builder.build(trial(length)).token_ids) for length in lengths] == list(lengths)


@pytest.mark.parametrize(
    ("text", "character", "cut"),
    [
        ("one two three", 9, 7),
        ("one two three", 13, 13),
        ("one two three", 7, 7),
        ("one two  three", 9, 7),
        ("\u6cb3\u6c34\u6162", 2, 2),
        ("\u0e41\u0e21\u0e48\u0e19", 3, 3),
        ("one twothreefour", 10, 3),
        (f"one {'x' * 100}", 90, 90),
    ],
)
def test_a_cut_is_made_where_a_word_ends_or_anywhere_in_a_long_one(
    text: str, character: int, cut: int
) -> None:
    assert word_cut(text, character, 2) == cut


def test_a_cut_never_goes_below_the_lowest_place() -> None:
    assert word_cut("one two three", 6, 5) == 6
    assert word_cut("one two three", 3, 5) == 5
