"""The terminal shows tables and warnings that fit and need no colours."""

from __future__ import annotations

import io
from collections.abc import Callable

from rich.console import Console

from recallbench.reports.terminal import print_summary
from recallbench.stats import VariantSummary

Make = Callable[..., VariantSummary]


def printed(
    *summaries: VariantSummary,
    width: int = 80,
    encoding: str = "utf-8",
    notes: dict[str, str] | None = None,
) -> str:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding, newline="")
    print_summary(summaries, Console(file=stream, width=width), notes or {})
    stream.flush()
    return raw.getvalue().decode(encoding)


def test_a_note_stands_below_the_variants_name_and_is_no_markup(make_summary: Make) -> None:
    lines = printed(
        make_summary({(8000, 0.0): "rrrrr"}),
        notes={"base": "RoPE [bold]proved[/bold]\x1b[2J", "other": "unseen"},
    ).splitlines()

    assert lines[:2] == ["base", r"RoPE [bold]proved[/bold]\x1b[2J"]


def test_a_variant_is_a_table_of_lengths_and_a_matrix(make_summary: Make) -> None:
    summary = make_summary(
        {(8000, 0.0): "rrrrr", (8000, 1.0): "rrrrm", (16000, 0.0): "mmmmm", (16000, 1.0): "rrrrr"}
    )

    assert printed(summary).splitlines() == [
        "base",
        " length    k/n  recall  Wilson 95%",
        "──────────────────────────────────",
        "  8,000   9/10   90.0%  59.6-98.2%",
        " 16,000   5/10   50.0%  23.7-76.3%",
        "──────────────────────────────────",
        "overall  14/20   70.0%  48.1-85.5%",
        "",
        "depth  8,000  16,000",
        "────────────────────",
        "   0%    5/5     0/5",
        " 100%    4/5     5/5",
        "",
    ]


def test_outcomes_that_are_not_measured_have_columns_and_warnings(make_summary: Make) -> None:
    summary = make_summary(
        {(8000, 0.5): "rrrbe", (16000, 0.5): "toe", (32000, 0.5): ""}, asked_lengths=(8000, 16000)
    )

    assert printed(summary).splitlines() == [
        "base",
        " length        k/n  recall  Wilson 95%  truncated  overflow  errored  owed",
        "──────────────────────────────────────────────────────────────────────────",
        "  8,000        3/4   75.0%  30.1-95.4%          0         0        1     0",
        " 16,000          -       -           -          1         1        1     2",
        " 32,000  not asked       -           -          0         0        0     0",
        "──────────────────────────────────────────────────────────────────────────",
        "overall        3/4   75.0%  30.1-95.4%          1         1        2     2",
        "",
        "warning: the only miss used the whole answer budget: their key may have come yet",
        "warning: 1 trial cut off before an answer: not counted; raise their budget",
        "warning: 1 trial refused by the server as too long: not counted as missed",
        "warning: 2 trials errored: not counted as missed",
        "warning: 2 trials not asked yet: the run is not complete",
        "",
    ]


def test_a_cell_without_recall_says_why_in_the_matrix(make_summary: Make) -> None:
    summary = make_summary({(8000, 0.0): "eeeee", (8000, 1.0): "rrttt", (9000, 0.0): ""})

    assert printed(summary).splitlines()[8:12] == [
        "depth  8,000   9,000",
        "────────────────────",
        "   0%  5 err  5 owed",
        " 100%    2/2  5 owed",
    ]


def test_one_depth_needs_no_matrix(make_summary: Make) -> None:
    assert "depth" not in printed(make_summary({(8000, 0.5): "rrrrr"}))


def test_a_matrix_that_does_not_fit_is_left_out(make_summary: Make) -> None:
    grid = {(1000 * number, depth): "rrrrr" for number in range(1, 10) for depth in (0.0, 0.5, 1.0)}

    assert "depth" in printed(make_summary(grid), width=68)
    assert "depth" not in printed(make_summary(grid), width=67)


def test_a_wide_run_fits_80_columns_whole(make_summary: Make) -> None:
    grid = {
        (131_072 * number, depth): "r" * 90 + "btoe"
        for number in range(1, 9)
        for depth in (0.0, 0.25, 0.5, 0.75, 1.0)
    }

    lines = printed(make_summary(grid, trials=100)).splitlines()

    assert max(map(len, lines)) <= 80
    assert "1,048,576      450/455   98.9%  97.5-99.5%          5         5        5    30" in lines
    assert "…" not in "".join(lines)


def test_numbers_are_never_cut_on_a_narrow_terminal(make_summary: Make) -> None:
    text = printed(make_summary({(1_048_576, 0.5): "rrrrrtoe"}, trials=9), width=40)

    assert "…" not in text
    assert max(map(len, text.splitlines())) <= 40


def test_a_name_is_neither_markup_nor_a_control_sequence(make_summary: Make) -> None:
    summary = make_summary({(8000, 0.5): "rrrrr"}, variant="[red]fp8[/red] \x1b[31m [/] :boom:")

    assert printed(summary).splitlines()[0] == r"[red]fp8[/red] \x1b[31m [/] :boom:"


def test_ascii_consoles_get_ascii(make_summary: Make) -> None:
    summary = make_summary({(8000, 0.0): "rrrrr", (8000, 1.0): "rrrrr"}, variant="数")

    text = printed(summary, encoding="ascii")

    assert text.splitlines()[0] == r"\u6570"
    assert "10/10" in text


def test_without_a_terminal_there_are_no_escape_codes_and_no_trailing_blanks(
    make_summary: Make,
) -> None:
    text = printed(make_summary({(8000, 0.0): "rrrrm", (8000, 1.0): "mmmmm"}))

    assert "\x1b" not in text
    assert [line for line in text.splitlines() if line != line.rstrip()] == []


def test_every_variant_has_its_own_tables(make_summary: Make) -> None:
    cells = {(8000, 0.5): "rrrrr"}

    text = printed(make_summary(cells), make_summary(cells, variant="fp8"))

    assert [line for line in text.splitlines() if line in {"base", "fp8"}] == ["base", "fp8"]
    assert text.count("overall") == 2


SHARED = {(length, depth): "rrrrm" for length in (8000, 16_000) for depth in (0.0, 1.0)}


def test_intervals_of_shared_haystacks_say_once_what_they_count(make_summary: Make) -> None:
    alone = printed(make_summary(SHARED))
    shared = printed(make_summary(SHARED, shared_by="repeat"))

    assert shared.count("intervals count the 5 haystacks that the trials share") == 1
    assert "Wilson" not in shared
    assert "95% interval" in shared
    assert "28.4-99.5%" in shared, "4 of 5 haystacks, exact"
    assert "28.4-99.5%" not in alone
    assert "haystack" not in alone
    assert "Wilson 95%" in alone


def test_a_ladder_is_headed_as_multi_key_recall(make_summary: Make) -> None:
    lines = printed(make_summary(SHARED, shared_by="repeat", layout="ladder")).splitlines()

    assert lines[:2] == ["base", "multi-key recall: 1 to 3 other needles in each prompt"]
    assert lines[2].split() == ["length", "k/n", "multi-key", "recall", "95%", "interval"]
    assert max(map(len, lines)) <= 80
