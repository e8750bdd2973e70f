"""Where the time of each variant went, in a line: start-up, prefill, decode, idle, shut-down.

Guarantees that an estimate is called one ("about"), that what is not known is left out of the line,
and that a variant which was never started has none. Knows no run but by its ``run.json``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_SHOWN_FROM_S = 0.05
"""Less is 0.0 in a line that has one decimal."""


def time_lines(facts: Mapping[str, Any]) -> tuple[str, ...]:
    """A line for each variant that was started, without a full stop.

    Args:
        facts: contents of ``run.json``; one of an older recallbench has no times.
    """
    return tuple(
        f"{entry['name']}: {_line(entry['time'])}"
        for entry in facts["variants"]
        if entry.get("time")
    )


def _line(time: Mapping[str, float | None]) -> str:
    """Such as ``96.1 s: start-up 41.2, prefill about 52.0, ...; client 2.1 s of CPU``."""
    ahead_s = _ahead(time)
    whole = _sum(time, "waited_s", "asking_s", "shutdown_s")
    ahead = f" ({ahead_s:.1f} more beside another variant)" if ahead_s >= _SHOWN_FROM_S else ""
    parts = [
        _part("start-up", time.get("waited_s"), after=ahead),
        *_work(time),
        _part("idle", time.get("idle_s")),
        _part("shut-down", time.get("shutdown_s")),
    ]
    told = ", ".join(part for part in parts if part)
    client = time.get("client_s")
    cpu = "" if client is None else f"; client {client:.1f} s of CPU"
    return f"{'?' if whole is None else f'{whole:.1f}'} s: {told}{cpu}"


def _work(time: Mapping[str, float | None]) -> list[str]:
    """Prefill and decode where the server tells them apart, else both together."""
    if time.get("prefill_s") is None or time.get("decode_s") is None:
        return [_part("at work", time.get("busy_s"))]
    return [
        _part("prefill about", time.get("prefill_s")),
        _part("decode about", time.get("decode_s")),
    ]


def _ahead(time: Mapping[str, float | None]) -> float:
    """Seconds of the start-up in which another variant was asked."""
    startup_s, waited_s = time.get("startup_s"), time.get("waited_s")
    return 0.0 if startup_s is None or waited_s is None else startup_s - waited_s


def _sum(time: Mapping[str, float | None], *names: str) -> float | None:
    parts = [time.get(name) for name in names]
    known = [part for part in parts if part is not None]
    return sum(known) if len(known) == len(parts) else None


def _part(name: str, seconds: float | None, *, after: str = "") -> str:
    return "" if seconds is None else f"{name} {seconds:.1f}{after}"
