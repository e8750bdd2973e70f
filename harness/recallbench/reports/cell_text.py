"""What stands in one cell of the heatmap, in as many words as it has room for.

Knows no drawing library: a cell's text is blocks with a size, centred by whoever draws them.
"""

from __future__ import annotations

from typing import NamedTuple

from recallbench.reports.cell_words import cell_words
from recallbench.reports.heatmap_layout import LEGIBLE, LETTER_WIDTH, HeatmapLayout
from recallbench.reports.notation import written_hits
from recallbench.stats import CellSummary

PLUS = "+"
"""Before a number of trials without recall whose kinds have no room."""

_LEADING = 1.2
_FILLED = 0.94


class TextBlock(NamedTuple):
    """Text of one size in a cell."""

    text: str
    """One line, or several with line breaks between."""
    size_px: float
    """Size of the font."""

    @property
    def height_px(self) -> float:
        """Of all lines together."""
        return _LEADING * self.size_px * (1 + self.text.count("\n"))

    @property
    def width_px(self) -> float:
        """Of the longest line, about."""
        return LETTER_WIDTH * self.size_px * max(map(len, self.text.split("\n")))


def cell_text(cell: CellSummary, layout: HeatmapLayout) -> tuple[TextBlock, ...]:
    """Text of a cell from top to bottom: k/n, and below it what became of trials without recall.

    Where the kinds of these trials have no room their number stands alone, as in ``+3``; what
    would not be legible is left out.
    """
    hits = TextBlock(written_hits(cell.recall), layout.hits_px)
    blocks = (hits,) if cell.recall.n and layout.hits_px >= LEGIBLE else ()
    words = cell_words(cell)
    if not words or layout.words_px < LEGIBLE:
        return blocks
    for text in (" ".join(words), "\n".join(words)):
        with_words = (*blocks, TextBlock(text, layout.words_px))
        if _has_room(with_words, layout):
            return with_words
    return (*blocks, TextBlock(f"{PLUS}{cell.unmeasured + cell.owed}", layout.words_px))


def _has_room(blocks: tuple[TextBlock, ...], layout: HeatmapLayout) -> bool:
    height = sum(block.height_px for block in blocks)
    width = max(block.width_px for block in blocks)
    return height <= layout.row and width <= _FILLED * layout.column
