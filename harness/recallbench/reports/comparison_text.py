"""Two variants side by side on the terminal: settings and cost, recall by length, the verdict.

Guarantees that nothing is said by colour alone, that nothing is printed which the console's
encoding lacks, that a name is never read as markup or as a terminal's control sequence, and that a
command stands on one line, whole, to be copied.
"""

from __future__ import annotations

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from recallbench.gate.compared import Likeness
from recallbench.gate.comparison import Comparison
from recallbench.reports.arms import Arm, shared_rows
from recallbench.reports.comparison_headline import headline
from recallbench.reports.comparison_row import NO_DATA, ComparisonRow, comparison_rows
from recallbench.reports.comparison_words import (
    corrections,
    explanations,
    uncounted,
)
from recallbench.reports.console_text import drawable, print_whole, print_wrapped
from recallbench.reports.measure_words import needles_told
from recallbench.reports.points import written_level, written_margin
from recallbench.reports.replay import replay_command

_HEADS = ComparisonRow(
    length="length",
    a="A k/n",
    b="B k/n",
    difference="B - A",
    interval="95%",
    discordant="lost/\ngained",
    p="p",
    adjusted="Holm p",
    verdict="verdict",
)
_INDENT = 2
_UNBOUNDED = 100_000
_NAMED_TRIALS = 5
_STYLES = {
    Likeness.EQUIVALENT: "green",
    Likeness.NON_INFERIOR: "green",
    Likeness.INFERIOR: "red",
    Likeness.INCONCLUSIVE: "yellow",
}


def print_comparison(
    comparison: Comparison,
    arms: tuple[Arm, Arm],
    console: Console,
    *,
    run: str,
    variant: str | None = None,
) -> None:
    """Print what was compared, what came of it, and how to ask lost trials again.

    Args:
        comparison: the two variants.
        arms: what they ran and cost.
        console: where to.
        run: path of the run folder of the second.
        variant: name of the second in its run; None is its name in the comparison.
    """
    _print_title(comparison, console)
    console.print()
    console.print(_arms_table(arms, console))
    console.print()
    for arm in arms:
        for note in arm.notes:
            print_wrapped(f"{arm.title}: {note}", console, indent=_INDENT, style="yellow")
    _print_lengths(comparison, console)
    console.print()
    style = f"bold {_STYLES[comparison.likeness]}"
    print_wrapped(headline(comparison), console, style=style)
    for sentence in explanations(comparison):
        print_wrapped(sentence, console, indent=_INDENT)
    for sentence in uncounted(comparison):
        print_wrapped(f"warning: {sentence}", console, indent=_INDENT, style="yellow")
    print_wrapped(corrections(comparison), console, indent=_INDENT, style="dim")
    _print_lost(comparison, console, run, variant or comparison.names[1])


def _print_title(comparison: Comparison, console: Console) -> None:
    a, b = comparison.names
    print_wrapped(f"{b} against {a}", console, style="bold")
    margin, level = written_margin(comparison.margin), written_level(comparison.confidence)
    said = f"margin {margin}, {level} one-sided; A is {a}, B is {b}"
    print_wrapped(said, console)
    if needles := needles_told(comparison.layout, comparison.distractors):
        print_wrapped(needles, console)


def _arms_table(arms: tuple[Arm, Arm], console: Console) -> Table:
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for title in ("", *(f"{letter} {arm.title}" for letter, arm in zip("AB", arms, strict=True))):
        table.add_column(drawable(title, console), overflow="fold")
    for row in shared_rows(arms):
        table.add_row(*(drawable(text or NO_DATA, console) for text in row))
    return table


def _print_lengths(comparison: Comparison, console: Console) -> None:
    """Every number in a column of its own where there is room, else two in one, else in lines."""
    unbounded = console.options.update_width(_UNBOUNDED)
    for is_wide in (True, False):
        table = _lengths_table(comparison, is_wide=is_wide)
        if console.measure(table, options=unbounded).maximum <= console.width:
            console.print(table)
            return
    for row in comparison_rows(comparison):
        said = (
            f"{row.length}: A {row.a}, B {row.b}, B - A {row.difference} ({row.interval}), "
            f"lost/gained {row.discordant}, p {row.p}, Holm p {row.adjusted}, {row.verdict}"
        )
        print_wrapped(said, console)


def _lengths_table(comparison: Comparison, *, is_wide: bool) -> Table:
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for head in _columns(_HEADS, is_wide=is_wide):
        table.add_column(head, justify="right", overflow="fold")
    rows = comparison_rows(comparison)
    for row in rows:
        *numbers, verdict = _columns(row, is_wide=is_wide)
        styled = Text(verdict, style=_STYLES[Likeness(verdict)])
        table.add_row(*map(Text, numbers), styled, end_section=row is rows[-2])
    return table


def _columns(row: ComparisonRow, *, is_wide: bool) -> tuple[str, ...]:
    if is_wide:
        return row
    difference, p = f"{row.difference}\n{row.interval}", f"{row.p}\n{row.adjusted}"
    return (row.length, row.a, row.b, difference, row.discordant, p, row.verdict)


def _print_lost(comparison: Comparison, console: Console, run: str, variant: str) -> None:
    named = comparison.lost[:_NAMED_TRIALS]
    if not named:
        return
    more = len(comparison.lost) - len(named)
    rest = f"; {more:,} more are not shown" if more else ""
    said = f"lost, recalled by A and missed by B: {len(comparison.lost):,}{rest}"
    print_wrapped(said, console, indent=_INDENT)
    for name in named:
        print_wrapped(f"- {name}", console, indent=_INDENT)
    command = f"ask again: {replay_command(named, run, variant)}"
    print_whole(command, console, indent=_INDENT)
