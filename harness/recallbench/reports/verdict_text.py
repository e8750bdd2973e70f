"""A gate's verdicts on the terminal: a table for each variant, what decided it, what would help.

Guarantees that nothing is said by colour alone, that a name is never read as markup or as a
terminal's control sequence, and that no number and no command is shortened on a narrow console.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rich import box
from rich.console import Console
from rich.table import Table

from recallbench.gate.verdict import Judgement, VariantVerdict, Verdict
from recallbench.reports.console_text import drawable, print_whole, print_wrapped
from recallbench.reports.judgement_words import (
    written_count,
    written_demand,
    written_judgement,
    written_place,
    written_reason,
)
from recallbench.reports.notation import written_length
from recallbench.reports.replay import replay
from recallbench.reports.verdict_advice import advice, written_incomplete

_STYLES = {Verdict.PASS: "green", Verdict.FAIL: "bold red", Verdict.INCONCLUSIVE: "yellow"}
_COLUMNS = {
    "rule": "left",
    "length": "right",
    "k/n": "right",
    "demanded": "left",
    "verdict": "left",
    "why": "left",
}
# Where the reasons have no room in the table, those that decided stand below it.
_WITHOUT_WHY = tuple(name for name in _COLUMNS if name != "why")
_NO_DATA = "-"
_INDENT = 2
_UNBOUNDED = 100_000


def print_verdicts(
    verdicts: Sequence[VariantVerdict], console: Console, run: str | None = None
) -> None:
    """Print what the gate says of each variant, and why.

    Args:
        verdicts: one for each variant.
        console: where to.
        run: folder of the run, for commands that ask again what speaks against a variant; None
            prints none.
    """
    for verdict in verdicts:
        table = _table(verdict.judgements, console, _COLUMNS)
        fits = _fits(table, console)
        if verdict.judgements:
            console.print(table if fits else _table(verdict.judgements, console, _WITHOUT_WHY))
            console.print()
        line = f"{verdict.variant}: {verdict.verdict.value.upper()}"
        console.print(drawable(line, console, _STYLES[verdict.verdict]), soft_wrap=True)
        for sentence in _sentences(verdict, with_why=not fits):
            print_wrapped(sentence, console, indent=_INDENT)
        if run is not None:
            _print_replay(verdict, console, run)
        console.print()


def _fits(table: Table, console: Console) -> bool:
    unbounded = console.options.update_width(_UNBOUNDED)
    return console.measure(table, options=unbounded).maximum <= console.width


def _table(judgements: Iterable[Judgement], console: Console, columns: Iterable[str]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    shown = tuple(columns)
    for name in shown:
        # Never shorten a number: where there is no width it goes on below.
        right = _COLUMNS[name] == "right"
        table.add_column(name, justify="right" if right else "left", overflow="fold")
    for judgement in judgements:
        values = _values(judgement)
        style = _STYLES[judgement.verdict]
        table.add_row(
            *(drawable(values[name], console, style if name == "verdict" else "") for name in shown)
        )
    return table


def _values(judgement: Judgement) -> dict[str, str]:
    length = judgement.length_tokens
    return {
        "rule": judgement.rule,
        "length": _NO_DATA if length is None else written_length(length),
        "k/n": written_count(judgement) or _NO_DATA,
        "demanded": written_demand(judgement),
        "verdict": judgement.verdict.value,
        "why": written_reason(judgement),
    }


def _sentences(verdict: VariantVerdict, *, with_why: bool) -> Iterator[str]:
    if verdict.verdict is Verdict.PASS:
        number = len(verdict.judgements)
        yield f"decided by: {'its only judgement' if number == 1 else f'all {number:,} judgements'}"
    elif with_why:
        yield from (f"decided by: {written_judgement(each)}" for each in verdict.deciding)
    elif verdict.deciding:
        yield f"decided by: {', '.join(map(written_place, verdict.deciding))}"
    if verdict.incomplete:
        yield f"incomplete: {written_incomplete(verdict.incomplete)}"
    yield from (f"note: {note}" for note in verdict.notes)
    yield from (f"what helps: {sentence}" for sentence in advice(verdict))


def _print_replay(verdict: VariantVerdict, console: Console, run: str) -> None:
    found = replay(verdict.variant, verdict.judgements, run)
    if found:
        print_wrapped(f"{found.said}:", console, indent=_INDENT)
        print_whole(found.command, console, indent=_INDENT)
