"""What a prompt is, for every tokenizer and every haystack."""

from __future__ import annotations

import random
import re
import subprocess
import sys
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import pytest

from recallbench.domain import Prompt
from recallbench.domain.layout import Haystacks
from recallbench.domain.prompt import CONTEXT_CHARS, OPENING
from recallbench.domain.token_slice import common_tokens
from recallbench.errors import PromptError
from recallbench.prompts.builder import MIN_HAYSTACK_TOKENS, PromptBuilder
from recallbench.prompts.chat_template import BARE_FRAME
from recallbench.prompts.corpus import tokenize_haystack
from recallbench.prompts.haystack import noise_haystack, prose_haystack, text_haystack
from recallbench.prompts.needle import KeyFormat, Recipe
from recallbench.suite.schema import INSTRUCTION
from support import tokenizer_zoo
from support.kits import (
    DEPTHS,
    LONGEST,
    PAIRS,
    SEED,
    TOKENIZERS,
    Kit,
    haystack_of,
    kit,
    kit_of,
    prompts,
    recipe_for,
    trial,
)
from support.word_tokenizer import WordTokenizer

FAR_TOKENS = 256
"""With no sentence end nearer than this a needle may break a sentence."""
NEAR_TOKENS = 64
"""With no end of the haystack nearer than this a needle may break a sentence."""
SEAM_TOKENS = 16
"""More than the tokens by which a text's seams can change its length."""
NEEDLE_START_TOKENS = 24
"""More than what needles at one place begin with alike, before their labels."""
LIMIT_S = 120
TESTS = str(Path(__file__).resolve().parents[2])
BUILD = """
from recallbench.domain import Trial
from recallbench.prompts.builder import PromptBuilder
from recallbench.prompts.chat_template import BARE_FRAME
from recallbench.prompts.corpus import tokenize_haystack
from recallbench.prompts.haystack import prose_haystack
from recallbench.prompts.needle import Recipe
from support.word_tokenizer import WordTokenizer
words = WordTokenizer()
recipe = Recipe(instruction="Read.", needle="{label}: {key}.", question="?", answer_prefix="")
builder = PromptBuilder(
    tokenizer=words,
    frame=BARE_FRAME,
    corpus=tokenize_haystack(prose_haystack(3), words, 5000),
    recipe=recipe,
    seed=1,
)
def trial(repeat):
    return Trial(trial_id="unnamed", length_tokens=300, depth=0.5, repeat=repeat)
def checksums(repeats):
    return [builder.build(trial(repeat)).sha256 for repeat in repeats]
"""

over_tokenizers = pytest.mark.parametrize("tokenizer_name", TOKENIZERS)
over_everything = pytest.mark.parametrize(("tokenizer_name", "haystack_name"), PAIRS)


def split_at_needle(of: Kit, prompt: Prompt) -> tuple[str, str]:
    before, needle, behind = prompt.message_text.partition(of.needle(prompt))
    assert needle
    return before, behind


def haystack_tokens(of: Kit, prompt: Prompt) -> int:
    """How many tokens are neither template nor instruction, needle or question."""
    encode = of.tokenizer.encode
    opening = encode(prompt.head + prompt.message[0].text, at_start=True)
    closing = encode(prompt.message[-1].text + prompt.tail)
    needle = prompt.needle_span[1] - prompt.needle_span[0]
    return len(prompt.token_ids) - len(opening.ids) - len(closing.ids) - needle


def longest_sentence(of: Kit) -> int:
    places = [0, *map(of.corpus.token_at, of.corpus.sentence_ends)]
    return max(b - a for a, b in pairwise(places))


@over_everything
def test_the_needle_span_holds_the_needle_and_no_token_more(
    tokenizer_name: str, haystack_name: str
) -> None:
    of = kit(tokenizer_name, haystack_name)
    for _, prompt in prompts(tokenizer_name, haystack_name):
        first, end = prompt.needle_span
        needle = of.needle(prompt)

        assert needle in of.tokenizer.decode(prompt.token_ids[first:end])
        assert needle not in of.tokenizer.decode(prompt.token_ids[first + 1 : end])
        assert needle not in of.tokenizer.decode(prompt.token_ids[first : end - 1])


@over_everything
def test_the_context_is_the_needle_and_the_message_around_it(
    tokenizer_name: str, haystack_name: str
) -> None:
    of = kit(tokenizer_name, haystack_name)
    for _, prompt in prompts(tokenizer_name, haystack_name):
        before, behind = split_at_needle(of, prompt)

        assert prompt.needle_context == (
            before[-CONTEXT_CHARS:],
            of.needle(prompt),
            behind[:CONTEXT_CHARS],
        )


@over_everything
def test_the_needle_stands_within_a_sentence_of_the_asked_depth(
    tokenizer_name: str, haystack_name: str
) -> None:
    of = kit(tokenizer_name, haystack_name)
    bound = min(longest_sentence(of), FAR_TOKENS) + SEAM_TOKENS
    for asked, prompt in prompts(tokenizer_name, haystack_name):
        off = abs(prompt.achieved_depth - asked.depth)

        assert off * haystack_tokens(of, prompt) <= bound, asked


@over_everything
def test_the_first_depth_is_behind_the_instruction_and_the_last_before_the_question(
    tokenizer_name: str, haystack_name: str
) -> None:
    of = kit(tokenizer_name, haystack_name)
    ends = [pair for pair in prompts(tokenizer_name, haystack_name) if pair[0].depth in {0.0, 1.0}]
    for asked, prompt in ends:
        before, behind = split_at_needle(of, prompt)

        assert prompt.achieved_depth == asked.depth
        assert before == f"{INSTRUCTION}\n\n" or asked.depth == 1.0
        assert behind == prompt.message[-1].text or asked.depth == 0.0


@over_everything
def test_the_needle_breaks_no_sentence_where_sentences_are_short(
    tokenizer_name: str, haystack_name: str
) -> None:
    of = kit(tokenizer_name, haystack_name)
    are_short = longest_sentence(of) <= NEAR_TOKENS
    for _, prompt in prompts(tokenizer_name, haystack_name):
        inside = [part for part in prompt.message if part.source is of.corpus.text]
        breaks_one = len(inside) == 2 and inside[0].end not in set(of.corpus.sentence_ends)

        assert not (breaks_one and are_short)


@over_everything
def test_a_haystack_begins_with_a_sentence_and_ends_with_a_stop(
    tokenizer_name: str, haystack_name: str
) -> None:
    of = kit(tokenizer_name, haystack_name)
    for _, prompt in prompts(tokenizer_name, haystack_name):
        inside = [part for part in prompt.message if part.source is of.corpus.text]
        filled = prompt.message_text.removesuffix(prompt.message[-1].text)
        filled = filled.replace(of.needle(prompt), "").rstrip()

        assert inside[0].start in of.corpus.sentence_starts
        assert re.search(r"""[.!?…。！？"'”’»)\]」』）]$""", filled) or inside[-1].text.endswith(
            filled[-20:]
        )


@over_everything
def test_template_and_message_are_whole(tokenizer_name: str, haystack_name: str) -> None:
    of = kit(tokenizer_name, haystack_name)
    for _, prompt in prompts(tokenizer_name, haystack_name):
        assert prompt.text == rendered(of, prompt.message_text)
        assert prompt.text.count(prompt.key) == 2


def rendered(of: Kit, message: str) -> str:
    """A chat as transformers renders it; the plain text and the begun answer for base models."""
    if not of.tokenizer.has_chat_template:
        label = re.search(r"pass key for (\w+)\? Answer", message)
        assert label
        return f"{message}\nThe pass key for {label[1]} is"
    text: Any = of.tokenizer._loaded.apply_chat_template(
        [{"role": "user", "content": message}],
        tokenize=False,
        add_generation_prompt=True,
        enable_thinking=False,
    )
    assert isinstance(text, str)
    return text


@over_tokenizers
def test_a_begun_answer_follows_the_template(tokenizer_name: str) -> None:
    plain = kit(tokenizer_name, "noise")
    begun = Recipe(
        instruction=INSTRUCTION,
        needle="{label}: {key}.",
        question="{label}?",
        answer_prefix="The key of {label}: {",
    )
    of = kit_of(plain.tokenizer, noise_haystack(), begun)
    prompt = of.builder.build(trial(1000))

    assert re.search(r"The key of \w+: \{$", prompt.text[-40:])
    assert prompt.tail.startswith(of.frame.tail)
    assert prompt.token_ids == of.tokenizer.encode(prompt.text, at_start=True).ids
    assert len(prompt.token_ids) == 1000


@pytest.mark.parametrize("tokenizer_name", tokenizer_zoo.CHATS)
def test_white_space_around_a_recipe_is_left_to_no_template(tokenizer_name: str) -> None:
    recipe = Recipe(
        instruction="  \n", needle="{label} is {key}.\n", question="{label}?\n", answer_prefix=""
    )
    of = kit_of(tokenizer_zoo.tokenizer(tokenizer_name), noise_haystack(), recipe)
    for depth in DEPTHS:
        prompt = of.builder.build(trial(700, depth))

        assert prompt.message_text == prompt.message_text.strip()
        assert prompt.text == rendered(of, prompt.message_text)
        assert len(prompt.token_ids) == 700


def test_a_trial_gives_the_same_prompt_again_in_any_order() -> None:
    trials = [trial(500, depth, repeat) for depth in DEPTHS for repeat in range(4)]
    builder = kit("llama2-chat", "prose").builder
    first = {asked.identity: told(builder.build(asked)) for asked in trials}
    again = kit_of(tokenizer_zoo.tokenizer("llama2-chat"), prose_haystack(SEED)).builder
    random.Random(1).shuffle(trials)

    assert {asked.identity: told(again.build(asked)) for asked in trials} == first


def told(prompt: Prompt) -> tuple[object, ...]:
    """What two builders' prompts are compared by: their stocks are never the same."""
    return (
        prompt.sha256, prompt.text, prompt.key, prompt.needle_span, prompt.achieved_depth,
        prompt.shared, prompt.distractors,
    )  # fmt: skip


def test_a_trial_gives_the_same_prompt_in_another_process_that_hashes_otherwise() -> None:
    run = subprocess.run(
        [sys.executable, "-c", f"{BUILD}\nprint(*checksums((2, 0, 1)))"],
        env={"PYTHONPATH": TESTS, "PYTHONHASHSEED": "7"},
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=True,
    )
    here: dict[str, Any] = {}
    exec(BUILD, here)  # noqa: S102 - the same lines as in the other process

    assert run.stdout.split() == here["checksums"]((2, 0, 1))


def test_keys_labels_and_haystacks_are_fresh_in_every_trial() -> None:
    of = kit("gpt2-chat", "prose")
    built = [of.builder.build(trial(400, 0.5, repeat)) for repeat in range(60)]

    assert len({prompt.key for prompt in built}) == 60
    assert len({prompt.message[-1].text for prompt in built}) > 20
    assert len({prompt.message[1].start for prompt in built}) > 50


def sharing(tokenizer_name: str, haystack_name: str, haystacks: Haystacks) -> PromptBuilder:
    """The builder of ``kit``, with haystacks that trials share."""
    of = kit(tokenizer_name, haystack_name)
    return PromptBuilder(
        tokenizer=of.tokenizer,
        frame=of.frame,
        corpus=of.corpus,
        recipe=of.recipe,
        seed=SEED,
        haystacks=haystacks,
    )


@pytest.mark.parametrize(
    ("haystacks", "shared"),
    [("trial", []), ("repeat", [(0, 0), (1, 1)]), (2, [(0, 0), (0, 2), (1, 1), (1, 3)])],
)
def test_trials_share_a_haystack_as_the_suite_says(
    haystacks: Haystacks, shared: list[tuple[int, int]]
) -> None:
    builder = sharing("gpt2-chat", "prose", haystacks)
    shallow = [builder.build(trial(700, 0.5, repeat)).message[1].start for repeat in range(2)]
    deep = [builder.build(trial(900, 0.9, repeat)).message[1].start for repeat in range(4)]
    pairs = [(one, other) for one in range(2) for other in range(4) if shallow[one] == deep[other]]

    assert pairs == shared


@pytest.mark.parametrize("haystacks", ["repeat", 1])
def test_trials_that_share_a_haystack_have_keys_and_labels_of_their_own(
    haystacks: Haystacks,
) -> None:
    asked = [trial(600, depth, repeat) for depth in (0.2, 0.5, 0.8) for repeat in range(20)]
    alone = kit("gpt2-chat", "prose").builder
    builder = sharing("gpt2-chat", "prose", haystacks)
    prompts = [builder.build(each) for each in asked]

    assert len({prompt.key for prompt in prompts}) == len(asked)
    assert [prompt.key for prompt in prompts] == [alone.build(each).key for each in asked]
    assert [prompt.length_tokens for prompt in prompts] == [600] * len(asked)


@pytest.mark.parametrize(
    ("tokenizer_name", "haystack_name"),
    [
        *((name, "prose") for name in tokenizer_zoo.ZOO),
        *(("qwen2-thinking", text) for text in ("chinese", "emoji", "no sentence ends", "short")),
        *(("llama2-chat", text) for text in ("blank lines", "combining marks", "numbers")),
    ],
)
def test_prompts_of_one_haystack_share_as_many_tokens_as_they_say(
    tokenizer_name: str, haystack_name: str
) -> None:
    builder = sharing(tokenizer_name, haystack_name, "repeat")
    built = [
        builder.build(trial(length, depth, repeat))
        for repeat in range(2)
        for length in (900, 1700, 3001)
        for depth in DEPTHS
    ]
    for one, other in combinations(built, 2):
        theirs = {shared.name: shared.tokens for shared in other.shared}
        said = [min(each.tokens, theirs[each.name]) for each in one.shared if each.name in theirs]
        common = common_tokens(one.tokens, other.tokens)

        assert max(said, default=0) <= common
        if one.shared[-1].name == other.shared[-1].name != OPENING:
            assert common <= max(said) + NEEDLE_START_TOKENS


def test_a_prompt_of_a_haystack_of_its_own_shares_the_opening_too() -> None:
    of = kit("gpt2-chat", "prose")
    one, other = (of.builder.build(trial(600, 0.5, repeat)) for repeat in range(2))
    opening = of.tokenizer.encode(one.head + one.message[0].text, at_start=True)

    assert one.shared[0].name == other.shared[0].name == OPENING
    assert abs(one.shared[0].tokens - len(opening.ids)) <= 2
    assert one.shared[1].name != other.shared[1].name
    assert (one.distractors, other.distractors) == (0, 0)


def test_a_key_never_stands_in_the_haystack() -> None:
    taken = [f"{number:04}" for number in range(1000, 10000) if number % 10]
    of = kit_of(
        tokenizer_zoo.tokenizer("qwen2-thinking"),
        text_haystack("numbers", " ".join(taken)),
        recipe_for(tokenizer_zoo.tokenizer("qwen2-thinking"), KeyFormat(length=4)),
    )
    built = [of.builder.build(trial(3000, 0.5, repeat)) for repeat in range(50)]

    # The needle says its key twice.
    assert {prompt.text.count(prompt.key) for prompt in built} == {2}


@pytest.mark.parametrize("haystack", ["prose", "noise"])
def test_a_prompt_is_the_same_whatever_else_its_run_asks(haystack: str) -> None:
    tokenizer = tokenizer_zoo.tokenizer("gpt2-chat")
    runs = [
        kit_of(tokenizer, haystack_of(haystack, tokenizer), longest=longest)
        for longest in (1000, 5000, 60_000)
    ]

    for repeat in range(10):
        prompts = {of.builder.build(trial(1000, 0.5, repeat)).sha256 for of in runs}
        assert len(prompts) == 1


def test_a_haystack_that_holds_every_key_is_an_error_with_the_way_out() -> None:
    tokenizer = tokenizer_zoo.tokenizer("qwen2-thinking")
    of = kit_of(
        tokenizer,
        text_haystack("binary", " ".join(f"{number:04b}" for number in range(16))),
        recipe_for(tokenizer, KeyFormat(length=4, alphabet="01")),
    )

    with pytest.raises(PromptError, match=r"all stand in the haystack binary; give prompt\.key a"):
        of.builder.build(trial(600))


@over_tokenizers
def test_a_length_too_short_is_an_error_with_the_numbers_and_the_named_one_is_enough(
    tokenizer_name: str,
) -> None:
    builder = kit(tokenizer_name, "prose").builder
    with pytest.raises(PromptError) as caught:
        builder.build(trial(60))
    numbers = re.search(
        r"^length 60: .* take ([\d,]+) tokens, which leaves 0 .* at least 16; ask for ([\d,]+) ",
        str(caught.value),
    )
    assert numbers
    fixed, enough = (int(number.replace(",", "")) for number in numbers.groups())

    assert fixed + MIN_HAYSTACK_TOKENS < enough
    for repeat in range(10):
        for depth in DEPTHS:
            assert len(builder.build(trial(enough, depth, repeat)).token_ids) == enough


def test_tokens_that_a_server_adds_itself_make_the_prompt_shorter() -> None:
    of = kit("qwen2-thinking", "prose")

    assert len(of.builder.build(trial(800), extra_tokens=23).token_ids) == 777
    with pytest.raises(PromptError, match=r"length 300: .* take \d+ tokens, which leaves 0"):
        of.builder.build(trial(300), extra_tokens=290)


def test_a_needle_whose_place_costs_too_much_goes_further_up() -> None:
    """To break a clause of one token at its stop makes thirty of it."""
    clauses = WordTokenizer(clauses=True)
    text = f"{'words before ' * 10}the stop. {'words behind ' * 10}it; "
    builder = PromptBuilder(
        tokenizer=clauses,
        frame=BARE_FRAME,
        corpus=tokenize_haystack(text_haystack("clauses", text * 90), clauses, 6000),
        recipe=Recipe(instruction="Read.", needle="{key}.", question="What?", answer_prefix=""),
        seed=0,
    )
    for depth in (0.6, 0.7, 0.8, 0.9):
        for length in range(60, 75):
            assert len(builder.build(trial(length, depth)).token_ids) == length


def test_lengths_up_to_the_longest_are_built_over_a_short_text() -> None:
    of = kit("unigram-chat", "short")

    assert of.corpus.repeated
    assert len(of.builder.build(trial(LONGEST, 1.0)).token_ids) == LONGEST
