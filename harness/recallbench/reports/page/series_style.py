"""How the lines of a chart are told apart: by colour, shape of the points and dashes.

Guarantees that no two of 36 lines are alike, and that no two look alike in grey either. Which
colours they are stands in ``assets/chart.css``.
"""

from __future__ import annotations

from typing import NamedTuple

COLOURS = 6
"""Colours in the stylesheet: classes ``series-0`` to ``series-5``."""
_DASHES = ("", "7 3", "2 3", "9 3 2 3", "12 4", "7 3 2 3 2 3")
"""As in SVG's ``stroke-dasharray``; nothing is an unbroken line."""
_SHAPES = (
    # Unit shapes as polygons around (0, 0): square, triangle, diamond, triangle down, cross.
    ((-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)),
    ((0, -1.15), (1.1, 0.85), (-1.1, 0.85)),
    ((0, -1.3), (1.3, 0), (0, 1.3), (-1.3, 0)),
    ((0, 1.15), (-1.1, -0.85), (1.1, -0.85)),
    (
        (-0.4, -1.2), (0.4, -1.2), (0.4, -0.4), (1.2, -0.4), (1.2, 0.4), (0.4, 0.4), (0.4, 1.2),
        (-0.4, 1.2), (-0.4, 0.4), (-1.2, 0.4), (-1.2, -0.4), (-0.4, -0.4),
    ),
)  # fmt: skip


class SeriesStyle(NamedTuple):
    """What one line looks like."""

    colour: int
    """Number of its colour."""
    shape: int
    """Number of the shape of its points."""
    dashes: str
    """Of its line, as in ``stroke-dasharray``."""


def series_style(number: int) -> SeriesStyle:
    """The look of a chart's line by its number, from 0; every 36 it begins anew."""
    turn, colour = divmod(number, COLOURS)
    # Shapes move by one each time the colours begin anew, dashes by two: all pairs come once.
    return SeriesStyle(
        colour=colour,
        shape=(colour + turn) % COLOURS,
        dashes=_DASHES[(colour + 2 * turn) % COLOURS],
    )


def marker_outline(shape: int, x: float, y: float, size: float) -> str:
    """The path of a point.

    Args:
        shape: number of its shape; 0 is a disc.
        x: its middle.
        y: its middle.
        size: half of its width, about.
    """
    if shape == 0:
        arc = f"a{size:g} {size:g} 0 1 0"
        return f"M{x - size:.1f} {y:.1f}{arc} {2 * size:g} 0{arc} {-2 * size:g} 0Z"
    corners = (
        f"{x + size * right:.1f} {y + size * down:.1f}" for right, down in _SHAPES[shape - 1]
    )
    return f"M{'L'.join(corners)}Z"
