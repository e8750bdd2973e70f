r"""Two variants side by side as CSV: a row for each cell, each length, and all, as in RFC 4180.

Guarantees fixed columns and an empty field where there are no data (never 0, -1 or nan). Names are
written as they are, also where a spreadsheet would take one for a formula: import them as text.
Only half a surrogate pair, which no UTF-8 file can hold, is spelled, as in ``\ud800``.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import TextIO

from recallbench.gate.compared import Compared
from recallbench.gate.comparison import Comparison

COLUMNS = (
    "a",
    "b",
    "scope",
    "length_tokens",
    "depth",
    "n",
    "k_a",
    "k_b",
    "recall_a",
    "recall_b",
    "difference",
    "difference_low",
    "difference_high",
    "lost",
    "gained",
    "unanswered",
    "mcnemar_p",
    "mcnemar_adjusted",
    "p_inferior",
    "p_not_inferior",
    "p_superior",
    "verdict",
    "margin",
    "confidence",
)
"""``n`` is pairs answered by both; the difference is b minus a with a two-sided interval of 95%;
``mcnemar_adjusted`` and ``verdict`` are corrected over the rows of one scope, the p-values are
not."""


def write_comparison(comparison: Comparison, stream: TextIO) -> None:
    """Write the cells, then the lengths, then the overall row.

    Args:
        comparison: the two variants.
        stream: opened with ``newline=""``.
    """
    table = csv.writer(stream)
    table.writerow(COLUMNS)
    scopes = (
        ("cell", comparison.cells),
        ("length", comparison.lengths),
        ("overall", (comparison.overall,)),
    )
    for scope, parts in scopes:
        for part in parts:
            row = (*comparison.names, scope, *_part_row(part))
            ends = (comparison.margin, comparison.confidence)
            table.writerow(_field(value) for value in (*row, *ends))


def _part_row(part: Compared) -> Iterator[object]:
    yield from (part.length_tokens, part.depth, part.pairs.n)
    # Without pairs k is 0 of 0, which is no data.
    yield from (part.a.k, part.b.k) if part.pairs.n else (None, None)
    interval = part.interval
    yield from map(_share, (part.a.value, part.b.value, part.pairs.difference))
    yield from map(_share, interval or (None, None))
    yield from (part.pairs.lost, part.pairs.gained, part.unanswered)
    yield from map(
        _p,
        (
            part.mcnemar_p,
            part.mcnemar_adjusted,
            part.p_inferior,
            part.p_not_inferior,
            part.p_superior,
        ),
    )
    yield part.likeness.value


def _share(share: float | None) -> str | None:
    return None if share is None else f"{share:.6f}"


def _p(p: float | None) -> str | None:
    return None if p is None else f"{p:.6g}"


def _field(value: object) -> object:
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode("utf-8")
    return "" if value is None else value
