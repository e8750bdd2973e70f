"""The labels below a chart's columns: which of them are written, where, level or upright.

Guarantees that no label touches another or leaves the chart, and that the last column has its own:
it is the longest length, or the newest run. Does not know which font a reader has: widths are those
of DejaVu Sans, which is wider than most.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from recallbench.reports.heatmap_layout import LETTER_WIDTH
from recallbench.reports.heatmap_page import ELLIPSIS
from recallbench.reports.notation import printable

TEXT = 12
"""Size of a chart's text in its own units: nearly as many pixels on a narrow phone."""
_MOST = 8
_MOST_CHARS = 16
_GAP = 6
_UPRIGHT_GAP = 2
_BASELINE = 4
_WIDE, _CAPITAL = 1.0, 0.8
"""Widths of some letters, in parts of the font size; other letters have LETTER_WIDTH."""
_WIDE_ASCII = frozenset("%mwMW@&<>+=~#")


def text_width(text: str) -> float:
    """About how wide a text is on a chart."""
    return TEXT * sum(map(_width, text))


def shortened(text: str) -> str:
    """A label of 16 characters at most, on one line."""
    whole = printable(text)
    return whole if len(whole) <= _MOST_CHARS else whole[: _MOST_CHARS - 1].rstrip() + ELLIPSIS


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnLabel:
    """One label that is written."""

    text: str
    """Shortened."""
    x: float
    """Middle of a level one, base line of an upright one."""
    y: float
    """Base line of a level one, upper end of an upright one, where it ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnLabels:
    """All that are written."""

    labels: tuple[ColumnLabel, ...]
    """From left to right."""
    are_upright: bool
    """Whether they are written from bottom to top, for want of width."""
    height: float
    """What they take below the columns."""


def column_labels(
    texts: Sequence[str], middles: Sequence[float], *, top: float, width: float
) -> ColumnLabels:
    """Choose and place them.

    Args:
        texts: one for each column.
        middles: middle of each column, ascending.
        top: lower edge of the columns.
        width: of the chart.
    """
    stride = -(-len(texts) // _MOST)
    written = range((len(texts) - 1) % stride, len(texts), stride)
    short = [shortened(texts[place]) for place in written]
    at = [middles[place] for place in written]
    if level := _level(short, at, width):
        labels = (
            ColumnLabel(text=text, x=x, y=top + TEXT + _BASELINE)
            for text, x in zip(short, level, strict=True)
        )
        return ColumnLabels(labels=tuple(labels), are_upright=False, height=TEXT + 2 * _BASELINE)
    labels = (
        ColumnLabel(text=text, x=x + _BASELINE, y=top + _GAP)
        for text, x in zip(short, at, strict=True)
    )
    height = _GAP + max(map(text_width, short)) + _UPRIGHT_GAP
    return ColumnLabels(labels=tuple(labels), are_upright=True, height=height)


def _level(texts: Sequence[str], middles: Sequence[float], width: float) -> list[float] | None:
    """Middles of level labels, moved into the chart; None where two would touch."""
    placed: list[float] = []
    end = -float(_GAP)
    for text, middle in zip(texts, middles, strict=True):
        half = text_width(text) / 2
        x = min(max(middle, half), width - half)
        if x - half < end + _GAP:
            return None
        placed.append(x)
        end = x + half
    return placed


def _width(char: str) -> float:
    if char in _WIDE_ASCII or not char.isascii():
        return _WIDE
    return _CAPITAL if char.isupper() else LETTER_WIDTH
