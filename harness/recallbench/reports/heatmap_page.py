r"""A blank picture measured in pixels, with text from outside set safely upon it.

Guarantees that a line of text never leaves the picture, is never read as mathematics (``$``) and
holds no character the font cannot draw: such a one is spelled, as in ``\u6570``. PNG and SVG are of
one drawing. An SVG is well-formed whatever its texts are, holds no script, and loads nothing from
elsewhere. Does not know the reader's fonts: without DejaVu Sans letters of an SVG are a little
narrower or wider than measured. The only module that imports matplotlib when it runs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

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
_STYLE: dict[str, Any] = {
    "font.family": ["sans-serif"],
    # Verdana, for readers of an SVG without the first, is as wide; matplotlib brings the first.
    "font.sans-serif": ["DejaVu Sans", "Verdana"],
    "hatch.linewidth": 0.8,
    # Text that can be searched, copied and read aloud. Outlines of letters are exact everywhere,
    # but make 132 kB of 44 for 6 x 5 cells, and 218 of 115 for 12 x 11.
    "svg.fonttype": "none",
    # Names of parts are random without one.
    "svg.hashsalt": "recallbench",
}


@contextmanager
def fixed_style() -> Iterator[None]:
    """Draw with matplotlib's own defaults and its own font, whatever the user's settings are."""
    from matplotlib import style

    with style.context(["default", _STYLE]):
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

    def svg(self, title: str) -> bytes:
        """The picture as an SVG file of text, lines and rectangles.

        Args:
            title: what is seen, in a line, for who hears it and for the browser's tab.
        """
        file = BytesIO()
        told = printable(title[:_MOST_CHARS])
        metadata = {"Title": told, "Creator": None, "Date": None}
        self.figure.savefig(file, format="svg", metadata=metadata)
        return file.getvalue()

    def save(self, paths: Iterable[Path], title: str) -> None:
        """Write the picture over each path, as PNG or SVG by its suffix.

        Args:
            paths: of the files.
            title: of an SVG.

        Raises:
            ValueError: a path has another suffix; nothing is written.
            OSError: a path cannot be written.
        """
        forms: dict[str, Callable[[], bytes]] = {".png": self.png, ".svg": lambda: self.svg(title)}
        asked = tuple(paths)
        for path in asked:
            if path.suffix not in forms:
                raise ValueError(f"{path}: a picture is .png or .svg, got {path.suffix!r}")
        for path in asked:
            path.write_bytes(forms[path.suffix]())

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
