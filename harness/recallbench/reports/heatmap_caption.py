"""Lines below and above a heatmap: parts joined by dots, as many in a line as it has room for."""

from __future__ import annotations

from collections.abc import Iterable
from textwrap import wrap
from typing import NamedTuple

from recallbench.reports.heatmap_layout import LINE
from recallbench.reports.heatmap_page import HeatmapPage
from recallbench.reports.palette import FAINT

_BETWEEN = " \N{MIDDLE DOT} "
_CHARS = 132
_SIZE_PX = 22


class CaptionLine(NamedTuple):
    """One line below the diagrams."""

    text: str
    """The line."""
    colour: str = FAINT
    """Of its letters."""


def joined(parts: Iterable[str | None]) -> str:
    """The parts that say something, with dots between."""
    return _BETWEEN.join(part for part in parts if part)


def filled(parts: Iterable[str]) -> list[str]:
    """The parts in lines, broken between parts only."""
    lines: list[str] = []
    for part in parts:
        if lines and len(lines[-1] + _BETWEEN + part) <= _CHARS:
            lines[-1] += _BETWEEN + part
        else:
            lines.append(part)
    return lines


def wrapped(sentence: str, colour: str = FAINT) -> list[CaptionLine]:
    """A sentence in lines, broken between words."""
    return [CaptionLine(line, colour) for line in wrap(sentence, _CHARS)]


def write_caption(page: HeatmapPage, top: float, lines: Iterable[CaptionLine]) -> None:
    """Set the lines, the first one's upper edge at ``top`` pixels."""
    for number, (text, colour) in enumerate(lines):
        page.write(text, top=top + number * LINE, size_px=_SIZE_PX, colour=colour)
