r"""Trials and summaries as CSV: comma, double quotes, ``\r\n``, as in RFC 4180.

Guarantees fixed columns, an empty field where there are no data (never 0, -1 or nan), and that
every text of the model comes back from a CSV reader unchanged, line breaks and NUL included.

Texts are written as they are, also where a spreadsheet would take one for a formula (``=1+1``):
any protection would change the answers that this file is there to show. Import them as text.
Only half a surrogate pair, which no UTF-8 file can hold, is spelled, as in ``\ud800``.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from typing import TextIO

from recallbench.domain import TrialRecord
from recallbench.stats import CellSummary, VariantSummary

TRIAL_COLUMNS = (
    "variant",
    "trial_id",
    "length_tokens",
    "depth",
    "repeat",
    "outcome",
    "key",
    "achieved_depth",
    "prompt_sha256",
    "answer",
    "thought",
    "finish_reason",
    "prompt_tokens",
    "cached_tokens",
    "expected_cached_tokens",
    "distractors",
    "completion_tokens",
    "latency_s",
    "attempts",
    "fingerprint",
    "error",
    "finished_at",
)
"""Columns of the trials: the fields of a record, but for the text around its needle."""

SUMMARY_COLUMNS = (
    "variant",
    "scope",
    "length_tokens",
    "depth",
    "k",
    "n",
    "recall",
    "wilson_low",
    "wilson_high",
    "recalled",
    "missed",
    "truncated",
    "overflow",
    "errored",
    "owed",
    "rope",
    "haystacks",
    "layout",
)
"""Columns of the summary. ``k`` and ``n`` are of recall. The interval is of 95% confidence and
counts ``haystacks``, or trials where that is empty: then it is Wilson's. ``rope`` is proved,
mismatch or unverified, and ``layout`` single, or ladder for multi-key recall."""


def write_trials(records: Iterable[TrialRecord], stream: TextIO) -> None:
    """Write a row for each record, in their order.

    Args:
        records: a journal, or what ``stats.latest`` leaves of it.
        stream: opened with ``newline=""``.
    """
    table = csv.writer(stream)
    table.writerow(TRIAL_COLUMNS)
    for record in records:
        table.writerow(_field(getattr(record, column)) for column in TRIAL_COLUMNS)


def write_summary(
    summaries: Iterable[VariantSummary], stream: TextIO, ropes: Mapping[str, str]
) -> None:
    """Write each variant's cells, then its lengths, then its overall line.

    Args:
        summaries: one for each variant.
        ropes: by variant, how far its RoPE is known.
        stream: opened with ``newline=""``.
    """
    table = csv.writer(stream)
    table.writerow(SUMMARY_COLUMNS)
    for summary in summaries:
        for line in (*summary.cells, *summary.lengths, summary.overall):
            row = (*_summary_row(line), ropes.get(line.variant), line.haystacks, summary.layout)
            table.writerow(_field(value) for value in row)


def _summary_row(line: CellSummary) -> Iterator[object]:
    recall, interval = line.recall, line.interval()
    yield from (line.variant, line.scope, line.length_tokens, line.depth, recall.k, recall.n)
    for share in (recall.value, interval and interval.low, interval and interval.high):
        yield None if share is None else f"{share:.6f}"
    yield from (line.recalled, line.missed, line.truncated, line.overflow, line.errored, line.owed)


def _field(value: object) -> object:
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode("utf-8")
    return "" if value is None else value
