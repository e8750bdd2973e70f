"""A run's recall on the terminal: a table, a matrix and warnings for each variant.

Guarantees that nothing is said by colour alone, that nothing is printed which the console's
encoding lacks, and that a name is never read as markup or as a terminal's control sequence.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from recallbench.reports.cell_words import cell_words
from recallbench.reports.console_text import drawable
from recallbench.reports.measure_words import (
    interval_head,
    interval_told,
    needles_told,
    recall_name,
)
from recallbench.reports.notation import written_depth, written_hits, written_length
from recallbench.reports.recall_text import written_recall
from recallbench.reports.remarks import remarks
from recallbench.stats import CellSummary, VariantSummary

_NO_DATA = "-"
_UNBOUNDED = 100_000
_BLANK, _RULE = "    ", " \N{BOX DRAWINGS LIGHT HORIZONTAL}\N{BOX DRAWINGS LIGHT HORIZONTAL} "
# A rule below the head and one between sections, and nothing else.
_RULES = box.Box(f"{_BLANK}\n{_BLANK}\n{_RULE}\n{_BLANK}\n{_RULE}\n{_RULE}\n{_BLANK}\n{_BLANK}\n")


def print_summary(
    summaries: Iterable[VariantSummary],
    console: Console,
    notes: Mapping[str, str],
    profiles: Mapping[str, Iterable[str]] | None = None,
) -> None:
    """Print each variant: recall by length, cells by depth and length where they fit, warnings.

    Args:
        summaries: one for each variant.
        console: where to.
        notes: by variant, a sentence to stand below its name.
        profiles: by variant, sentences on how far its recall reaches.
    """
    for summary in summaries:
        console.print(drawable(summary.variant, console, "bold"))
        if note := notes.get(summary.variant):
            console.print(drawable(note, console))
        _print_lengths(summary, console)
        matrix = _matrix(summary)
        if len(summary.grid.depths) > 1 and _fits(matrix, console):
            console.print(matrix)
            console.print()
        told = tuple((profiles or {}).get(summary.variant, ()))
        for sentence in told:
            console.print(drawable(sentence, console))
        if told:
            console.print()
        sentences = remarks(summary.overall)
        for sentence in sentences:
            console.print(Text(f"warning: {sentence}", style="yellow"))
        if sentences:
            console.print()


def _print_lengths(summary: VariantSummary, console: Console) -> None:
    if needles := needles_told(summary.layout, summary.distractors):
        console.print(Text(needles))
    console.print(_length_table(summary))
    if counting := interval_told([summary]):
        console.print(Text(counting, style="dim"))
    console.print()


def _fits(table: Table, console: Console) -> bool:
    unbounded = console.options.update_width(_UNBOUNDED)
    return console.measure(table, options=unbounded).maximum <= console.width


def _length_table(summary: VariantSummary) -> Table:
    overall = summary.overall
    shown = [kind for kind, number in _without_recall(overall).items() if number]
    table = _table("length", "k/n", recall_name(summary.layout), interval_head([summary]), *shown)
    for line in (*summary.lengths, overall):
        numbers = _without_recall(line)
        table.add_row(
            "overall" if line.length_tokens is None else written_length(line.length_tokens),
            *_recall_columns(line),
            *(f"{numbers[kind]:,}" for kind in shown),
            end_section=line is summary.lengths[-1],
        )
    return table


def _recall_columns(line: CellSummary) -> tuple[Text, ...]:
    value, told = line.recall.value, written_recall(line)
    if value is None or told is None:
        hits = _NO_DATA if line.is_planned else " ".join(cell_words(line))
        return (Text(hits), Text(_NO_DATA), Text(_NO_DATA))
    return (Text(told.hits), Text(told.share, style=_style(value)), Text(told.interval))


def _without_recall(line: CellSummary) -> dict[str, int]:
    return {
        "truncated": line.truncated,
        "overflow": line.overflow,
        "errored": line.errored,
        "owed": line.owed,
    }


def _matrix(summary: VariantSummary) -> Table:
    grid = summary.grid
    matrix = _table("depth", *(written_length(length) for length in grid.lengths))
    for row, depth in enumerate(grid.depths):
        cells = summary.cells[row :: len(grid.depths)]
        matrix.add_row(written_depth(depth), *(_matrix_cell(cell) for cell in cells))
    return matrix


def _matrix_cell(cell: CellSummary) -> Text:
    if cell.recall.value is not None:
        return Text(written_hits(cell.recall), style=_style(cell.recall.value))
    between = "\n" if cell.is_planned else " "
    return Text(between.join(cell_words(cell)), style="dim")


def _style(recall: float) -> str:
    if recall in {0.0, 1.0}:
        return "green" if recall else "red"
    return "yellow"


def _table(*columns: str) -> Table:
    table = Table(box=_RULES, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    for column in columns:
        # Never shorten a number: where there is no width it goes on below.
        table.add_column(column, justify="right", overflow="fold")
    return table
