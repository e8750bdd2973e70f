"""What an engine did while a variant was asked: at work or idle, and of the work prefill or decode.

Guarantees that requests which overlap count once, and that prefill and decode are together the time
at work. How long one request waited for its first token is not known to the client, which gets
whole answers; only the server's sums over all requests are. So each request is cut at the same
share of its own time, and the split is an estimate: say "about". Knows no engine and no clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import inf
from typing import NamedTuple


class Flight(NamedTuple):
    """The time one request was on its way, on any one clock in seconds."""

    sent_s: float
    """When it was sent."""
    done_s: float
    """When its answer, or its failure, was there; not before ``sent_s``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeUse:
    """What an engine did, in seconds."""

    busy_s: float
    """With at least one request in flight."""
    prefill_s: float | None
    """Of it about so long with a request that waited for its first token; None is not known."""
    decode_s: float | None
    """The rest of it, about; None is not known."""


def time_use(flights: Iterable[Flight], first_token_share: float | None) -> TimeUse:
    """Take the time of some requests apart.

    Args:
        flights: one for each request, in any order.
        first_token_share: part of a request's time until its first token, in [0, 1], as the mean
            over all requests has it; None is not known.

    Raises:
        ValueError: the share is outside [0, 1], or a request is done before it is sent.
    """
    if first_token_share is not None and not 0 <= first_token_share <= 1:
        raise ValueError(f"first_token_share is {first_token_share}; allowed are 0 to 1 and None")
    whole = tuple(flights)
    busy_s = _covered(whole)
    if whole and first_token_share is None:
        return TimeUse(busy_s=busy_s, prefill_s=None, decode_s=None)
    share = first_token_share or 0.0
    until_first = (Flight(sent, sent + share * (done - sent)) for sent, done in whole)
    # Rounding must not make a part larger than the whole.
    prefill_s = min(busy_s, _covered(until_first))
    return TimeUse(busy_s=busy_s, prefill_s=prefill_s, decode_s=busy_s - prefill_s)


def first_token_share(counts: Mapping[str, float | None] | None) -> float | None:
    """The mean time until the first token over the mean time of whole requests, in [0, 1].

    Args:
        counts: growth of a server's counts, named as in ``engines.server_metrics.ServerCounts``;
            None is not known.

    Returns:
        None where the server does not show all of it, or has finished no request.
    """
    known = counts or {}
    first_s, firsts = known.get("first_token_s"), known.get("first_tokens")
    whole_s, wholes = known.get("whole_s"), known.get("requests")
    if first_s is None or whole_s is None or not firsts or not wholes or whole_s <= 0:
        return None
    # Each mean by its own number: a request that was given up has a first token and no end.
    return min(1.0, (first_s / firsts) / (whole_s / wholes))


def _covered(flights: Iterable[Flight]) -> float:
    """Seconds with at least one of them on its way."""
    covered_s, until_s = 0.0, -inf
    for sent_s, done_s in sorted(flights):
        if done_s < sent_s:
            raise ValueError(f"a request is done at {done_s} s and sent at {sent_s} s, later")
        covered_s += max(0.0, done_s - max(sent_s, until_s))
        until_s = max(until_s, done_s)
    return covered_s
