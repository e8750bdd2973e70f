"""What the server's prefix cache gave to one variant's trials, against what it should have given.

Guarantees that expected and reported tokens are of the same trials, that a trial counts once, and
that a request sent twice is not held against either: its first attempt may have filled the cache.
Does not know why a cache gave less than expected: an evicted block, a request that another replica
answered and a prefix that was still being computed look alike from outside.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from recallbench.domain import TrialRecord
from recallbench.stats.summary import latest

MANY = 3
"""Trials without the tokens expected of them after which an unused cache is called off."""


class CacheFinding(StrEnum):
    """What the two counts come to."""

    FINE = "fine"
    """Reported is what was expected, to a block a trial."""
    OFF = "off"
    """Nothing was cached in any of many trials that should have found something."""
    SHORT = "short"
    """Some trials found less: their prefix was evicted, or stood in another replica."""
    WARMER = "warmer"
    """Some trials found more, and none less: something else has filled the cache too."""
    NOT_TOLD = "not told"
    """The server reports no cached tokens."""
    NOT_EXPECTED = "not expected"
    """What should have been cached is not known: the server does not tell the size of a block."""
    COLD = "cold"
    """Every request was salted, and nothing was cached."""
    NOT_COLD = "not cold"
    """Every request was salted, and tokens were cached all the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheUse:
    """Prompt tokens of one variant's answered trials, and how many came from the cache."""

    n: int
    """Trials answered whose prompt tokens the server counted; the tokens below are theirs."""
    prompt_tokens: int
    """Tokens of their prompts."""
    expected_tokens: int | None
    """Of these, tokens that the cache should have held; None where that is not known."""
    reported_tokens: int | None
    """Of these, tokens that the server took from its cache; None where it does not say."""
    compared: int
    """Trials asked in one attempt whose expected and reported tokens are both known."""
    short: int
    """Of the compared, those with less from the cache than expected, by more than a block."""
    short_tokens: int
    """What these lack together."""
    warmer: int
    """Of the compared, those with more from the cache than expected, by more than a block."""
    finding: CacheFinding
    """What it comes to."""


def cache_use(
    records: Iterable[TrialRecord],
    *,
    variant: str,
    block_tokens: int | None,
    is_cold: bool = False,
) -> CacheUse | None:
    """Count what the prefix cache gave; None without an answered trial.

    A server that reports cached tokens for some trials reports none for the others by leaving them
    out, as older vLLM did.

    Args:
        records: a journal in its order; superseded records and other variants' are left out.
        variant: name of the variant.
        block_tokens: tokens in a block of the KV cache; None is not known, and then any difference
            is one.
        is_cold: whether every request was salted so that none is helped by another.

    Raises:
        ValueError: ``block_tokens`` is below 1.
    """
    if block_tokens is not None and block_tokens < 1:
        raise ValueError(f"block_tokens must be at least 1, got {block_tokens}")
    held = _comparable(records, variant)
    if not held:
        return None
    expected, reported = (0 if is_cold else _expected(held)), _reported(held)
    slack = block_tokens or 0
    gaps = [] if expected is None or reported is None or is_cold else _gaps(held)
    lacking = [-gap for gap in gaps if gap < -slack]
    warmer = sum(gap > slack for gap in gaps)
    return CacheUse(
        n=len(held),
        prompt_tokens=sum(record.prompt_tokens or 0 for record in held),
        expected_tokens=expected,
        reported_tokens=reported,
        compared=len(gaps),
        short=len(lacking),
        short_tokens=sum(lacking),
        warmer=warmer,
        finding=_cold(reported)
        if is_cold
        else _shared(expected, reported, short=len(lacking), warmer=warmer),
    )


def _comparable(records: Iterable[TrialRecord], variant: str) -> list[TrialRecord]:
    """Answered trials; only those with an expectation where some have one, as after a resume."""
    own = [record for record in latest(records) if record.variant == variant]
    answered = [record for record in own if record.prompt_tokens is not None]
    known = [record for record in answered if record.expected_cached_tokens is not None]
    return known or answered


def _expected(records: Sequence[TrialRecord]) -> int | None:
    tokens = [record.expected_cached_tokens for record in records]
    return None if None in tokens else sum(number or 0 for number in tokens)


def _reported(records: Sequence[TrialRecord]) -> int | None:
    tokens = [record.cached_tokens for record in records if record.cached_tokens is not None]
    return sum(tokens) if tokens else None


def _gaps(records: Sequence[TrialRecord]) -> list[int]:
    """Reported less expected tokens of each trial that was sent once."""
    return [
        (record.cached_tokens or 0) - (record.expected_cached_tokens or 0)
        for record in records
        if record.attempts <= 1
    ]


def _cold(reported: int | None) -> CacheFinding:
    return CacheFinding.NOT_COLD if reported else CacheFinding.COLD


def _shared(expected: int | None, reported: int | None, *, short: int, warmer: int) -> CacheFinding:
    if reported is None:
        return CacheFinding.NOT_TOLD
    if expected is None:
        return CacheFinding.NOT_EXPECTED
    if not reported and short >= MANY:
        return CacheFinding.OFF
    if short:
        return CacheFinding.SHORT
    return CacheFinding.WARMER if warmer else CacheFinding.FINE
