"""The colours of recall, from lost (dark) to recalled (light), of differences, and of text on them.

Lightness rises evenly from 0 to 1, so the scale reads the same with any colour vision and in grey.
Differences are near white at none and as dark for a loss as for a gain; orange and blue part them
with any colour vision, and in grey only their text does.
Knows no drawing library: a colour is a string such as ``#1d1333``.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

SCALE = (
    "#1d1333",
    "#282a57",
    "#28457a",
    "#1c6497",
    "#0885ab",
    "#26a5b8",
    "#57c2c1",
    "#8cdeca",
    "#c0f7d8",
)
"""Colours at evenly spaced recalls from 0 to 1: OKLCH lightness .22 to .93, hue 295 to 160."""
LOSS_SCALE = ("#f7f7f7", "#f8cdba", "#ec9f7c", "#d26b38", "#9b471b", "#652d11")
"""Colours at evenly spaced losses from none: OKLCH lightness .975 to .37, hue 45."""
GAIN_SCALE = ("#f7f7f7", "#bddbfb", "#7fb9f5", "#3b90e0", "#1d66a7", "#12426d")
"""The same for gains, at the same lightness: hue 250."""
NO_DATA = "#eeeeee"
"""Ground of a cell without recall; lighter than any of SCALE but 1, and hatched besides."""
HATCH = "#b4b4b4"
"""Lines over NO_DATA."""
INK = "#1a1a1a"
"""Text and lines on white."""
FAINT = "#5f5f5f"
"""Text of lesser weight on white and on NO_DATA."""
LINE = "#28457a"
"""Lines and points of a diagram on white."""
GUIDE = "#d9d9d9"
"""Lines of a diagram's ground."""
WARNING = "#a3341c"
"""Text of a warning on white."""

_DARK, _LIGHT = "#000000", "#ffffff"
_LINEAR_BELOW = 0.04045


def recall_colour(recall: float) -> str:
    """The colour of a recall in [0, 1], between its neighbours in SCALE."""
    return _between(SCALE, recall)


def difference_colour(difference: float, limit: float) -> str:
    """The colour of a difference in [-limit, limit]; one beyond has the colour of the end."""
    scale = LOSS_SCALE if difference < 0 else GAIN_SCALE
    return _between(scale, min(abs(difference) / limit, 1.0))


def text_colour(ground: str) -> str:
    """Black or white, whichever has more contrast on ``ground``; at least 4.5 everywhere."""
    return max(_DARK, _LIGHT, key=lambda ink: contrast(ink, ground))


def contrast(first: str, second: str) -> float:
    """Contrast ratio of two colours, in [1, 21]. Source: WCAG 2.2, definition of contrast ratio."""
    darker, lighter = sorted((luminance(first), luminance(second)))
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    """Relative luminance in [0, 1]. Source: WCAG 2.2, definition of relative luminance."""
    red, green, blue = (_linear(channel / 255) for channel in _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _between(scale: Sequence[str], share: float) -> str:
    place = share * (len(scale) - 1)
    below = min(int(place), len(scale) - 2)
    low, high = list(pairwise(scale))[below]
    mixed = [
        round(first + (second - first) * (place - below))
        for first, second in zip(_channels(low), _channels(high), strict=True)
    ]
    return "#" + "".join(f"{channel:02x}" for channel in mixed)


def _channels(colour: str) -> tuple[int, int, int]:
    red, green, blue = bytes.fromhex(colour.removeprefix("#"))
    return red, green, blue


def _linear(channel: float) -> float:
    if channel <= _LINEAR_BELOW:
        return channel / 12.92
    return float(((channel + 0.055) / 1.055) ** 2.4)
