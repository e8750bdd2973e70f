"""Which requests were alone at the server, as far as a journal can tell.

A record says when its outcome was known (the client's clock, cut to its last written digit) and
how long its last attempt took. Where the clock's step, or an overlap too short to matter, leaves it
open whether a request was alone, nothing is said of it. Earlier attempts, requests without a
latency (refused or failed ones) and other clients of the server are not seen.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from recallbench.domain import TrialRecord

_MATTERS = 0.05
"""Share of its own time for which a request must have company before it counts as accompanied."""
_WHOLE_SECOND = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Flight:
    """The time in which one request was at the server."""

    trial_id: str
    """Which trial it was of."""
    start_s: float
    """When it was sent, in seconds since 1970."""
    end_s: float
    """When its response was there."""
    step_s: float
    """Step of the clock that was written down: both may be as much later."""


def accompanied(records: Sequence[TrialRecord]) -> Mapping[str, bool]:
    """By trial, whether other requests were in flight; trials of which it is open are left out."""
    flights = sorted(filter(None, map(_flight, records)), key=lambda flight: flight.start_s)
    overlaps = _longest_overlaps(flights)
    told: dict[str, bool] = {}
    for flight, overlap_s in zip(flights, overlaps, strict=True):
        matters_s = _MATTERS * (flight.end_s - flight.start_s)
        if overlap_s - flight.step_s > matters_s:
            told[flight.trial_id] = True
        elif overlap_s + flight.step_s <= matters_s:
            told[flight.trial_id] = False
    return told


def coarsest_step_s(records: Sequence[TrialRecord]) -> float | None:
    """The longest step of the clock among the records; None where no time is known."""
    return max((flight.step_s for flight in map(_flight, records) if flight), default=None)


def _flight(record: TrialRecord) -> Flight | None:
    if record.finished_at is None or record.latency_s is None:
        return None
    try:
        end_s = datetime.fromisoformat(record.finished_at).timestamp()
    except ValueError:
        return None
    return Flight(
        trial_id=record.trial_id,
        start_s=end_s - record.latency_s,
        end_s=end_s,
        step_s=_step_s(record.finished_at),
    )


def _step_s(written: str) -> float:
    fraction = re.search(r":\d\d[.,](\d+)", written)
    return 10.0 ** -len(fraction[1]) if fraction else _WHOLE_SECOND


def _longest_overlaps(flights: Sequence[Flight]) -> list[float]:
    """The longest time each was in flight with one other; flights are sorted by their start."""
    overlaps = [float("-inf")] * len(flights)
    latest_end_s = float("-inf")
    for index, flight in enumerate(flights):
        overlaps[index] = max(overlaps[index], min(flight.end_s, latest_end_s) - flight.start_s)
        latest_end_s = max(latest_end_s, flight.end_s)
        for later in flights[index + 1 :]:
            # The next one always, so that a gap is known by its width too.
            overlap_s = min(flight.end_s, later.end_s) - later.start_s
            overlaps[index] = max(overlaps[index], overlap_s)
            if later.start_s >= flight.end_s:
                break
    return overlaps
