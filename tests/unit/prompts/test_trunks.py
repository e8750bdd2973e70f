"""How far prompts go along with what a run's prompts begin with, in tokens."""

from __future__ import annotations

import pytest

from recallbench.domain import Encoding, TextSlice
from recallbench.domain.prompt import OPENING
from recallbench.prompts.assembly import Assembler, whole_slice
from recallbench.prompts.corpus import Corpus, tokenize_haystack
from recallbench.prompts.haystack import text_haystack
from recallbench.prompts.trunks import Trunks
from support.kits import kit, tokenizer_of
from support.tokenizer_zoo import ZOO
from support.word_tokenizer import WordTokenizer

OPENS = "Read this. "
TEXT = " ".join(f"word{number}" for number in range(3000))


class Parts:
    """A corpus of words, and prompts over it."""

    def __init__(self, tokenizer: WordTokenizer) -> None:
        self.corpus: Corpus = tokenize_haystack(text_haystack("words", TEXT), tokenizer, 3000)
        self.assembler = Assembler(tokenizer, self.corpus)
        self.trunks = Trunks(self.assembler, self.corpus)

    def shared(self, words: int, *, first: int = 0, name: str = "h") -> dict[str, int]:
        """What a prompt with so many words of the haystack from ``first`` on shares."""
        start, end = self.corpus.char_at(first), self.corpus.char_at(first + words)
        hay = TextSlice(source=self.corpus.text, start=start, end=end)
        tokens = self.assembler.assemble((whole_slice(OPENS), hay, whole_slice(" The key."))).tokens
        found = self.trunks.shared_by(tokens, opening=OPENS, haystack=(name, start))
        return {each.name: each.tokens for each in found}


@pytest.mark.parametrize("words", [1, 40, 95, 96, 97, 500, 2900])
def test_a_prompt_shares_the_opening_and_its_words_of_the_haystack(words: int) -> None:
    shared = Parts(WordTokenizer()).shared(words)

    # The space behind the opening goes with it or with a word behind it: one token more or less.
    assert shared[OPENING] in {2, 3}
    assert shared["h"] in {words + 2, words + 3}


def test_every_haystack_has_its_own_trunk_wherever_it_begins() -> None:
    parts = Parts(WordTokenizer())
    shared = [parts.shared(300, first=first, name=f"h{first}") for first in range(0, 2000, 100)]

    assert [each[f"h{first}"] for each, first in zip(shared, range(0, 2000, 100), strict=True)] == [
        shared[0]["h0"], *[shared[1]["h100"]] * 19
    ]  # fmt: skip
    assert parts.shared(300)["h"] == shared[0]["h0"]


def test_trunks_are_tokenized_once() -> None:
    class Counting(WordTokenizer):
        calls = 0

        def encode(self, text: str, *, at_start: bool = False) -> Encoding:
            Counting.calls += 1
            return super().encode(text, at_start=at_start)

    parts = Parts(Counting())
    parts.shared(300)
    Counting.calls = 0
    parts.shared(300)

    assert Counting.calls == 0


def test_what_is_not_shared_is_left_out() -> None:
    parts = Parts(WordTokenizer())
    tokens = parts.assembler.assemble((whole_slice("Elsewhere. "),)).tokens

    assert parts.trunks.shared_by(tokens, opening=OPENS, haystack=("h", 0)) == ()


@pytest.mark.parametrize("tokenizer_name", ZOO)
def test_what_a_prompt_shares_are_the_first_tokens_of_its_text_without_the_needle(
    tokenizer_name: str,
) -> None:
    """For any tokenizer: what merges with the needle's first characters does not count."""
    of, trunks_of = kit(tokenizer_name, "prose"), tokenizer_of(tokenizer_name)
    trunks = Trunks(Assembler(trunks_of, of.corpus), of.corpus)
    opening = of.frame.head + "Read.\n\n"
    assembler = Assembler(trunks_of, of.corpus)
    plain = trunks_of.encode(opening + of.corpus.text[:20_000], at_start=True).ids
    for end in (1, 17, 400, 4001, 9000):
        hay = TextSlice(source=of.corpus.text, start=0, end=end)
        tokens = assembler.assemble((whole_slice(opening), hay, whole_slice("mm The key."))).tokens
        ids = [token for part in tokens for token in part.ids]
        *_, haystack = trunks.shared_by(tokens, opening=opening, haystack=("h", 0))

        assert haystack.name == "h"
        assert ids[: haystack.tokens] == plain[: haystack.tokens].tolist()
        assert ids[haystack.tokens] != plain[haystack.tokens]
