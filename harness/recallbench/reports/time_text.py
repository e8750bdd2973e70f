"""Where the time of each variant went, in a line: start-up, prefill, decode, idle, shut-down.

Guarantees that an estimate is called one ("about"), that what is not known is left out, and that a
variant which was never started has no line. Knows no run but by its ``run.json``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

Time = Mapping[str, float | None]
"""A variant's ``time`` in ``run.json``: seconds by name; None is not known."""
START_UP, PREFILL, DECODE = "start-up", "prefill about", "decode about"
AT_WORK, IDLE, SHUT_DOWN = "at work", "idle", "shut-down"
"""What time goes into."""
_SHOWN_FROM_S = 0.05
"""Less is 0.0 in a line that has one decimal."""


class TimePart(NamedTuple):
    """One part of a variant's time."""

    name: str
    """What it went into; an estimate is ``about``."""
    seconds: float
    """How long it was."""


def time_lines(facts: Mapping[str, Any]) -> tuple[str, ...]:
    """A line for each variant that was started, without a full stop.

    Args:
        facts: contents of ``run.json``; one of an older recallbench has no times.
    """
    return tuple(
        f"{entry['name']}: {time_line(entry['time'])}"
        for entry in facts["variants"]
        if entry.get("time")
    )


def time_line(time: Time) -> str:
    """Such as ``96.1 s: start-up 41.2, prefill about 52.0, ...; client 2.1 s of CPU``."""
    whole = _sum(time, "waited_s", "asking_s", "shutdown_s")
    told = ", ".join(_told(part, time) for part in time_parts(time))
    client = time.get("client_s")
    cpu = "" if client is None else f"; client {client:.1f} s of CPU"
    return f"{'?' if whole is None else f'{whole:.1f}'} s: {told}{cpu}"


def time_parts(time: Time) -> tuple[TimePart, ...]:
    """The known parts, start-up first and shut-down last; no two of them are at one time.

    Of a start-up it is what no other variant was asked in.
    """
    named = {
        START_UP: time.get("waited_s"),
        **_work(time),
        IDLE: time.get("idle_s"),
        SHUT_DOWN: time.get("shutdown_s"),
    }
    return tuple(TimePart(name, part) for name, part in named.items() if part is not None)


def _told(part: TimePart, time: Time) -> str:
    ahead_s = _ahead(time) if part.name == START_UP else 0.0
    ahead = f" ({ahead_s:.1f} more beside another variant)" if ahead_s >= _SHOWN_FROM_S else ""
    return f"{part.name} {part.seconds:.1f}{ahead}"


def _work(time: Time) -> dict[str, float | None]:
    """Prefill and decode where the server tells them apart, else both together."""
    if time.get("prefill_s") is None or time.get("decode_s") is None:
        return {AT_WORK: time.get("busy_s")}
    return {PREFILL: time.get("prefill_s"), DECODE: time.get("decode_s")}


def _ahead(time: Time) -> float:
    """Seconds of the start-up in which another variant was asked."""
    startup_s, waited_s = time.get("startup_s"), time.get("waited_s")
    return 0.0 if startup_s is None or waited_s is None else startup_s - waited_s


def _sum(time: Time, *names: str) -> float | None:
    parts = [time.get(name) for name in names]
    known = [part for part in parts if part is not None]
    return sum(known) if len(known) == len(parts) else None
