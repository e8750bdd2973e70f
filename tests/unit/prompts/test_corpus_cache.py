"""A corpus from the cache is the one that would be tokenized, or it is not taken from there."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recallbench.domain import Encoding
from recallbench.prompts import corpus_cache
from recallbench.prompts.corpus import Corpus, tokenize_haystack
from recallbench.prompts.corpus_cache import CACHE_LIMITS, CacheLimits, cached_corpus
from recallbench.prompts.haystack import Haystack, noise_haystack, prose_haystack, text_haystack
from recallbench.prompts.hf_tokenizer import HfTokenizer
from support.kits import HAYSTACKS, haystack_of
from support.tokenizer_zoo import tokenizer
from support.word_tokenizer import WordTokenizer

TEXT = "A short text. It has two sentences, and they return. "


class CountingTokenizer(WordTokenizer):
    """Knows how much it was asked to read."""

    characters = 0

    def encode(self, text: str, *, at_start: bool = False) -> Encoding:
        self.characters += len(text)
        return super().encode(text, at_start=at_start)


class Desk:
    """One cache folder, and all that was said over it."""

    def __init__(self, cache: Path) -> None:
        self.cache = cache
        self.said: list[str] = []
        self.tokenizer = CountingTokenizer()

    @property
    def files(self) -> list[Path]:
        folder = self.cache / "corpora"
        return sorted(folder.iterdir()) if folder.exists() else []

    def ask(
        self,
        haystack: Haystack | None = None,
        tokens: int = 300,
        fingerprint: str = "words",
        limits: CacheLimits = CACHE_LIMITS,
    ) -> Corpus:
        return cached_corpus(
            haystack or text_haystack("short", TEXT),
            self.tokenizer,
            tokens,
            fingerprint=fingerprint,
            cache=self.cache,
            say=self.said.append,
            limits=limits,
        )

    def reads(self, **asked: object) -> bool:
        """Whether the tokenizer had to read for an answer."""
        before = self.tokenizer.characters
        self.ask(**asked)  # type: ignore[arg-type]
        return self.tokenizer.characters > before


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "cache")


def from_cache(haystack: Haystack, of: HfTokenizer, tokens: int, cache: Path) -> Corpus:
    """As a second process gets it: the tokenizer is not asked."""
    said: list[str] = []

    class Deaf(WordTokenizer):
        def encode(self, text: str, *, at_start: bool = False) -> Encoding:
            raise AssertionError(text, at_start)

    for each in (of, Deaf()):
        corpus = cached_corpus(
            haystack, each, tokens, fingerprint=of.fingerprint, cache=cache, say=said.append
        )
    assert said == []
    return corpus


@pytest.mark.parametrize("haystack_name", HAYSTACKS)
def test_a_corpus_from_the_cache_is_the_one_that_was_tokenized(
    haystack_name: str, tmp_path: Path
) -> None:
    of = tokenizer("qwen2-thinking")
    haystack = haystack_of(haystack_name, of)
    fresh = tokenize_haystack(haystack, of, 3000)

    kept = from_cache(haystack, of, 3000, tmp_path)

    assert kept == fresh
    assert kept.sha256 == fresh.sha256
    assert {row.typecode for row in (kept.encoding.ids, kept.sentence_ends)} == {"I"}


def test_a_corpus_of_many_blocks_is_the_one_that_was_tokenized(tmp_path: Path) -> None:
    of = tokenizer("gpt2-chat")
    fresh = tokenize_haystack(prose_haystack(1), of, 60_000)

    assert len(fresh.text) > 2 * (1 << 16)
    assert from_cache(prose_haystack(1), of, 60_000, tmp_path) == fresh


def test_a_longer_corpus_does_not_serve_for_a_shorter_one(tmp_path: Path) -> None:
    """Its blocks end in the middle of words, so the shorter one's last tokens are others."""
    of = tokenizer("gpt2-chat")
    longer, shorter = (from_cache(prose_haystack(1), of, n, tmp_path) for n in (60_000, 20_000))

    count_ = len(shorter.encoding.ids)
    assert longer.text.startswith(shorter.text)
    assert longer.encoding.ids[:count_] != shorter.encoding.ids
    assert shorter == tokenize_haystack(prose_haystack(1), of, 20_000)


def test_the_second_time_nothing_is_tokenized(desk: Desk) -> None:
    first = desk.ask()

    assert not desk.reads()
    assert desk.ask() == first
    assert desk.said == []


@pytest.mark.parametrize(
    "other",
    [
        {"tokens": 301},
        {"fingerprint": "other words"},
        {"haystack": text_haystack("long", TEXT)},
        {"haystack": text_haystack("short", TEXT.replace("two", "2"))},
        {"haystack": Haystack(name="short", blocks=text_haystack("", TEXT).blocks)},
        {"haystack": noise_haystack()},
    ],
    ids=["tokens", "fingerprint", "name", "text", "pass", "kind"],
)
def test_whatever_a_corpus_follows_from_makes_it_another(
    desk: Desk, other: dict[str, object]
) -> None:
    desk.ask()

    assert desk.reads(**other)
    assert not desk.reads()
    assert desk.said == []


def test_another_seed_of_prose_is_another_corpus(desk: Desk) -> None:
    assert desk.ask(prose_haystack(1)).text != desk.ask(prose_haystack(2)).text
    assert desk.ask(prose_haystack(1)) == tokenize_haystack(prose_haystack(1), WordTokenizer(), 300)
    assert len(desk.files) == 2


@pytest.mark.parametrize("changed", ["_FORMAT", "version"])
def test_another_release_makes_it_anew(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, changed: str
) -> None:
    desk.ask()
    others = {"_FORMAT": -1, "version": lambda maker: f"{maker} of tomorrow"}
    monkeypatch.setattr(corpus_cache, changed, others[changed])

    assert desk.reads()


def test_a_generator_that_changed_behind_its_first_block_is_noticed(desk: Desk) -> None:
    def stream(later: str) -> Haystack:
        def blocks() -> Iterator[str]:
            yield "It begins alike. " * 5000
            while True:
                yield later

        return Haystack(name="stream", blocks=blocks)

    desk.ask(stream("Yes. " * 20_000), tokens=20_000)
    changed = desk.ask(stream("Or no. " * 20_000), tokens=20_000)

    assert "Or no." in changed.text
    assert changed == tokenize_haystack(stream("Or no. " * 20_000), WordTokenizer(), 20_000)
    assert ["of another text than the haystack stream has now" in said for said in desk.said] == [
        True
    ]


@given(place=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_one_changed_bit_is_found_wherever_it_is(
    tmp_path_factory: pytest.TempPathFactory, place: float, bit: int
) -> None:
    desk = Desk(tmp_path_factory.mktemp("cache"))
    fresh = desk.ask()
    (file,) = desk.files
    content = bytearray(file.read_bytes())
    content[int(place * len(content))] ^= 1 << bit
    file.write_bytes(content)

    assert desk.ask() == fresh
    assert [str(file) in said and "damaged" in said for said in desk.said] == [True]
    assert not desk.reads()


@pytest.mark.parametrize("left", [0, 1, 31, 32, 33, 200, -1])
def test_a_file_cut_short_is_found(desk: Desk, left: int) -> None:
    fresh = desk.ask()
    (file,) = desk.files
    file.write_bytes(file.read_bytes()[:left])

    assert desk.ask() == fresh
    assert len(desk.said) == 1
    assert not desk.reads()


def test_a_whole_file_under_another_name_is_found(desk: Desk) -> None:
    desk.ask(tokens=600)
    (longer,) = desk.files
    fresh = desk.ask()
    (file,) = set(desk.files) - {longer}
    longer.replace(file)

    assert desk.ask() == fresh
    assert ["another corpus under this name" in said for said in desk.said] == [True]


def test_a_file_in_place_of_the_folder_is_said_once_and_does_no_harm(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "file")
    desk.cache.write_text("not a folder")

    assert desk.ask() == tokenize_haystack(text_haystack("short", TEXT), WordTokenizer(), 300)
    assert [said.partition(": cannot be written: ")[0] for said in desk.said] == [
        f"haystack cache: {desk.cache / 'corpora'}"
    ]


def test_a_full_disk_is_said_once_and_leaves_nothing_behind(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_path: Path, _target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    corpus = desk.ask()

    assert len(corpus.encoding.ids) >= 300
    assert ["No space left on device" in said for said in desk.said] == [True]
    assert desk.files == []


def test_anybody_may_read_a_file_and_nothing_else_stays(desk: Desk) -> None:
    desk.ask()
    (file,) = desk.files

    assert file.stat().st_mode & 0o777 == 0o644


def test_several_at_once_get_the_same(desk: Desk) -> None:
    together = threading.Barrier(4)
    found: list[Corpus] = []

    def ask() -> None:
        together.wait()
        found.append(desk.ask(prose_haystack(1), tokens=2000))

    askers = [threading.Thread(target=ask) for _ in range(4)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()

    assert found == [tokenize_haystack(prose_haystack(1), WordTokenizer(), 2000)] * 4
    assert len(desk.files) == 1
    assert desk.said == []


class TestBounds:
    """The folder holds what was used last."""

    def fill(self, desk: Desk, numbers: range, limits: CacheLimits) -> dict[int, Path]:
        """Ask for corpora of so many tokens, each used a second after the one before."""
        named: dict[int, Path] = {}
        for second, tokens in zip(count(1000), numbers, strict=False):
            before = set(desk.files)
            desk.ask(tokens=tokens, limits=limits)
            (named[tokens],) = set(desk.files) - before
            os.utime(named[tokens], (second, second))
        return named

    def test_by_number(self, desk: Desk) -> None:
        named = self.fill(desk, range(300, 305), CacheLimits(files=3))

        assert set(desk.files) == {named[302], named[303], named[304]}

    def test_by_size(self, desk: Desk) -> None:
        size_bytes = self.fill(desk, range(300, 301), CACHE_LIMITS)[300].stat().st_size
        named = self.fill(desk, range(301, 305), CacheLimits(size_bytes=5 * size_bytes // 2))

        assert set(desk.files) == {named[303], named[304]}

    def test_one_that_is_larger_than_all_may_stay_alone(self, desk: Desk) -> None:
        self.fill(desk, range(300, 303), CacheLimits(size_bytes=10))

        assert len(desk.files) == 1

    def test_what_is_used_counts_as_new(self, desk: Desk) -> None:
        named = self.fill(desk, range(300, 303), CacheLimits(files=3))
        assert not desk.reads(tokens=300)
        desk.ask(tokens=400, limits=CacheLimits(files=3))

        assert named[300] in desk.files
        assert named[301] not in desk.files

    def test_leftovers_of_dead_writers_go_too(self, desk: Desk) -> None:
        self.fill(desk, range(300, 301), CACHE_LIMITS)
        leftover = desk.cache / "corpora" / "tmpdead"
        leftover.write_bytes(b"half")
        os.utime(leftover, (5, 5))
        self.fill(desk, range(301, 302), CacheLimits(files=2))

        assert leftover not in desk.files


def test_a_corpus_says_whether_its_text_is_repeated(desk: Desk) -> None:
    once = text_haystack("once", "Enough words for all. " * 100)

    for _ in range(2):
        assert desk.ask().repeated
        assert not desk.ask(once).repeated


def test_prompts_take_slices_of_a_kept_corpus_too(desk: Desk) -> None:
    for _ in range(2):
        corpus = desk.ask()

        assert corpus.stock.ids is corpus.encoding.ids
