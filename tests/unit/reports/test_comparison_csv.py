"""CSV has fixed columns, a row for each cell, length and all, and empty fields for no data."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

from recallbench.gate.comparison import Comparison
from recallbench.reports.comparison_csv import COLUMNS, write_comparison

Make = Callable[..., Comparison]
CELLS = {
    (8000, 0.0): ("r" * 10, "r" * 9 + "m"),
    (8000, 1.0): ("mm", "rm"),
    (9000, 0.0): ("e", "r"),
}


def written(comparison: Comparison) -> str:
    stream = io.StringIO(newline="")
    write_comparison(comparison, stream)
    return stream.getvalue()


def rows(comparison: Comparison) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(written(comparison), newline="")))


def test_cells_then_lengths_then_all(make_comparison: Make) -> None:
    found = rows(make_comparison(CELLS))

    assert [(row["scope"], row["length_tokens"], row["depth"]) for row in found] == [
        ("cell", "8000", "0.0"),
        ("cell", "8000", "1.0"),
        ("cell", "9000", "0.0"),
        ("length", "8000", ""),
        ("length", "9000", ""),
        ("overall", "", ""),
    ]
    assert {(row["a"], row["b"]) for row in found} == {("base", "fp8")}


def test_the_header_and_line_ends_are_fixed(make_comparison: Make) -> None:
    text = written(make_comparison(CELLS))

    assert text.split("\r\n")[0] == (
        "a,b,scope,length_tokens,depth,n,k_a,k_b,recall_a,recall_b,difference,difference_low,"
        "difference_high,lost,gained,unanswered,mcnemar_p,mcnemar_adjusted,p_inferior,"
        "p_not_inferior,p_superior,verdict,margin,confidence"
    )
    assert text.count("\r\n") == 7
    assert all(None not in row and len(row) == len(COLUMNS) for row in rows(make_comparison(CELLS)))


def test_a_row_has_its_numbers(make_comparison: Make) -> None:
    comparison = make_comparison(CELLS)
    row, part = rows(comparison)[0], comparison.cells[0]

    assert part.interval is not None
    assert (row["n"], row["k_a"], row["k_b"]) == ("10", "10", "9")
    assert (row["recall_a"], row["recall_b"], row["difference"]) == (
        "1.000000",
        "0.900000",
        "-0.100000",
    )
    ends = [float(row[f"difference_{end}"]) for end in ("low", "high")]
    assert max(abs(a - b) for a, b in zip(ends, part.interval, strict=True)) < 1e-6
    assert (row["lost"], row["gained"], row["unanswered"]) == ("1", "0", "0")
    assert row["mcnemar_p"] == "1"
    for name in ("p_inferior", "p_not_inferior", "p_superior"):
        assert abs(float(row[name]) - getattr(part, name)) < 1e-5
    assert (row["margin"], row["confidence"]) == ("0.05", "0.95")


def test_a_cell_without_pairs_is_empty_but_for_its_counts(make_comparison: Make) -> None:
    row = rows(make_comparison(CELLS))[2]

    assert {name for name, field in row.items() if field == ""} == {
        "k_a",
        "k_b",
        "recall_a",
        "recall_b",
        "difference",
        "difference_low",
        "difference_high",
        "mcnemar_p",
        "mcnemar_adjusted",
        "p_inferior",
        "p_not_inferior",
        "p_superior",
    }
    assert (row["n"], row["unanswered"]) == ("0", "1")


def test_a_difference_of_none_is_not_empty(make_comparison: Make) -> None:
    assert rows(make_comparison({(8000, 0.5): ("rr", "rr")}))[0]["difference"] == "0.000000"


def test_any_name_comes_back_or_is_spelled(make_comparison: Make, tmp_path: Path) -> None:
    comparison = make_comparison(CELLS, names=('=a,"\n', "half \ud83d"))
    with (tmp_path / "c.csv").open("w", encoding="utf-8", newline="") as stream:
        write_comparison(comparison, stream)

    with (tmp_path / "c.csv").open(encoding="utf-8", newline="") as stream:
        row = next(csv.DictReader(stream))
    assert (row["a"], row["b"]) == ('=a,"\n', r"half \ud83d")
