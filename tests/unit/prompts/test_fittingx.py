"""A prompt has exactly the asked number of tokens, whatever the words cost."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recallbench.errors import PromptError
from recallbench.prompts.fitting import word_cut
from recallbench.prompts.haystack import text_haystack
from support.hostile_texts import hostile_texts
from support.kits import LONGEST, PAIRS, TOKENIZERS, kit, kit_of, prompts, tokenizer_of, trial
from support.tokenizer_zoo import ZOO
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
@settings(deadline=None, max_examples=1500)
@given(length=st.integers(ENOUGH, LONGEST), depth=st.floats(0, 1), repeat=st.integers(0, 1 << 20))
def test_any_length_at_any_depth_is_met_in_prose(
    tokenizer_name: str, length: int, depth: float, repeat: int
) -> None:
    prompt = kit(tokenizer_name, "prose").builder.build(trial(length, depth, repeat))

    assert len(prompt.token_ids) == length
    assert prompt.token_ids == tokenizer_of(tokenizer_name).encode(prompt.text, at_start=True).ids


@pytest.mark.parametrize("tokenizer_name", ZOO)
@settings(deadline=None, max_examples=400)
@given(text=hostile_texts(), length=st.integers(ENOUGH, 3000), depth=st.floats(0, 1))
def test_any_length_at_any_depth_is_met_in_any_text(
    tokenizer_name: str, text: str, length: int, depth: float
) -> None:
    tokenizer = tokenizer_of(tokenizer_name)
    prompt = kit_of(tokenizer, text_haystack("hostile", f"Text. {text}")).builder.build(
        trial(length, depth)
    )

    assert len(prompt.token_ids) == length
