"""CSV has fixed columns, empty fields for no data, and the model's text unchanged."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recallbench.domain import Outcome, TrialRecord
from recallbench.reports.csv_table import TRIAL_COLUMNS, write_summary, write_trials
from recallbench.stats import VariantSummary

RECORD = TrialRecord(
    variant="fp8",
    trial_id="8000-0.5-0",
    length_tokens=8000,
    depth=0.5,
    repeat=0,
    outcome=Outcome.RECALLED,
    key="007",
)


def written(*records: TrialRecord) -> str:
    stream = io.StringIO(newline="")
    write_trials(records, stream)
    return stream.getvalue()


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_trials_have_every_field_of_a_record_in_its_order_but_the_text_around_its_needle() -> None:
    names = [field.name for field in fields(TrialRecord) if field.name != "needle_context"]

    assert tuple(names) == TRIAL_COLUMNS


def test_a_trial_is_one_row_with_empty_fields_for_none() -> None:
    assert written(RECORD) == (
        "variant,trial_id,length_tokens,depth,repeat,outcome,key,achieved_depth,prompt_sha256,"
        "answer,thought,finish_reason,prompt_tokens,cached_tokens,expected_cached_tokens,"
        "distractors,completion_tokens,latency_s,attempts,fingerprint,error,finished_at\r\n"
        "fp8,8000-0.5-0,8000,0.5,0,recalled,007,,,,,,,,,0,,,0,,,\r\n"
    )


def test_no_records_are_a_header() -> None:
    assert written().count("\r\n") == 1


@pytest.mark.parametrize(
    "answer",
    [
        "two\nlines",
        "old\rmac",
        'he said "007", twice',
        "=HYPERLINK(1)",
        "-1+1",
        "nul\0byte",
        " spaces ",
        "数",
        "",
    ],
)
def test_an_answer_comes_back_unchanged(answer: str) -> None:
    (row,) = rows(written(replace(RECORD, answer=answer)))

    assert row["answer"] == answer
    assert row["finished_at"] == ""


@given(st.text(st.characters(codec="utf-8")), st.text(st.characters(codec="utf-8")))
def test_any_text_comes_back_unchanged_from_a_file(answer: str, error: str) -> None:
    raw = written(replace(RECORD, answer=answer, error=error)).encode()

    (row,) = rows(raw.decode())

    assert (row["answer"], row["error"]) == (answer, error)


def test_half_a_surrogate_pair_is_spelled_as_no_file_can_hold_it(tmp_path: Path) -> None:
    with (tmp_path / "trials.csv").open("w", encoding="utf-8", newline="") as stream:
        write_trials([replace(RECORD, answer="half \ud83d")], stream)

    (row,) = rows((tmp_path / "trials.csv").read_bytes().decode())
    assert row["answer"] == r"half \ud83d"


def test_a_summary_has_cells_then_lengths_then_the_overall_line(
    make_summary: Callable[..., VariantSummary],
) -> None:
    stream = io.StringIO(newline="")

    write_summary(
        [make_summary({(8000, 0.0): "rrmbt", (8000, 1.0): "oeee", (9000, 0.0): "rrrrr"})],
        stream,
        {"base": "proved"},
    )

    assert stream.getvalue().split("\r\n") == [
        (
            "variant,scope,length_tokens,depth,k,n,recall,wilson_low,wilson_high,"
            "recalled,missed,truncated,overflow,errored,owed,rope,haystacks,layout"
        ),
        "base,cell,8000,0.0,2,4,0.500000,0.150039,0.849961,2,2,1,0,0,0,proved,,single",
        "base,cell,8000,1.0,0,0,,,,0,0,0,1,3,1,proved,,single",
        "base,cell,9000,0.0,5,5,1.000000,0.565518,1.000000,5,0,0,0,0,0,proved,,single",
        "base,cell,9000,1.0,0,0,,,,0,0,0,0,0,5,proved,,single",
        "base,length,8000,,2,4,0.500000,0.150039,0.849961,2,2,1,1,3,1,proved,,single",
        "base,length,9000,,5,5,1.000000,0.565518,1.000000,5,0,0,0,0,5,proved,,single",
        "base,overall,,,7,9,0.777778,0.452589,0.936775,7,2,1,1,3,6,proved,,single",
        "",
    ]


def test_intervals_of_shared_haystacks_stand_with_their_number(
    make_summary: Callable[..., VariantSummary],
) -> None:
    """5 of 5 haystacks are 47.8-100% by the exact interval, however many trials each has."""
    stream = io.StringIO(newline="")
    cells = {(length, depth): "rrrrr" for length in (8000, 9000) for depth in (0.0, 1.0)}

    write_summary([make_summary(cells, shared_by="repeat", layout="ladder")], stream, {})

    found = rows(stream.getvalue())
    assert {(row["scope"], row["wilson_low"], row["haystacks"]) for row in found} == {
        ("cell", "0.565518", ""),
        ("length", "0.478176", "5"),
        ("overall", "0.478176", "5"),
    }
    assert {row["layout"] for row in found} == {"ladder"}


def test_a_recall_of_zero_is_not_empty(make_summary: Callable[..., VariantSummary]) -> None:
    stream = io.StringIO(newline="")

    write_summary([make_summary({(8000, 0.5): "mmmmm"})], stream, {})

    cell = rows(stream.getvalue())[0]
    assert (cell["recall"], cell["wilson_low"], cell["wilson_high"]) == (
        "0.000000",
        "0.000000",
        "0.434482",
    )


def test_each_variant_follows_the_one_before(make_summary: Callable[..., VariantSummary]) -> None:
    stream = io.StringIO(newline="")
    cells = {(8000, 0.5): "rrrrr"}

    write_summary([make_summary(cells), make_summary(cells, variant="fp8, kv=fp8")], stream, {})

    assert [row["variant"] for row in rows(stream.getvalue())] == ["base"] * 3 + ["fp8, kv=fp8"] * 3
