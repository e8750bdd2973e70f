r"""A blank picture measured in pixels, with text from outside set safely upon it.

Guarantees that a line of text never leaves the picture, is never read as mathematics (``$``) and
holds no character the font cannot draw: such a one is spelled, as in ``\u6570``. The only module
that imports matplotlib when it runs.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Self

from recallbench.reports.heatmap_layout import MARGIN, WIDTH, Box
from recallbench.reports.notation import printable, spelled
from recallbench.reports.palette import INK

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.text import Text

DPI = 200
"""Pixels of the picture for an inch of matplotlib."""
ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"
"""Stands for what was left out of a long text."""

_MOST_CHARS = 400


@contextmanager
def fixed_style() -> Iterator[None]:
    """Draw with matplotlib's own defaults and its own font, whatever the user's settings are."""
    from matplotlib import style

    with style.context(["default", {"font.family": ["DejaVu Sans"], "hatch.linewidth": 0.8}]):
        yield


def points(size_px: float) -> float:
    """A size in pixels as matplotlib's points."""
    return size_px * 72 / DPI


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatmapPage:
    """A matplotlib figure of one size."""

    figure: Figure
    """With a canvas for pixels, known to no global state."""
    height: int
    """Height in pixels."""

    @classmethod
    def blank(cls, height: int) -> Self:
        """A white picture, ``height`` pixels high."""
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        figure = Figure(figsize=(WIDTH / DPI, height / DPI), dpi=DPI, facecolor="white")
        FigureCanvasAgg(figure)
        return cls(figure=figure, height=height)

    def axes(self, box: Box) -> Axes:
        """New axes that fill ``box``."""
        bottom = 1 - (box.top + box.height) / self.height
        size = (box.width / WIDTH, box.height / self.height)
        return self.figure.add_axes((box.left / WIDTH, bottom, *size))

    def png(self) -> bytes:
        """The picture as a PNG file."""
        file = BytesIO()
        # Without this None the file would carry matplotlib's version.
        self.figure.savefig(file, format="png", metadata={"Software": None})
        return file.getvalue()

    def write(
        self,
        line: str,
        *,
        top: float,
        size_px: float,
        colour: str = INK,
        bold: bool = False,
        keep_end: bool = False,
    ) -> None:
        """Set one line of text, shortened to the picture's width where it is too long.

        Args:
            line: any text; ``$`` and line breaks are nothing special.
            top: upper edge in pixels.
            size_px: size of the font.
            colour: of the text.
            bold: whether it stands out.
            keep_end: shorten from the left, as suits a path.
        """
        text = self.figure.text(
            MARGIN / WIDTH,
            1 - top / self.height,
            printable(line),
            fontsize=points(size_px),
            color=colour,
            weight="bold" if bold else "normal",
            va="top",
            parse_math=False,
        )
        _spell_missing(text)
        _shorten(text, keep_end=keep_end)


def _spell_missing(text: Text) -> None:
    from matplotlib.font_manager import findfont, get_font

    font = get_font(findfont(text.get_fontproperties()))
    text.set_text(
        "".join(
            char if font.get_char_index(ord(char)) else spelled(char) for char in text.get_text()
        )
    )


def _shorten(text: Text, *, keep_end: bool) -> None:
    whole = text.get_text()
    room = WIDTH - 2 * MARGIN
    kept = len(whole)
    # Matplotlib measures a million characters in twenty seconds.
    if kept > _MOST_CHARS:
        kept = _MOST_CHARS
        text.set_text(_cut(whole, kept, keep_end=keep_end))
    while kept > 1 and (width := text.get_window_extent().width) > room:
        kept = min(kept - 1, int(kept * room / width))
        text.set_text(_cut(whole, kept, keep_end=keep_end))


def _cut(whole: str, kept: int, *, keep_end: bool) -> str:
    return ELLIPSIS + whole[-kept:] if keep_end else whole[:kept].rstrip() + ELLIPSIS
