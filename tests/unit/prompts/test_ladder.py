"""A ladder's text, tokens and needles stand where it says."""

from __future__ import annotations

from itertools import accumulate, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recallbench.prompts.assembly import Assembler
from recallbench.prompts.ladder import Ladder, Stretch, planted
from recallbench.prompts.rungs import Rung
from support.kits import SEED, kit, tokenizer_of
from support.tokenizer_zoo import ZOO

TOKENS = 3000
LABELS = ("Elm", "Oak", "Ivy", "Fern", "Mint", "Kelp", "Moss", "Sage")


def needle(label: str) -> str:
    return f"The key for {label} is {len(label)}{ord(label[0])}. Keep it."


def ladder_of(tokenizer_name: str, places: list[int], *, start: int = 0) -> Ladder:
    """A ladder over prose with a needle at each of these tokens of it."""
    corpus = kit(tokenizer_name, "prose").corpus
    planting = [
        (Rung(place=at, start=at, end=at, cells=((TOKENS, float(number)),)), label, "1",
         needle(label))
        for number, (at, label) in enumerate(zip(places, LABELS, strict=False))
    ]  # fmt: skip
    stretch = Stretch(corpus=corpus, start=start, tokens=TOKENS)
    return planted("h", Assembler(tokenizer_of(tokenizer_name), corpus), stretch, planting)


@pytest.mark.parametrize("tokenizer_name", ZOO)
@pytest.mark.parametrize("places", [[0, 500, 2000], [700], [5, 5, 2990], [0, 0]])
def test_its_tokens_are_what_the_tokenizer_makes_of_its_text(
    tokenizer_name: str, places: list[int]
) -> None:
    ladder = ladder_of(tokenizer_name, places, start=SEED * 40)
    whole = tokenizer_of(tokenizer_name).encode(ladder.corpus.text, at_start=True)
    ours = ladder.corpus.encoding

    assert ours.ids == whole.ids
    assert ours.starts == whole.starts
    assert ours.ends == whole.ends


@settings(deadline=None, max_examples=40)
@given(gaps=st.lists(st.integers(0, 300), min_size=1, max_size=8))
def test_needles_stand_in_order_each_behind_its_tokens_of_the_haystack(gaps: list[int]) -> None:
    places = list(accumulate(gaps))
    ladder = ladder_of("gpt2-chat", places)
    text, corpus = ladder.corpus.text, kit("gpt2-chat", "prose").corpus

    assert [text[each.start : each.end] for each in ladder.needles] == [
        needle(label) for label in LABELS[: len(places)]
    ]
    assert all(one.end < other.start for one, other in pairwise(ladder.needles))
    assert ladder.by_cell == {(TOKENS, float(at)): at for at in range(len(places))}
    without = text
    for each in reversed(ladder.needles):
        space = each.start - 1 if text[each.start - 1 : each.start] == " " else each.start
        without = without[:space] + without[each.end + (space == each.start) :]
    assert without == corpus.text[: len(without)]
    assert len(without) == corpus.char_at(TOKENS)


@pytest.mark.parametrize("tokenizer_name", ZOO)
def test_the_tokens_of_a_needle_hold_it_and_no_token_more(tokenizer_name: str) -> None:
    ladder = ladder_of(tokenizer_name, [0, 60, 61, 1500])
    encoding = ladder.corpus.encoding
    for number, each in enumerate(ladder.needles):
        first, end = ladder.place(number)

        assert encoding.starts[first] <= each.start < encoding.ends[first]
        assert encoding.starts[end - 1] < each.end <= encoding.ends[end - 1]


def test_needles_before_a_character_are_counted_when_whole_and_kept_when_begun() -> None:
    ladder = ladder_of("gpt2-chat", [0, 500, 2000])
    second = ladder.needles[1]

    assert [ladder.within(at) for at in (0, second.start, second.end - 1, second.end)] == [
        0, 1, 1, 2
    ]  # fmt: skip
    assert ladder.last_before(second.start) == ladder.needles[0].end
    assert ladder.last_before(second.start + 1) == second.end
    assert ladder_of("gpt2-chat", [500]).last_before(9) == 0
    assert ladder.within(len(ladder.corpus.text)) == 3


def test_a_ladder_begins_where_its_stretch_does() -> None:
    corpus = kit("gpt2-chat", "prose").corpus
    start = corpus.sentence_starts[3]
    ladder = ladder_of("gpt2-chat", [40], start=start)

    assert ladder.corpus.text[:90] == corpus.text[start : start + 90]
    assert (ladder.name, ladder.corpus.name) == ("h", "h")
