"""A comparison as a heatmap sees it: cells in their places, the form of their text, the layout.

Guarantees that all cells of one picture say the same things in the same lines: what has no room in
one is left out of all. Knows no drawing library.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from functools import partial
from typing import Self

from recallbench.gate.compared import Compared
from recallbench.gate.comparison import Comparison
from recallbench.reports.cell_text import TextBlock
from recallbench.reports.comparison_words import discordant
from recallbench.reports.heatmap_layout import LEGIBLE, HeatmapLayout
from recallbench.reports.notation import written_length
from recallbench.reports.points import written_points

NO_PAIRS = "no pairs"
"""In a cell where no pair was answered by both."""

SCALE_ENDS = (0.1, 0.2, 0.5, 1.0)
"""Differences at which a scale may end, on both sides."""
LEAST_END = 0.2
"""Of a scale of colours: one trial lost of a dozen must not look like a collapse."""
_FILLED = 0.94
_FIRST_LINE, _LINE = 0.4, 0.33
_TITLE_LINES, _HEAD_LINES = 4, 3


class CellForm(Enum):
    """What the text of a cell says, most first."""

    WITH_N = 3
    """Difference, pairs lost and gained, number of pairs."""
    WITH_DISCORDANT = 2
    """Difference, pairs lost and gained."""
    DIFFERENCE = 1
    """Difference."""
    EMPTY = 0
    """Nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DifferenceGrid:
    """Cells of a comparison by length and depth."""

    lengths: tuple[int, ...]
    """Columns."""
    depths: tuple[float, ...]
    """Rows."""
    cells: tuple[tuple[tuple[int, int], Compared | None], ...]
    """Column and row with the cell's pairs; None where no trial is shared."""

    @classmethod
    def of(cls, comparison: Comparison) -> Self:
        """The grid that holds every cell of a comparison."""
        found = {(part.length_tokens, part.depth): part for part in comparison.cells}
        lengths = sorted({length for length, _ in found if length is not None})
        depths = sorted({depth for _, depth in found if depth is not None})
        return cls(
            lengths=tuple(lengths),
            depths=tuple(depths),
            cells=tuple(
                ((column, row), found.get((length, depth)))
                for column, length in enumerate(lengths)
                for row, depth in enumerate(depths)
            ),
        )

    @property
    def answered(self) -> tuple[Compared, ...]:
        """Cells with pairs."""
        return tuple(cell for _, cell in self.cells if cell is not None and cell.pairs.n)

    @property
    def limit(self) -> float:
        """Difference at the ends of the colours."""
        differences = (cell.pairs.difference or 0.0 for cell in self.answered)
        return fitting_limit([LEAST_END, *differences])

    def layout(self, comparison: Comparison) -> HeatmapLayout:
        """The layout of the picture, still without lines in its caption."""
        texts = [written_points(part.pairs.difference or 0.0) for part in self.answered]
        heads = [written_points(part.pairs.difference or 0.0) for part in comparison.lengths]
        below = [text for part in comparison.lengths for text in (discordant(part), pairs_of(part))]
        return HeatmapLayout(
            n_lengths=len(self.lengths),
            n_depths=len(self.depths),
            hits_chars=max(map(len, texts), default=len(NO_PAIRS)),
            length_hits_chars=max(map(len, below)),
            label_chars=max(len(written_length(length)) for length in self.lengths),
            caption_lines=0,
            title_lines=_TITLE_LINES,
            head_lines=_HEAD_LINES,
            head_chars=max(map(len, heads)),
        )

    def form(self, layout: HeatmapLayout) -> CellForm:
        """The form that says most and has room in every cell."""
        fits = partial(_fits, layout=layout)
        return next(
            form
            for form in CellForm
            if all(fits(cell_blocks(cell, layout, form)) for cell in self.answered)
        )


def cell_blocks(cell: Compared, layout: HeatmapLayout, form: CellForm) -> tuple[TextBlock, ...]:
    """Text of an answered cell from top to bottom."""
    first_px = min(layout.hits_px, _FIRST_LINE * layout.row)
    other_px = min(layout.words_px, _LINE * layout.row)
    blocks = (
        TextBlock(written_points(cell.pairs.difference or 0.0), first_px),
        TextBlock(discordant(cell), other_px),
        TextBlock(pairs_of(cell), other_px),
    )
    return blocks[: form.value]


def empty_blocks(layout: HeatmapLayout) -> tuple[TextBlock, ...]:
    """Text of a cell without pairs, where it has room."""
    for text in (NO_PAIRS, NO_PAIRS.replace(" ", "\n")):
        blocks = (TextBlock(text, layout.words_px),)
        if _fits(blocks, layout):
            return blocks
    return ()


def pairs_of(part: Compared) -> str:
    """The number of pairs, such as ``n 20``."""
    return f"n {part.pairs.n:,}"


def fitting_limit(differences: Iterable[float]) -> float:
    """The end of a scale, in (0, 1], that holds all these differences on both sides of 0."""
    largest = max(map(abs, differences), default=0.0)
    return next((limit for limit in SCALE_ENDS if largest <= limit), SCALE_ENDS[-1])


def _fits(blocks: tuple[TextBlock, ...], layout: HeatmapLayout) -> bool:
    height = sum(block.height_px for block in blocks)
    width = max((block.width_px for block in blocks), default=0.0)
    is_legible = all(block.size_px >= LEGIBLE for block in blocks)
    return is_legible and height <= layout.row and width <= _FILLED * layout.column
