"""What a ladder's prompts are, for every tokenizer and many haystacks."""

from __future__ import annotations

import random
import re
from itertools import combinations

import pytest

from recallbench.domain import Grid, Prompt
from recallbench.domain.prompt import CONTEXT_CHARS, OPENING
from recallbench.domain.token_slice import common_tokens
from recallbench.errors import PromptError
from recallbench.prompts.chat_template import BARE_FRAME
from recallbench.prompts.corpus import tokenize_haystack
from recallbench.prompts.haystack import text_haystack
from recallbench.prompts.ladder_builder import LadderBuilder
from recallbench.prompts.needle import KeyFormat, Recipe
from recallbench.prompts.rungs import MOST_MOVED
from recallbench.suite.schema import INSTRUCTION, NEEDLE
from support.kits import Kit, kit, kit_of, recipe_for, tokenizer_of, trial
from support.ladders import (
    by_repeat,
    ladder_builder,
    ladder_prompts,
    ladder_trials,
    over_ladders,
)
from support.own_texts import OWN_TEXTS
from support.word_tokenizer import WordTokenizer

SEAM_TOKENS = 16
"""More than the tokens by which a text's seams and drifted needles can move its parts."""
CUT_TOKENS = 64
"""More than what a prompt's last words are moved by to make it exact."""
_NEEDLE = re.compile(
    r"The pass key for (\w+) is (\d{8})\. Remember it\. \2 is the pass key for \1\."
)
_BEGUN = re.compile(r"The pass key for")


def haystack_text(prompt: Prompt) -> str:
    """The message between instruction and question."""
    return "".join(part.text for part in prompt.message[1:-1])


def needles(prompt: Prompt) -> list[tuple[str, str]]:
    """Labels and keys of the needles that stand whole in a prompt."""
    return _NEEDLE.findall(haystack_text(prompt))


def question_tokens(of: Kit, prompt: Prompt) -> int:
    return len(of.tokenizer.encode(prompt.message[-1].text + prompt.tail).ids)


@over_ladders
def test_every_prompt_is_exact_and_what_the_tokenizer_makes_of_its_text(
    tokenizer_name: str, haystack_name: str
) -> None:
    encode = tokenizer_of(tokenizer_name).encode
    for asked, prompt in ladder_prompts(tokenizer_name, haystack_name):
        assert prompt.length_tokens == asked.length_tokens, asked
        assert prompt.token_ids == encode(prompt.text, at_start=True).ids, asked


@pytest.mark.parametrize("tokenizer_name", ["qwen2-thinking", "llama2-chat", "llama3-base"])
def test_tokens_that_a_server_adds_itself_make_every_prompt_shorter(tokenizer_name: str) -> None:
    encode = tokenizer_of(tokenizer_name).encode
    for asked, prompt in ladder_prompts(tokenizer_name, "prose", 23):
        assert prompt.length_tokens == asked.length_tokens - 23
        assert prompt.token_ids == encode(prompt.text, at_start=True).ids


@over_ladders
def test_prompts_of_a_repeat_go_along_with_its_longest_up_to_their_ends(
    tokenizer_name: str, haystack_name: str
) -> None:
    of = kit(tokenizer_name, haystack_name)
    for prompts in by_repeat(ladder_prompts(tokenizer_name, haystack_name)):
        _, longest = prompts[-1]
        for asked, prompt in prompts:
            own = question_tokens(of, prompt) + CUT_TOKENS
            shared = common_tokens(prompt.tokens, longest.tokens)

            assert shared >= asked.length_tokens - own, asked


@over_ladders
def test_the_asked_needle_is_whole_and_its_key_stands_nowhere_else(
    tokenizer_name: str, haystack_name: str
) -> None:
    of = kit(tokenizer_name, haystack_name)
    for _, prompt in ladder_prompts(tokenizer_name, haystack_name):
        (label,) = (label for label, key in needles(prompt) if key == prompt.key)
        first, end = prompt.needle_span
        needle = of.recipe.needle.replace("{label}", label).replace("{key}", prompt.key)

        assert prompt.text.count(prompt.key) == needle.count(prompt.key)
        assert needle in of.tokenizer.decode(prompt.token_ids[first:end])
        assert needle not in of.tokenizer.decode(prompt.token_ids[first + 1 : end])
        assert needle not in of.tokenizer.decode(prompt.token_ids[first : end - 1])
        assert f"for {label}?" in prompt.message[-1].text


@over_ladders
def test_the_context_is_the_asked_needle_and_the_message_around_it(
    tokenizer_name: str, haystack_name: str
) -> None:
    of = kit(tokenizer_name, haystack_name)
    for _, prompt in ladder_prompts(tokenizer_name, haystack_name):
        needle = of.needle(prompt)
        before, _, behind = prompt.message_text.partition(needle)

        assert prompt.needle_context == (before[-CONTEXT_CHARS:], needle, behind[:CONTEXT_CHARS])


@over_ladders
def test_no_needle_stands_across_a_prompts_end_and_all_but_one_distract(
    tokenizer_name: str, haystack_name: str
) -> None:
    for _, prompt in ladder_prompts(tokenizer_name, haystack_name):
        assert len(_BEGUN.findall(haystack_text(prompt))) == len(needles(prompt))
        assert prompt.distractors == len(needles(prompt)) - 1


@over_ladders
def test_labels_and_keys_of_a_haystack_are_unlike(tokenizer_name: str, haystack_name: str) -> None:
    for prompts in by_repeat(ladder_prompts(tokenizer_name, haystack_name)):
        planted = {needle for _, prompt in prompts for needle in needles(prompt)}

        assert len({label for label, _ in planted}) == len({key for _, key in planted})
        assert len({label for label, _ in planted}) == len(planted)


@over_ladders
def test_no_two_cells_of_one_length_ask_for_the_same_needle(
    tokenizer_name: str, haystack_name: str
) -> None:
    for prompts in by_repeat(ladder_prompts(tokenizer_name, haystack_name)):
        asked = {(trial_.length_tokens, prompt.key) for trial_, prompt in prompts}

        assert len(asked) == len(prompts)


@over_ladders
def test_needles_stand_near_the_asked_depths(tokenizer_name: str, haystack_name: str) -> None:
    for asked, prompt in ladder_prompts(tokenizer_name, haystack_name):
        off = abs(prompt.achieved_depth - asked.depth)

        assert off * asked.length_tokens <= MOST_MOVED * asked.length_tokens + SEAM_TOKENS, asked
        assert prompt.achieved_depth == 0 or asked.depth > 0


def test_depths_of_long_prompts_are_met_within_a_sentence() -> None:
    of = kit("qwen2-thinking", "prose")
    grid = Grid(lengths=(3000, 6000, 9000), depths=(0.0, 0.1, 0.5, 0.9, 1.0), trials=1)
    builder = ladder_builder(of, grid)
    for asked in ladder_trials(grid):
        off = abs(builder.build(asked).achieved_depth - asked.depth)

        assert off * asked.length_tokens <= 0.01 * asked.length_tokens + 64, asked


@over_ladders
def test_what_two_prompts_share_by_name_is_never_less_than_said(
    tokenizer_name: str, haystack_name: str
) -> None:
    prompts = [prompt for _, prompt in ladder_prompts(tokenizer_name, haystack_name)]
    for one, other in combinations(prompts, 2):
        common = common_tokens(one.tokens, other.tokens)
        theirs = {shared.name: shared.tokens for shared in other.shared}
        for shared in one.shared:
            if shared.name in theirs:
                assert min(shared.tokens, theirs[shared.name]) <= common


@over_ladders
def test_a_prompt_shares_its_haystack_up_to_its_own_question(
    tokenizer_name: str, haystack_name: str
) -> None:
    of = kit(tokenizer_name, haystack_name)
    for asked, prompt in ladder_prompts(tokenizer_name, haystack_name):
        shared = {each.name: each.tokens for each in prompt.shared}
        own = question_tokens(of, prompt) + CUT_TOKENS

        assert shared[f"haystack {asked.repeat}"] >= asked.length_tokens - own
        assert shared.get(OPENING, 0) <= shared[f"haystack {asked.repeat}"]


def test_repeats_have_haystacks_labels_and_keys_of_their_own() -> None:
    prompts = by_repeat(ladder_prompts("gpt2-chat", "prose"))
    first, second = ({prompt.key for _, prompt in pairs} for pairs in prompts)

    assert not first & second
    assert needles(prompts[0][-1][1]) != needles(prompts[1][-1][1])
    assert haystack_text(prompts[0][0][1])[-90:] not in haystack_text(prompts[1][-1][1])


def test_a_trial_gives_the_same_prompt_again_in_any_order() -> None:
    grid = Grid(lengths=(900, 2000), depths=(0.0, 0.5, 1.0), trials=7)
    trials = ladder_trials(grid)
    of = kit("llama2-chat", "prose")
    builder = ladder_builder(of, grid)
    first = {asked.identity: builder.build(asked).sha256 for asked in trials}
    again = ladder_builder(of, grid)
    random.Random(1).shuffle(trials)

    assert {asked.identity: again.build(asked).sha256 for asked in trials} == first


@pytest.mark.parametrize("tokenizer_name", ["characters-base", "characters-chat", "llama3-base"])
def test_the_longest_label_leaves_room_for_the_last_needle(tokenizer_name: str) -> None:
    """A label stands in the question and in the begun answer too, and some take many tokens."""
    grid = Grid(lengths=(800, 1100), depths=(0.0, 1.0), trials=150)
    tokenizer = tokenizer_of(tokenizer_name)
    of = kit_of(tokenizer, text_haystack("endless", OWN_TEXTS["a word without end"]))
    builder = ladder_builder(of, grid)

    built = [(asked, builder.build(asked)) for asked in ladder_trials(grid)]

    assert [prompt.length_tokens for _, prompt in built] == [a.length_tokens for a, _ in built]
    assert max(len(needles(prompt)[-1][0]) for _, prompt in built) >= 8


def test_needles_that_cost_more_than_thought_stand_whole_in_every_prompt() -> None:
    """To break a clause of one token makes thirty of it, and moves all needles behind it."""
    clauses = WordTokenizer(clauses=True)
    text = f"{'words before ' * 10}the stop. {'words behind ' * 10}it; "
    grid = Grid(lengths=(600, 830, 1310), depths=(0.0, 0.35, 0.7, 1.0), trials=6)
    builder = LadderBuilder(
        tokenizer=clauses,
        frame=BARE_FRAME,
        corpus=tokenize_haystack(text_haystack("clauses", text * 90), clauses, 20_000),
        recipe=Recipe(instruction="Read.", needle=NEEDLE, question="{label}?", answer_prefix=""),
        seed=0,
        grid=grid,
    )
    for asked in ladder_trials(grid):
        prompt = builder.build(asked)

        assert prompt.length_tokens == asked.length_tokens
        assert prompt.key in {key for _, key in needles(prompt)}
        assert len(_BEGUN.findall(haystack_text(prompt))) == len(needles(prompt))


def test_a_needle_breaks_a_sentence_rather_than_stand_far_from_its_place() -> None:
    """Sentence ends are so far apart that the nearest would be in another tenth."""
    sentence = "the road goes on over the hill and down to the sea and then " * 14
    of = kit_of(tokenizer_of("gpt2-chat"), text_haystack("long", f"{sentence}it ends. " * 60))
    grid = Grid(lengths=(900, 1200), depths=(0.0, 0.5, 1.0), trials=5)
    builder = ladder_builder(of, grid)
    for asked in ladder_trials(grid):
        prompt = builder.build(asked)

        assert abs(prompt.achieved_depth - asked.depth) < MOST_MOVED
        assert not re.search(r"\w{3}The pass|\.(?=\w{3})", haystack_text(prompt))


def test_a_short_key_stands_in_no_haystack_and_in_no_other_key() -> None:
    tokenizer = tokenizer_of("qwen2-thinking")
    taken = " ".join(f"{number:03}" for number in range(100, 1000) if number % 3)
    recipe = recipe_for(tokenizer, KeyFormat(length=3))
    of = kit_of(tokenizer, text_haystack("numbers", taken), recipe)
    grid = Grid(lengths=(2000, 3000), depths=(0.0, 0.3, 0.6, 1.0), trials=4)
    builder = ladder_builder(of, grid)

    built = [builder.build(asked) for asked in ladder_trials(grid)]

    assert {prompt.text.count(prompt.key) for prompt in built} == {2}


def test_no_two_needles_of_a_haystack_have_one_key() -> None:
    """Ninety keys there are, and eight in each haystack."""
    tokenizer = tokenizer_of("gpt2-chat")
    recipe = recipe_for(tokenizer, KeyFormat(length=2))
    grid = Grid(lengths=(2000, 3000), depths=(0.0, 0.3, 0.6, 1.0), trials=20)
    builder = ladder_builder(kit("gpt2-chat", "prose"), grid, recipe)

    built = [builder.build(asked) for asked in ladder_trials(grid)]

    assert {prompt.text.count(prompt.key) for prompt in built} == {2}


def test_a_needle_without_a_stop_and_white_space_around_a_recipe_do_no_harm() -> None:
    of = kit("llama2-chat", "prose")
    recipe = Recipe(
        instruction=f" {INSTRUCTION}\n",
        needle="\n{label} is {key} ",
        question=" {label}?\n",
        answer_prefix="{label}:",
    )
    grid = Grid(lengths=(500, 900), depths=(0.0, 0.5, 1.0), trials=4)
    builder = ladder_builder(of, grid, recipe)
    for asked in ladder_trials(grid):
        prompt = builder.build(asked)

        assert prompt.token_ids == of.tokenizer.encode(prompt.text, at_start=True).ids
        assert prompt.length_tokens == asked.length_tokens
        assert prompt.message_text == prompt.message_text.strip()
        assert prompt.text.count(prompt.key) == 1


def test_too_many_depths_for_a_length_are_refused_with_what_to_ask_for() -> None:
    grid = Grid(lengths=(500, 9000), depths=tuple(step / 20 for step in range(21)), trials=1)
    builder = ladder_builder(kit("qwen2-thinking", "prose"), grid)
    told = r"needles of length 500 do not all fit: .*; ask for fewer depths, longer or fewer"

    with pytest.raises(PromptError, match=told):
        builder.build(trial(500, 1.0))


def test_a_length_too_short_is_refused_with_what_it_takes() -> None:
    grid = Grid(lengths=(60, 9000), depths=(0.5,), trials=1)
    builder = ladder_builder(kit("qwen2-thinking", "prose"), grid)

    with pytest.raises(PromptError, match=r"^length 60: .* take \d+ tokens, which leaves 0 for a"):
        builder.build(trial(9000, 0.5))


def test_the_needle_text_is_that_of_the_suite() -> None:
    """The pattern that these tests look for it with."""
    assert _NEEDLE.fullmatch(NEEDLE.replace("{label}", "Elm").replace("{key}", "12345678"))
