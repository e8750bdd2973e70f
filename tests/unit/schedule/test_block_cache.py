"""Blocks are found by all that goes before them, and given up from the end of the oldest prompt.

``tests/integration/test_vllm_blocks.py`` holds the same class against vLLM's own manager.
"""

from __future__ import annotations

from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recallbench.schedule.block_cache import BlockCache, Score, score

FEW_TOKENS = st.lists(st.integers(0, 1), min_size=1, max_size=20)


def ids(*spans: range) -> array[int]:
    return array("I", [token for span in spans for token in span])


def common(one: list[int], other: list[int]) -> int:
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (ours, theirs) in pairs if ours != theirs), min(len(one), len(other)))


def test_a_prompt_finds_the_whole_blocks_of_one_that_began_alike() -> None:
    cache = BlockCache(16, None)

    assert cache.run(ids(range(100))) == 0
    assert cache.run(ids(range(50), range(900, 950))) == 48
    assert cache.run(ids(range(15), range(900, 950))) == 0


def test_the_last_token_is_computed_and_with_it_its_block() -> None:
    cache = BlockCache(16, None)
    cache.run(ids(range(100)))

    assert cache.run(ids(range(64))) == 48
    assert cache.run(ids(range(65))) == 64


def test_like_blocks_behind_unlike_ones_are_not_found() -> None:
    cache = BlockCache(4, None)
    cache.run(ids(range(40)))

    assert cache.run(ids(range(90, 94), range(4, 40))) == 0


def test_the_last_blocks_of_the_oldest_prompt_are_given_up_first() -> None:
    cache = BlockCache(10, 10)
    cache.run(ids(range(50)))
    cache.run(ids(range(100, 150)))
    cache.run(ids(range(200, 220)))

    assert cache.run(ids(range(51))) == 30
    # The whole of the second had to go for the first one's blocks, but for its beginning.
    assert cache.run(ids(range(100, 151))) == 20


def test_a_prompt_that_is_found_becomes_the_youngest() -> None:
    cache = BlockCache(10, 10)
    cache.run(ids(range(50)))
    cache.run(ids(range(100, 150)))
    cache.run(ids(range(41)))
    cache.run(ids(range(200, 240)))

    assert cache.run(ids(range(41))) == 40


def test_an_answer_takes_room_but_for_its_last_token() -> None:
    alone, answered = BlockCache(10, 10), BlockCache(10, 10)
    for cache, tokens in ((alone, 1), (answered, 2)):
        cache.run(ids(range(50)), tokens)
        cache.run(ids(range(100, 150)), tokens)

    assert alone.run(ids(range(51))) == 50
    assert answered.run(ids(range(51))) == 40


def test_a_block_with_some_of_an_answer_is_not_found() -> None:
    cache = BlockCache(10, None)
    cache.run(ids(range(95)), answer_tokens=100)

    assert cache.run(ids(range(200))) == 90


def test_a_block_that_was_computed_twice_is_found_until_both_are_given_up() -> None:
    cache = BlockCache(10, 10)
    cache.run(ids(range(20)))
    cache.run(ids(range(20)))  # its last block is computed again, and stands twice
    cache.run(ids(range(100, 180)))

    assert cache.run(ids(range(21))) == 20


def test_the_longest_request_fills_the_cache() -> None:
    cache = BlockCache(10, 10)

    assert cache.run(ids(range(100))) == 0
    with pytest.raises(ValueError, match=r"101 tokens takes 11 blocks of 10; the cache has 10"):
        cache.run(ids(range(100)), answer_tokens=2)
    assert cache.run(ids(range(100))) == 90


@pytest.mark.parametrize(("block", "capacity"), [(0, 5), (5, 0)])
def test_an_impossible_cache_is_refused(block: int, capacity: int) -> None:
    with pytest.raises(ValueError, match="is 0; a"):
        BlockCache(block, capacity)


def test_a_score_counts_what_is_asked_and_what_is_computed() -> None:
    found = score([ids(range(100)), ids(range(100))], BlockCache(16, None))

    assert found == Score(prompt_tokens=200, computed_tokens=104, requests=2)
    assert found.share_cached == pytest.approx(0.48)


def test_no_prompts_have_no_share() -> None:
    assert score([], BlockCache(16, None)).share_cached is None


def test_a_score_gives_each_prompt_its_answer() -> None:
    prompts = [ids(range(50)), ids(range(100, 150)), ids(range(51))]

    assert score(prompts, BlockCache(10, 10), answer_tokens=2).computed_tokens == 100 + 11


@given(st.lists(FEW_TOKENS, max_size=12), st.integers(1, 5))
def test_with_all_the_room_it_finds_what_the_most_alike_prompt_left(
    prompts: list[list[int]], block: int
) -> None:
    cache = BlockCache(block, None)
    for number, prompt in enumerate(prompts):
        alike = max((common(prompt, other) for other in prompts[:number]), default=0)

        assert cache.run(array("I", prompt)) == min(alike, len(prompt) - 1) // block * block


@given(st.lists(FEW_TOKENS, max_size=12), st.integers(1, 5), st.integers(0, 30))
def test_it_never_holds_more_than_it_has(prompts: list[list[int]], block: int, spare: int) -> None:
    capacity = 20 + spare
    cache = BlockCache(block, capacity)
    for prompt in prompts:
        cache.run(array("I", prompt))

        doubles = sum(map(len, cache._doubles.values()))
        assert len(cache._queue) + cache._blank == capacity
        assert len(cache._found) + doubles == len(cache._queue)
