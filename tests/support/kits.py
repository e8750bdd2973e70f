"""Prompt builders over every tokenizer and haystack, and prompts of theirs, built once."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

import pytest

from recallbench.domain import Prompt, Trial
from recallbench.prompts.builder import SPARE_TOKENS, PromptBuilder
from recallbench.prompts.chat_template import ChatFrame
from recallbench.prompts.corpus import Corpus, tokenize_haystack
from recallbench.prompts.haystack import Haystack, noise_haystack, prose_haystack, text_haystack
from recallbench.prompts.hf_tokenizer import HfTokenizer
from recallbench.prompts.needle import KeyFormat, Recipe
from recallbench.prompts.sources import without_control_tokens
from recallbench.suite.schema import BEGUN_ANSWER, INSTRUCTION, NEEDLE, QUESTION
from support import tokenizer_zoo
from support.own_texts import OWN_TEXTS
from support.tokenizer_zoo import QWEN3, ZOO

HAYSTACKS = ("noise", "prose", *OWN_TEXTS)
_QWEN3_IS_HERE = pytest.mark.skipif(
    tokenizer_zoo.qwen3_folder() is None,
    reason="Qwen3's tokenizer is neither beside this checkout in shared/tokenizers nor in "
    "$RECALLBENCH_TEST_TOKENIZERS",
)
_OVER_ALL = ("qwen2-thinking", "llama2-chat", "unigram-chat")
_OVER_A_FEW = tuple(name for name in ZOO if name not in _OVER_ALL)
_ONE = ("unigram-chat", "only emoji")
"""Unknown characters, however many, are one token: no text to cut."""
_A_FEW = ("noise", "prose", "emoji", "combining marks", "numbers", "blank lines")
TOKENIZERS = (*ZOO, pytest.param(QWEN3, marks=_QWEN3_IS_HERE))
"""The whole zoo, and a tokenizer of the real world where this machine has it."""
PAIRS = (
    *((name, haystack) for name in _OVER_ALL for haystack in HAYSTACKS if (name, haystack) != _ONE),
    *((name, haystack) for name in _OVER_A_FEW for haystack in _A_FEW),
    *(pytest.param(QWEN3, haystack, marks=_QWEN3_IS_HERE) for haystack in HAYSTACKS),
)
"""Tokenizers over haystacks: of those that split text alike, one over all."""
SEED = 5
DEPTHS = (0.0, 0.35, 0.8, 1.0)
_LENGTHS = (200, 1000, 3001)
_LENGTHS_IN_CHARACTERS = (640, 1000, 3001)
LONGEST = 9000


@dataclass(frozen=True, slots=True, kw_only=True)
class Kit:
    """A builder, and what its prompts can be held against."""

    tokenizer: HfTokenizer
    frame: ChatFrame
    corpus: Corpus
    recipe: Recipe
    builder: PromptBuilder

    def needle(self, prompt: Prompt) -> str:
        """The planted sentences of a prompt, label and key filled in."""
        label = re.search(rf"The pass key for (\w+) is {re.escape(prompt.key)}", prompt.text)
        assert label
        return NEEDLE.replace("{label}", label[1]).replace("{key}", prompt.key)


def trial(length: int, depth: float = 0.5, repeat: int = 0) -> Trial:
    """One question, with a name that no draw depends on."""
    return Trial(trial_id="unnamed", length_tokens=length, depth=depth, repeat=repeat)


def recipe_for(tokenizer: HfTokenizer, key: KeyFormat | None = None) -> Recipe:
    """The suite's own recipe, with a begun answer for base models."""
    return Recipe(
        instruction=INSTRUCTION,
        needle=NEEDLE,
        question=QUESTION,
        answer_prefix="" if tokenizer.has_chat_template else BEGUN_ANSWER,
        key=key or KeyFormat(),
    )


def kit_of(
    tokenizer: HfTokenizer,
    haystack: Haystack,
    recipe: Recipe | None = None,
    *,
    longest: int = LONGEST,
) -> Kit:
    """A builder whose prompts have at most so many tokens."""
    frame = tokenizer.frame(thinking=False)
    corpus = tokenize_haystack(haystack, tokenizer, longest + SPARE_TOKENS)
    recipe = recipe or recipe_for(tokenizer)
    builder = PromptBuilder(
        tokenizer=tokenizer, frame=frame, corpus=corpus, recipe=recipe, seed=SEED
    )
    return Kit(tokenizer=tokenizer, frame=frame, corpus=corpus, recipe=recipe, builder=builder)


def tokenizer_of(name: str) -> HfTokenizer:
    """One of ``TOKENIZERS``."""
    return tokenizer_zoo.qwen3() if name == QWEN3 else tokenizer_zoo.tokenizer(name)


def haystack_of(name: str, tokenizer: HfTokenizer) -> Haystack:
    """One of ``HAYSTACKS``, made safe for a tokenizer as a run does it."""
    if name == "noise":
        return noise_haystack()
    if name == "prose":
        return prose_haystack(SEED)
    text, _ = without_control_tokens(OWN_TEXTS[name], tokenizer.special_tokens)
    return text_haystack(name, text)


@cache
def kit(tokenizer_name: str, haystack_name: str) -> Kit:
    """The builder of one tokenizer over one haystack."""
    tokenizer = tokenizer_of(tokenizer_name)
    longest = LONGEST if haystack_name in {"noise", "prose"} else _LENGTHS[-1]
    return kit_of(tokenizer, haystack_of(haystack_name, tokenizer), longest=longest)


@cache
def prompts(tokenizer_name: str, haystack_name: str) -> tuple[tuple[Trial, Prompt], ...]:
    """Prompts of several lengths and all depths of one builder."""
    builder = kit(tokenizer_name, haystack_name).builder
    is_slow = tokenizer_name.startswith("characters")
    lengths = _LENGTHS_IN_CHARACTERS if is_slow else _LENGTHS
    trials = [trial(length, depth) for length in lengths for depth in DEPTHS]
    if haystack_name in {"noise", "prose"}:
        trials.append(trial(LONGEST))
    return tuple((asked, builder.build(asked)) for asked in trials)
