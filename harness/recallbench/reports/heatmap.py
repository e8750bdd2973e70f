"""The picture of one variant: recall by length and depth, drawn with matplotlib.

Guarantees that a cell without an answered trial is hatched grey and never coloured, that PNG and
SVG are of one drawing, that equal input gives equal bytes with one matplotlib, and that neither the
user's matplotlib settings nor pyplot's state is read or left changed. Knows nothing about where the
counts come from.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from recallbench.reports.cell_text import PLUS, cell_text
from recallbench.reports.cell_words import words_legend
from recallbench.reports.heatmap_axes import draw_bar, draw_cells, draw_panel
from recallbench.reports.heatmap_caption import CaptionLine, filled, joined, write_caption
from recallbench.reports.heatmap_layout import LEGIBLE, MARGIN, HeatmapLayout, fitting_layout
from recallbench.reports.heatmap_page import HeatmapPage, fixed_style
from recallbench.reports.measure_words import interval_told, needles_told, recall_name
from recallbench.reports.notation import counted
from recallbench.reports.palette import WARNING
from recallbench.reports.recall_text import written_recall
from recallbench.reports.remarks import remarks
from recallbench.stats import VariantSummary

_MODEL_PX, _TITLE_PX = 38, 27


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatmapLabels:
    """What the title says of the variant."""

    model: str
    """Hub id or path of the model; shortened from the left where it is too long."""
    variant: str
    """Name of the variant."""
    rope: str
    """RoPE in a few words, such as ``yarn x4``."""
    extra: str = ""
    """Anything else worth a word, such as vLLM's version."""


def draw_heatmap(summary: VariantSummary, labels: HeatmapLabels, *paths: Path) -> None:
    """Draw the picture once and write it over each path, as PNG or SVG by its suffix.

    A PNG is 1600 pixels wide.

    Raises:
        ValueError: a path has another suffix; nothing is written.
        OSError: a path cannot be written.
    """
    with fixed_style():
        _page(summary, labels).save(paths, _told(summary, labels))


def heatmap_png(summary: VariantSummary, labels: HeatmapLabels) -> bytes:
    """The picture as PNG bytes, the same for the same input and matplotlib."""
    with fixed_style():
        return _page(summary, labels).png()


def heatmap_svg(summary: VariantSummary, labels: HeatmapLabels) -> bytes:
    """The picture as SVG bytes, the same for the same input and matplotlib."""
    with fixed_style():
        return _page(summary, labels).svg(_told(summary, labels))


def _page(summary: VariantSummary, labels: HeatmapLabels) -> HeatmapPage:
    layout = fitting_layout(summary)
    caption = _caption(summary, layout)
    layout = replace(layout, caption_lines=len(caption))
    page = HeatmapPage.blank(layout.height)
    name = recall_name(summary.layout)
    _write_title(page, summary, labels)
    draw_panel(page.axes(layout.panel), layout, summary.lengths, name)
    draw_cells(page.axes(layout.heat), layout, summary)
    draw_bar(page.axes(layout.bar), name)
    write_caption(page, layout.caption_top, caption)
    return page


def _write_title(page: HeatmapPage, summary: VariantSummary, labels: HeatmapLabels) -> None:
    page.write(labels.model, top=MARGIN, size_px=_MODEL_PX, bold=True, keep_end=True)
    page.write(_about(labels), top=MARGIN + 56, size_px=_TITLE_PX)
    page.write(_result(summary), top=MARGIN + 98, size_px=_TITLE_PX)


def _about(labels: HeatmapLabels) -> str:
    return joined([labels.variant, f"RoPE {labels.rope}", labels.extra])


def _told(summary: VariantSummary, labels: HeatmapLabels) -> str:
    """The result before the names, which may be long."""
    return joined([_result(summary), _about(labels), labels.model])


def _result(summary: VariantSummary) -> str:
    overall = summary.overall
    recall, told = overall.recall, written_recall(overall)
    multi_key = f"{recall_name(summary.layout)}, " if summary.layout == "ladder" else ""
    trials = f"{multi_key}{counted(overall.asked, 'trial')}"
    if told is None:
        return f"{trials}, no recall measured"
    return (
        f"{trials}: recalled {recall.k:,} of {recall.n:,}, {told.share} "
        f"(95% interval {told.interval})"
    )


def _caption(summary: VariantSummary, layout: HeatmapLayout) -> tuple[CaptionLine, ...]:
    warnings = [CaptionLine(remark, WARNING) for remark in remarks(summary.overall)]
    return (*warnings, *map(CaptionLine, filled(_legend(summary, layout))))


def _legend(summary: VariantSummary, layout: HeatmapLayout) -> Iterator[str]:
    if needles := needles_told(summary.layout, summary.distractors):
        yield needles
    counting = interval_told([summary])
    yield "bars: 95% interval" if counting else "bars: Wilson 95% interval"
    if counting:
        yield counting
    if any(cell.recall.value is None for cell in summary.cells):
        yield "hatched: no recall measured"
    if layout.words_px >= LEGIBLE:
        yield from words_legend(summary)
    blocks = [block.text for cell in summary.cells for block in cell_text(cell, layout)]
    if any(text.startswith(PLUS) for text in blocks):
        yield f"{PLUS}n: n more trials without recall"
    if layout.hits_px < LEGIBLE:
        yield f"{counted(summary.grid.trials, 'trial')} a cell, k/n left out for want of room"
