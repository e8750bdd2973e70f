"""One variant's recall by length and depth as a table whose cells are links to their trials.

Guarantees that each cell says its numbers in words for who does not see it, that a share never
stands without its trials, and that rows and columns stand as in the pictures: lengths from left to
right, depths from top to bottom. Knows no HTML.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, urlencode

from recallbench.reports.cell_words import cell_words, words_legend, words_told
from recallbench.reports.measure_words import interval_told, needles_told, recall_name
from recallbench.reports.notation import (
    counted,
    written_depth,
    written_hits,
    written_length,
)
from recallbench.reports.page.colours import recall_class
from recallbench.reports.recall_text import written_recall
from recallbench.stats import CellSummary, VariantSummary


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatCell:
    """A cell of the table, of one depth or of all."""

    length: int
    """Place of its length among the run's lengths."""
    depth: int | None
    """Place of its depth among the run's depths; None for all depths."""
    colour: str
    """Its class in the stylesheet."""
    hits: tuple[str, ...]
    """Such as ``45`` and ``/50``, which may stand below each other; () without recall."""
    words: tuple[str, ...]
    """Why trials have no recall, such as ``2 err``."""
    told: str
    """All of it in a sentence without a full stop."""
    link: str
    """The page's fragment that shows its trials."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatRow:
    """The cells of one depth, or of all depths."""

    label: str
    """The depth."""
    cells: tuple[HeatCell, ...]
    """By length."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatTable:
    """A variant's table."""

    variant: str
    """Name of the variant."""
    lengths: tuple[str, ...]
    """Heads of the columns."""
    rows: tuple[HeatRow, ...]
    """By depth, and all depths together in the last."""
    legend: tuple[str, ...]
    """What letters and intervals in it mean."""


def heat_table(summary: VariantSummary) -> HeatTable:
    """The table of one variant."""
    depths = summary.grid.depths
    by_depth = (
        HeatRow(label=written_depth(depth), cells=_cells(summary, row))
        for row, depth in enumerate(depths)
    )
    whole = tuple(
        _cell(line, summary, (column, None)) for column, line in enumerate(summary.lengths)
    )
    return HeatTable(
        variant=summary.variant,
        lengths=tuple(map(written_length, summary.grid.lengths)),
        rows=(*by_depth, HeatRow(label="all depths", cells=whole)),
        legend=_legend(summary),
    )


def cell_link(variant: str, length: int | None = None, depth: float | None = None) -> str:
    """The fragment that selects a variant, a length of it, or a cell."""
    parts = {"variant": variant, "length": length, "depth": depth}
    told = {key: str(value) for key, value in parts.items() if value is not None}
    return "#" + urlencode(told, quote_via=quote, errors="replace")


def _cells(summary: VariantSummary, row: int) -> tuple[HeatCell, ...]:
    step = len(summary.grid.depths)
    return tuple(
        _cell(cell, summary, (column, row)) for column, cell in enumerate(summary.cells[row::step])
    )


def _cell(cell: CellSummary, summary: VariantSummary, place: tuple[int, int | None]) -> HeatCell:
    length, depth = place
    return HeatCell(
        length=length,
        depth=depth,
        colour=recall_class(cell.recall.value),
        hits=_in_two(cell),
        words=cell_words(cell),
        told=_told(cell, summary),
        link=cell_link(cell.variant, cell.length_tokens, cell.depth),
    )


def _in_two(cell: CellSummary) -> tuple[str, ...]:
    if not cell.recall.n:
        return ()
    k, slash, n = written_hits(cell.recall).partition("/")
    return k, slash + n


def _told(cell: CellSummary, summary: VariantSummary) -> str:
    at = f"{written_length(cell.length_tokens or 0)} tokens"
    where = "all depths" if cell.depth is None else f"depth {written_depth(cell.depth)}"
    recall, words = written_recall(cell), words_told(cell)
    if recall is None:
        return f"{at}, {where}: no recall measured ({words or 'no trial'})"
    name = recall_name(summary.layout)
    told = (
        f"{at}, {where}: {recall.hits} recalled, {name} {recall.share}, "
        f"95% interval {recall.interval}"
    )
    if cell.haystacks:
        told += f" of {counted(cell.haystacks, 'haystack')}"
    return f"{told}; {words}" if words else told


def _legend(summary: VariantSummary) -> tuple[str, ...]:
    parts = (
        needles_told(summary.layout, summary.distractors),
        interval_told([summary]),
        *words_legend(summary),
    )
    return tuple(part for part in parts if part)
