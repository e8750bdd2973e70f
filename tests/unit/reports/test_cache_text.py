"""The cache is told with its tokens and trials, and what is wrong with what to do."""

from __future__ import annotations

import pytest

from recallbench.reports.cache_text import cache_lines, cache_sentence, cache_warning
from recallbench.stats.cache_use import CacheFinding, CacheUse


def use_of(
    finding: CacheFinding,
    expected: int | None = 13_613_500,
    reported: int | None = 13_600_000,
    *,
    n: int = 275,
    short: int = 0,
    warmer: int = 0,
) -> CacheUse:
    return CacheUse(
        n=n,
        prompt_tokens=14_330_000,
        expected_tokens=expected,
        reported_tokens=reported,
        compared=n,
        short=short,
        short_tokens=900 * short,
        warmer=warmer,
        finding=finding,
    )


def test_shares_stand_with_tokens_and_trials() -> None:
    assert cache_sentence(use_of(CacheFinding.FINE)) == (
        "prefix cache: shared; 95% of 14,330,000 prompt tokens expected, 95% reported (275 trials)"
    )


@pytest.mark.parametrize(
    ("use", "told"),
    [
        (
            use_of(CacheFinding.COLD, 0, 0, n=1),
            (
                "prefix cache: cold, none of 14,330,000 prompt tokens expected, none reported "
                "(1 trial)"
            ),
        ),
        (
            use_of(CacheFinding.COLD, 0, None),
            (
                "prefix cache: cold, none of 14,330,000 prompt tokens expected, reported is "
                "not told (275 trials)"
            ),
        ),
        (
            use_of(CacheFinding.NOT_EXPECTED, None),
            (
                "prefix cache: shared; of 14,330,000 prompt tokens 95% reported, expected is "
                "not known (275 trials)"
            ),
        ),
        (
            use_of(CacheFinding.NOT_TOLD, reported=None),
            (
                "prefix cache: shared; 95% of 14,330,000 prompt tokens expected, reported is "
                "not told (275 trials)"
            ),
        ),
        (
            use_of(CacheFinding.WARMER, 0, 1),
            (
                "prefix cache: shared; 0% of 14,330,000 prompt tokens expected, <1% reported "
                "(275 trials)"
            ),
        ),
    ],
)
def test_it_says_which_cache_it_was_and_what_is_not_known(use: CacheUse, told: str) -> None:
    assert cache_sentence(use) == told


@pytest.mark.parametrize(
    "finding", [CacheFinding.FINE, CacheFinding.COLD, CacheFinding.NOT_EXPECTED]
)
def test_where_nothing_is_wrong_nothing_is_warned_of(finding: CacheFinding) -> None:
    assert cache_warning(use_of(finding)) is None
    assert len(cache_lines(use_of(finding))) == 1


@pytest.mark.parametrize(
    ("use", "words"),
    [
        (
            use_of(CacheFinding.OFF, reported=0, short=270),
            ("270 trials", "it is off", "--enable-prefix-caching"),
        ),
        (
            use_of(CacheFinding.SHORT, short=2),
            ("2 of 275 trials", "1,800 tokens", "too small", "--concurrency", "ask one of them"),
        ),
        (
            use_of(CacheFinding.WARMER, warmer=3),
            ("3 of 275 trials", "something else uses the server", "not of this run alone"),
        ),
        (
            use_of(CacheFinding.NOT_COLD, 0, 16),
            ("16 tokens", "salted", "--no-enable-prefix-caching"),
        ),
        (
            use_of(CacheFinding.NOT_TOLD, reported=None),
            ("reports no cached tokens", "--enable-prompt-tokens-details"),
        ),
    ],
)
def test_what_is_wrong_comes_with_what_to_do(use: CacheUse, words: tuple[str, ...]) -> None:
    warning = cache_warning(use)

    assert warning is not None
    assert [word for word in words if word not in warning] == []
    assert not warning.endswith(".")
    assert cache_lines(use) == (cache_sentence(use), f"warning: {warning}")


def test_a_cache_that_is_too_small_is_told_with_its_size() -> None:
    use = use_of(CacheFinding.SHORT, short=2)

    assert "the KV cache of 796,960 tokens is too small" in (cache_warning(use, 796_960) or "")
    assert "the KV cache is too small" in (cache_warning(use) or "")


def test_a_server_that_does_not_tell_is_no_matter_where_nothing_was_expected() -> None:
    assert cache_warning(use_of(CacheFinding.NOT_TOLD, 0, None)) is None
