"""Where the time of each variant went, as bars on one scale, and in words below each.

Guarantees that the words are those of ``reports/time_text`` and the bars its parts, and that a
label is only where it has room. Knows no HTML: ``templates/chart.html.j2`` writes it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from recallbench.reports.page.chart_scale import LEAST_SPAN, ChartScale, scale_between
from recallbench.reports.page.column_labels import text_width
from recallbench.reports.page.line_chart import WIDTH
from recallbench.reports.time_text import (
    AT_WORK,
    DECODE,
    IDLE,
    PREFILL,
    SHUT_DOWN,
    START_UP,
    TimePart,
    time_line,
    time_parts,
)

_PADDING = 4
_MARGIN = 2


class TimeTick(NamedTuple):
    """A number of seconds below the bars."""

    text: str
    """As written."""
    x: float
    """Where it stands."""
    text_x: float
    """Middle of the text, moved into the chart."""


class TimeKind(NamedTuple):
    """What time goes into."""

    kind: str
    """Its class in the stylesheet is ``time-`` and this."""
    name: str
    """In words."""


_KINDS = {
    START_UP: TimeKind("start-up", "start-up"),
    PREFILL: TimeKind("prefill", "prefill (about)"),
    DECODE: TimeKind("decode", "decode (about)"),
    AT_WORK: TimeKind("at-work", "at work"),
    IDLE: TimeKind("idle", "idle"),
    SHUT_DOWN: TimeKind("shut-down", "shut-down"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class BarPart:
    """A part of a bar."""

    kind: str
    """Its class in the stylesheet is ``time-`` and this."""
    x: float
    """Left edge."""
    width: float
    """To its right edge."""
    label: str | None
    """What is written on it; None where that has no room."""
    label_width: float
    """What the label takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeBar:
    """The time of one variant."""

    variant: str
    """Its name."""
    told: str
    """All its parts in words."""
    parts: tuple[BarPart, ...]
    """From left to right; those of no width are left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeBars:
    """The time of a run."""

    bars: tuple[TimeBar, ...]
    """One for each variant that was started."""
    legend: tuple[TimeKind, ...]
    """What the bars are made of."""
    ticks: tuple[TimeTick, ...]
    """The scale of seconds, from 0."""


def time_bars(facts: Mapping[str, Any]) -> TimeBars | None:
    """Draw where the time went; None where no time is known.

    Args:
        facts: contents of ``run.json``; one of an older recallbench has no times.
    """
    times = {entry["name"]: entry["time"] for entry in facts["variants"] if entry.get("time")}
    parts = {name: time_parts(time) for name, time in times.items()}
    longest = max((sum(part.seconds for part in held) for held in parts.values()), default=0.0)
    if longest < LEAST_SPAN:
        return None
    scale = scale_between(0.0, longest)
    drawn = {name: tuple(_drawn(held, scale)) for name, held in parts.items()}
    used = {part.kind for held in drawn.values() for part in held}
    return TimeBars(
        bars=tuple(
            TimeBar(variant=name, told=time_line(time), parts=drawn[name])
            for name, time in times.items()
        ),
        legend=tuple(each for each in _KINDS.values() if each.kind in used),
        ticks=tuple(_tick(value, scale) for value in scale.ticks),
    )


def _drawn(parts: Sequence[TimePart], scale: ChartScale) -> Iterator[BarPart]:
    until_s = 0.0
    for part in parts:
        left, right = (WIDTH * scale.share(at) for at in (until_s, until_s + part.seconds))
        until_s += part.seconds
        if right > left:
            label = _label(part, right - left)
            yield BarPart(
                kind=_KINDS[part.name].kind,
                x=round(left, 2),
                width=round(right - left, 2),
                label=label,
                label_width=_room(label or ""),
            )


def _label(part: TimePart, width: float) -> str | None:
    seconds = f"{part.seconds:.1f}"
    allowed = (f"{part.name} {seconds}", seconds)
    return next((text for text in allowed if _room(text) + 2 * _MARGIN <= width), None)


def _room(label: str) -> float:
    return round(text_width(label) + 2 * _PADDING, 1)


def _tick(value: float, scale: ChartScale) -> TimeTick:
    text = f"{value:g} s"
    x, half = WIDTH * scale.share(value), text_width(text) / 2
    return TimeTick(text=text, x=round(x, 1), text_x=round(min(max(x, half), WIDTH - half), 1))
