"""The picture of a comparison: how much recall was lost or gained, by length and depth.

Guarantees that a cell without an answered pair is hatched grey and never coloured, that every sign
is written as well as coloured, that PNG and SVG are of one drawing, that equal input gives equal
bytes with one matplotlib, and that neither the user's matplotlib settings nor pyplot's state is
read or left changed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from recallbench.gate.compared import Likeness
from recallbench.gate.comparison import Comparison
from recallbench.reports.arms import Arm
from recallbench.reports.comparison_headline import verdict_phrase
from recallbench.reports.comparison_words import (
    difference_phrase,
    explanations,
    uncounted,
)
from recallbench.reports.difference_axes import (
    DIFFERENCE,
    draw_difference_bar,
    draw_difference_cells,
    draw_difference_panel,
)
from recallbench.reports.difference_grid import CellForm, DifferenceGrid
from recallbench.reports.heatmap_caption import (
    CaptionLine,
    filled,
    joined,
    wrapped,
    write_caption,
)
from recallbench.reports.heatmap_layout import LEGIBLE, MARGIN, HeatmapLayout
from recallbench.reports.heatmap_page import ELLIPSIS, HeatmapPage, fixed_style
from recallbench.reports.measure_words import needles_told, recall_name
from recallbench.reports.notation import counted
from recallbench.reports.palette import INK, WARNING
from recallbench.reports.points import written_margin

_NAMES_PX, _TITLE_PX = 38, 27
_MOST_CHARS = 80
"""Of a bold line."""
_NAMES_CHARS, _NAME_CHARS, _TITLE_CHARS, _FACT_CHARS = 52, 21, 44, 36
_ABOUT = ("rope", "quantization", "kv_cache_dtype", "model", "version")
_PREFIXES = {
    "rope": "RoPE ",
    "quantization": "weights ",
    "kv_cache_dtype": "KV cache ",
    "version": "vLLM ",
}


def draw_difference(comparison: Comparison, arms: tuple[Arm, Arm], *paths: Path) -> None:
    """Draw the picture once and write it over each path, as PNG or SVG by its suffix.

    A PNG is 1600 pixels wide.

    Raises:
        ValueError: a path has another suffix; nothing is written.
        OSError: a path cannot be written.
    """
    with fixed_style():
        _page(comparison, arms).save(paths, _told(comparison))


def difference_png(comparison: Comparison, arms: tuple[Arm, Arm]) -> bytes:
    """The picture as PNG bytes, the same for the same input and matplotlib."""
    with fixed_style():
        return _page(comparison, arms).png()


def difference_svg(comparison: Comparison, arms: tuple[Arm, Arm]) -> bytes:
    """The picture as SVG bytes, the same for the same input and matplotlib."""
    with fixed_style():
        return _page(comparison, arms).svg(_told(comparison))


def _page(comparison: Comparison, arms: tuple[Arm, Arm]) -> HeatmapPage:
    grid = DifferenceGrid.of(comparison)
    layout = grid.layout(comparison)
    form = grid.form(layout)
    caption = _caption(comparison, grid, layout, form)
    layout = replace(layout, caption_lines=len(caption))
    page = HeatmapPage.blank(layout.height)
    _write_title(page, comparison, arms)
    panel = page.axes(layout.panel)
    draw_difference_panel(panel, layout, comparison.lengths, comparison.margin)
    draw_difference_cells(page.axes(layout.heat), layout, grid, form)
    draw_difference_bar(page.axes(layout.bar), grid.limit)
    write_caption(page, layout.caption_top, caption)
    return page


def _write_title(page: HeatmapPage, comparison: Comparison, arms: tuple[Arm, Arm]) -> None:
    page.write(_names(comparison.names), top=MARGIN, size_px=_NAMES_PX, bold=True)
    for letter, arm, down in (("A", arms[0], 56), ("B", arms[1], 98)):
        about = (_short(arm.title, _TITLE_CHARS), *(_about(arm, key) for key in _ABOUT))
        page.write(f"{letter}: {joined(about)}", top=MARGIN + down, size_px=_TITLE_PX)
    colour = WARNING if comparison.likeness is Likeness.INFERIOR else INK
    verdict = _verdict(comparison)
    page.write(verdict, top=MARGIN + 140, size_px=_TITLE_PX, colour=colour, bold=True)


def _names(names: tuple[str, str]) -> str:
    a, b = names
    if len(a + b) > _NAMES_CHARS - len(" against "):
        a, b = _short(a, _NAME_CHARS), _short(b, _NAME_CHARS)
    return f"{b} against {a}"


def _told(comparison: Comparison) -> str:
    return joined([_names(comparison.names), verdict_phrase(comparison)])


def _verdict(comparison: Comparison) -> str:
    """The verdict in one line; its proof is in the caption where it has no room."""
    phrase = verdict_phrase(comparison)
    return phrase if len(phrase) <= _MOST_CHARS else phrase.partition(" (")[0]


def _about(arm: Arm, key: str) -> str | None:
    text = arm.text_of(key)
    return None if text is None else f"{_PREFIXES.get(key, '')}{_short(text, _FACT_CHARS)}"


def _short(text: str, chars: int) -> str:
    """A name without its middle where it is too long: names differ at their ends."""
    half = chars // 2
    return text if len(text) <= chars else f"{text[:half]}{ELLIPSIS}{text[-half:]}"


def _caption(
    comparison: Comparison, grid: DifferenceGrid, layout: HeatmapLayout, form: CellForm
) -> tuple[CaptionLine, ...]:
    phrase = verdict_phrase(comparison)
    said = [phrase] if phrase != _verdict(comparison) else []
    said += [f"overall {difference_phrase(comparison.overall)}", *explanations(comparison)]
    return (
        *(line for sentence in said for line in wrapped(sentence, INK)),
        *(line for sentence in uncounted(comparison) for line in wrapped(sentence, WARNING)),
        *map(CaptionLine, filled(_legend(comparison, grid, layout, form))),
    )


def _legend(
    comparison: Comparison, grid: DifferenceGrid, layout: HeatmapLayout, form: CellForm
) -> Iterator[str]:
    name, shared = recall_name(comparison.layout), comparison.haystacks
    yield f"{DIFFERENCE}: difference of {name} in percentage points, pairs -lost/+gained"
    if needles := needles_told(comparison.layout, comparison.distractors):
        yield needles
    counting = f", counting the {counted(shared, 'haystack')} that pairs share" if shared else ""
    yield f"bars: 95% interval{counting}"
    yield f"dashed: a drop of {written_margin(comparison.margin)}"
    if len(grid.answered) < len(grid.cells):
        yield "hatched: no pair answered by both"
    if form is not CellForm.WITH_N and grid.answered:
        yield f"{_pairs(grid)} a cell"
    if form.value < CellForm.WITH_DISCORDANT.value:
        yield "lost and gained left out of cells for want of room"
    if layout.length_hits_px < LEGIBLE:
        yield "numbers of the lengths left out for want of room"


def _pairs(grid: DifferenceGrid) -> str:
    fewest, most = (end(cell.pairs.n for cell in grid.answered) for end in (min, max))
    return counted(most, "pair") if fewest == most else f"{fewest:,} to {counted(most, 'pair')}"
