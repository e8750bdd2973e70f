"""What the prefix cache gave is held against what it should have given, trial by trial."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recallbench.domain import TrialRecord
from recallbench.stats.cache_use import MANY, CacheFinding, CacheUse, cache_use
from support.records import record

BLOCK = 16


def trial(
    repeat: int,
    expected: int | None = 800,
    cached: int | None = 800,
    *,
    tokens: int | None = 1000,
    attempts: int = 1,
) -> TrialRecord:
    return replace(
        record(repeat=repeat),
        prompt_tokens=tokens,
        expected_cached_tokens=expected,
        cached_tokens=cached,
        attempts=attempts,
    )


def use_of(*records: TrialRecord, is_cold: bool = False, block: int | None = BLOCK) -> CacheUse:
    found = cache_use(records, variant="v", block_tokens=block, is_cold=is_cold)
    assert found is not None
    return found


def test_both_counts_are_summed_over_the_same_trials() -> None:
    use = use_of(trial(0, expected=0, cached=0), trial(1), trial(2, cached=790))

    assert (use.n, use.prompt_tokens) == (3, 3000)
    assert (use.expected_tokens, use.reported_tokens) == (1600, 1590)
    assert (use.compared, use.short, use.warmer) == (3, 0, 0)
    assert use.finding is CacheFinding.FINE


@pytest.mark.parametrize(
    ("cached", "finding"),
    [
        (800 - BLOCK, CacheFinding.FINE),
        (800 - BLOCK - 1, CacheFinding.SHORT),
        (800 + BLOCK, CacheFinding.FINE),
        (800 + BLOCK + 1, CacheFinding.WARMER),
    ],
)
def test_a_block_more_or_less_is_no_finding(cached: int, finding: CacheFinding) -> None:
    assert use_of(trial(0), trial(1, cached=cached)).finding is finding


def test_without_the_size_of_a_block_any_difference_is_one() -> None:
    assert use_of(trial(0, cached=799), block=None).finding is CacheFinding.SHORT


def test_a_cache_that_gave_nothing_to_many_is_off() -> None:
    nothing = [trial(number, cached=0) for number in range(MANY)]

    assert use_of(*nothing).finding is CacheFinding.OFF
    assert use_of(*nothing[1:]).finding is CacheFinding.SHORT, "two may have been evicted"
    assert use_of(*nothing, trial(9)).finding is CacheFinding.SHORT, "one found its prefix"


def test_what_the_short_ones_lack_is_summed() -> None:
    use = use_of(trial(0, cached=0), trial(1, cached=700), trial(2), trial(3, cached=900))

    assert (use.short, use.short_tokens, use.warmer) == (2, 900, 1)
    assert use.finding is CacheFinding.SHORT, "what was lost comes before what was found"


def test_a_request_that_was_sent_again_is_held_against_neither() -> None:
    use = use_of(trial(0), trial(1, expected=0, cached=900, attempts=2))

    assert (use.finding, use.compared, use.n) == (CacheFinding.FINE, 1, 2)


def test_a_server_that_never_tells_is_not_called_off() -> None:
    use = use_of(*(trial(number, cached=None) for number in range(5)))

    assert (use.finding, use.reported_tokens, use.compared) == (CacheFinding.NOT_TOLD, None, 0)


def test_a_count_left_out_beside_others_is_none_found() -> None:
    use = use_of(trial(0, expected=0, cached=None), trial(1))

    assert (use.finding, use.reported_tokens) == (CacheFinding.FINE, 800)
    assert use_of(trial(0, cached=None), trial(1)).finding is CacheFinding.SHORT


def test_without_an_expectation_nothing_is_found() -> None:
    use = use_of(trial(0, expected=None), trial(1, expected=None))

    assert (use.finding, use.expected_tokens) == (CacheFinding.NOT_EXPECTED, None)
    assert use.reported_tokens == 1600


def test_only_trials_with_an_expectation_count_where_some_have_one() -> None:
    use = use_of(trial(0, expected=None), trial(1))

    assert (use.n, use.prompt_tokens, use.expected_tokens) == (1, 1000, 800)


def test_a_cold_cache_gives_nothing_and_is_told_where_it_does() -> None:
    cold = use_of(trial(0, cached=0), trial(1, cached=None), is_cold=True)
    warm = use_of(trial(0, cached=0), trial(1, cached=16), is_cold=True)

    assert (cold.finding, cold.expected_tokens) == (CacheFinding.COLD, 0)
    assert (warm.finding, warm.reported_tokens) == (CacheFinding.NOT_COLD, 16)


def test_trials_without_an_answer_and_other_variants_do_not_count() -> None:
    other = replace(trial(0), variant="other")

    assert cache_use([trial(0, tokens=None), other], variant="v", block_tokens=BLOCK) is None
    assert use_of(trial(0), other).n == 1


def test_a_trial_counts_by_its_latest_record() -> None:
    assert use_of(trial(0, cached=0), trial(0)).reported_tokens == 800


def test_a_block_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="block_tokens must be at least 1, got 0"):
        cache_use([], variant="v", block_tokens=0)


gaps = st.lists(st.tuples(st.integers(0, 1000), st.integers(0, 1000)), min_size=1, max_size=8)


@given(gaps, st.booleans())
def test_the_tokens_found_are_those_of_the_records(
    counts: list[tuple[int, int]],
    is_cold: bool,  # noqa: FBT001 - drawn
) -> None:
    records = [trial(i, expected=e, cached=c) for i, (e, c) in enumerate(counts)]

    use = use_of(*records, is_cold=is_cold)

    assert use.reported_tokens == sum(cached for _, cached in counts)
    assert use.expected_tokens == (0 if is_cold else sum(expected for expected, _ in counts))
    assert use.short + use.warmer <= use.compared <= use.n == len(counts)
    assert (use.finding is CacheFinding.FINE) <= (use.short == use.warmer == 0)
