"""Where everything stands on the heatmap's picture, and how large text may be.

All measures are pixels of the picture, which is drawn twice as wide as it is commonly shown: text
is readable there from 2 * 8 pixels on. Knows no drawing library.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from recallbench.reports.notation import written_hits, written_length
from recallbench.stats import VariantSummary

WIDTH = 1600
"""Of the whole picture."""
MARGIN = 40
"""White border, and the space between blocks."""
LEGIBLE = 16
"""Smallest text that is drawn; half of it remains when the picture is shown 800 pixels wide."""
LETTER_WIDTH = 0.62
"""Mean width of letters and digits in DejaVu Sans, in parts of the font size."""
LINE = 34
"""From one line of the caption to the next."""

_LEFT = 190
_RIGHT = 210
_TITLE = 176
_HEADS = 76
_PANEL = 170
_TITLE_LINES, _TITLE_LINE = 3, 42
_HEAD_LINES, _HEAD_LINE = 2, 28
_BOLD_WIDTH = 0.75
_LEVEL_LABEL = 20


class Box(NamedTuple):
    """A rectangle, measured from the picture's upper left corner."""

    left: float
    """Left edge."""
    top: float
    """Upper edge."""
    width: float
    """To the right edge."""
    height: float
    """To the lower edge."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatmapLayout:
    """Boxes and text sizes for one grid."""

    n_lengths: int
    """Columns of the heatmap."""
    n_depths: int
    """Rows of the heatmap."""
    hits_chars: int
    """Characters of the longest k/n."""
    length_hits_chars: int
    """Characters of the longest k/n of a length."""
    label_chars: int
    """Characters of the longest length."""
    caption_lines: int
    """Lines of text below the heatmap."""
    title_lines: int = _TITLE_LINES
    """Lines of text above the diagrams."""
    head_lines: int = _HEAD_LINES
    """Lines of numbers above each point of the panel; the first is bold."""
    head_chars: int = 4
    """Characters of the longest bold number."""

    @property
    def heat(self) -> Box:
        """The cells."""
        rows = self.n_depths
        height = min(max(330, 110 * rows), max(600, 26 * rows))
        return Box(_LEFT, self.panel.top + _PANEL + 26, WIDTH - _LEFT - _RIGHT, height)

    @property
    def panel(self) -> Box:
        """The recall by length, over the columns of the cells."""
        title = _TITLE + _TITLE_LINE * (self.title_lines - _TITLE_LINES)
        heads = _HEADS + _HEAD_LINE * (self.head_lines - _HEAD_LINES)
        return Box(_LEFT, title + heads, WIDTH - _LEFT - _RIGHT, _PANEL)

    @property
    def bar(self) -> Box:
        """The scale of colours, beside the cells."""
        return Box(WIDTH - _RIGHT + 30, self.heat.top, 34, self.heat.height)

    @property
    def caption_top(self) -> float:
        """Upper edge of the caption's first line."""
        labels = self.label_px * (LETTER_WIDTH * self.label_chars if self.is_upright else 1.0)
        return self.heat.top + self.heat.height + labels + 76

    @property
    def height(self) -> int:
        """Of the whole picture."""
        return round(self.caption_top + LINE * self.caption_lines + MARGIN / 2)

    @property
    def column(self) -> float:
        """Width of a cell."""
        return self.heat.width / self.n_lengths

    @property
    def row(self) -> float:
        """Height of a cell."""
        return self.heat.height / self.n_depths

    @property
    def hits_px(self) -> float:
        """Text size of k/n in the cells; may be too small to draw."""
        has_words = self.words_px >= LEGIBLE
        wide = 0.9 * self.column / (LETTER_WIDTH * self.hits_chars)
        return min(30.0, (0.44 if has_words else 0.7) * self.row, wide)

    @property
    def words_px(self) -> float:
        """Text size of words in the cells; may be too small to draw."""
        return min(21.0, 0.36 * self.row, 0.2 * self.column)

    @property
    def point_px(self) -> float:
        """Width of a point of the panel, and of the ends of its bar."""
        return min(18.0, 0.35 * self.column)

    @property
    def share_px(self) -> float:
        """Text size of a length's recall; may be too small to draw."""
        return min(28.0, 0.95 * self.column / (_BOLD_WIDTH * self.head_chars))

    @property
    def length_hits_px(self) -> float:
        """Text size of a length's k/n; may be too small to draw."""
        return min(22.0, 0.95 * self.column / (LETTER_WIDTH * self.length_hits_chars))

    @property
    def is_upright(self) -> bool:
        """Whether the lengths are written from bottom to top, for want of width."""
        return self._level_label_px < _LEVEL_LABEL

    @property
    def label_px(self) -> float:
        """Text size of the lengths below their columns."""
        return min(25.0, 0.8 * self.column if self.is_upright else self._level_label_px)

    @property
    def _level_label_px(self) -> float:
        return 0.95 * self.column / (LETTER_WIDTH * self.label_chars)

    @property
    def depth_px(self) -> float:
        """Text size of the depths beside their rows."""
        return min(25.0, 0.8 * self.row)


def fitting_layout(summary: VariantSummary) -> HeatmapLayout:
    """The layout of a variant's picture, still without lines in its caption."""
    return HeatmapLayout(
        n_lengths=len(summary.grid.lengths),
        n_depths=len(summary.grid.depths),
        hits_chars=max(len(written_hits(cell.recall)) for cell in summary.cells),
        length_hits_chars=max(len(written_hits(length.recall)) for length in summary.lengths),
        label_chars=max(len(written_length(length)) for length in summary.grid.lengths),
        caption_lines=0,
    )
