"""What a trial of each length costs one variant: waiting, and prompt tokens that must be computed.

Guarantees the rules of ``stats.cost``: recalled and missed trials only, each by its latest record;
and that every figure comes with its trials and is None where it is unknown. Does not know how many
requests were in flight: latencies compare between variants only where that was alike.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean, median, quantiles

from recallbench.domain import TrialRecord
from recallbench.stats.cost import Figure
from recallbench.stats.summary import latest


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """The middle of some numbers, and how far apart they lie."""

    median: float
    """In the unit its field says."""
    low: float | None
    """10% of the numbers are below, between neighbours by their distance; None of a single one."""
    high: float | None
    """10% of the numbers are above; None of a single one."""
    n: int
    """Trials it is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LengthCost:
    """What the trials of one variant and one length cost."""

    length_tokens: int
    """Asked length of the whole prompt."""
    latency_s: Spread | None
    """Seconds from sending a request to its whole answer, last attempt only."""
    computed_tokens: Figure | None
    """Mean of the prompt tokens that the prefix cache did not have; None where the server does not
    count prompts, or tells of no trial of this variant what was cached."""


def length_costs(
    records: Iterable[TrialRecord], *, variant: str, lengths: Sequence[int]
) -> tuple[LengthCost, ...]:
    """The cost at each of ``lengths``, in their order.

    A server that reports cached tokens for some trials reports none for the others by leaving them
    out, as older vLLM did.

    Args:
        records: a journal in its order; superseded records and other variants' are left out.
        variant: name of the variant.
        lengths: asked lengths, in tokens.
    """
    own = latest(record for record in records if record.variant == variant)
    tells_cached = any(record.cached_tokens is not None for record in own)
    held: defaultdict[int, list[TrialRecord]] = defaultdict(list)
    for record in own:
        if record.outcome.is_measured:
            held[record.length_tokens].append(record)
    return tuple(
        LengthCost(
            length_tokens=length,
            latency_s=_latency(held[length]),
            computed_tokens=_computed(held[length]) if tells_cached else None,
        )
        for length in lengths
    )


def _latency(records: Iterable[TrialRecord]) -> Spread | None:
    return _spread([record.latency_s for record in records if record.latency_s is not None])


def _spread(numbers: Collection[float]) -> Spread | None:
    if not numbers:
        return None
    # Two numbers are the fewest with anything between them.
    tenths = quantiles(numbers, n=10, method="inclusive") if len(numbers) > 1 else None
    return Spread(
        median=median(numbers),
        low=tenths[0] if tenths else None,
        high=tenths[-1] if tenths else None,
        n=len(numbers),
    )


def _computed(records: Iterable[TrialRecord]) -> Figure | None:
    told = [
        (record.prompt_tokens, record.cached_tokens or 0)
        for record in records
        if record.prompt_tokens is not None
    ]
    # More from the cache than there is in the prompt tells nothing.
    computed = [prompt - cached for prompt, cached in told if cached <= prompt]
    return Figure(value=fmean(computed), n=len(computed)) if computed else None
