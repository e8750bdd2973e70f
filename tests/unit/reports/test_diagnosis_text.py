"""Diagnoses are readable on any console, and plain values in JSON."""

from __future__ import annotations

import io
import json
from dataclasses import asdict

from rich.console import Console

from recallbench.diagnosis import Diagnosis, Pattern
from recallbench.reports.diagnosis_text import diagnosis_entries, print_diagnoses

FALL = Diagnosis(
    pattern=Pattern.DECLINES_WITH_LENGTH,
    what="Recall falls from 20/20 (100%, 95% interval 83.9-100%) at 8,000 tokens to 4/20.",
    why="what YaRN does",
    next_command="recallbench run long --variant base --length=16000,24000,32000 --trials=20",
    evidence=("8,000 tokens: 20/20", "16,000 tokens: 4/20"),
)


def printed(
    *diagnoses: Diagnosis, variant: str = "base", width: int = 60, encoding: str = "utf-8"
) -> str:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding, newline="")
    print_diagnoses(variant, diagnoses, Console(file=stream, width=width))
    stream.flush()
    return raw.getvalue().decode(encoding)


def test_a_diagnosis_is_a_name_its_numbers_its_cause_and_a_command() -> None:
    assert printed(FALL).splitlines() == [
        "base: declines-with-length",
        "  Recall falls from 20/20 (100%, 95% interval 83.9-100%) at",
        "  8,000 tokens to 4/20.",
        "  likely cause: what YaRN does",
        "  - 8,000 tokens: 20/20",
        "  - 16,000 tokens: 4/20",
        "  next: recallbench run long --variant base --length=16000,24000,32000 --trials=20",
        "",
    ]


def test_nothing_wrong_is_nothing_said() -> None:
    assert printed() == ""
    assert diagnosis_entries([]) == []


def test_every_diagnosis_is_printed_in_its_order() -> None:
    other = Diagnosis(pattern=Pattern.NO_PATTERN, what="w", why="y", next_command="n")

    text = printed(FALL, other)

    assert text.index("declines-with-length") < text.index("no-pattern")


def test_words_from_outside_are_neither_markup_nor_control_sequences() -> None:
    hostile = "[red]x[/red] \x1b[31m [/] :boom:"
    told = Diagnosis(
        pattern=Pattern.NO_PATTERN,
        what=hostile,
        why=hostile,
        next_command=hostile,
        evidence=(hostile,),
    )

    lines = printed(told, variant=hostile).splitlines()

    assert lines[0] == r"[red]x[/red] \x1b[31m [/] :boom:: no-pattern"
    assert [line for line in lines[1:5] if r"[red]x[/red] \x1b[31m [/] :boom:" not in line] == []
    assert "\x1b" not in "".join(lines)


def test_ascii_consoles_get_ascii() -> None:
    assert printed(FALL, variant="数", encoding="ascii").startswith(r"\u6570: declines")


def test_lines_fit_and_have_no_trailing_blanks_but_a_command_stays_whole() -> None:
    lines = printed(FALL, width=30).splitlines()

    assert [line for line in lines if line != line.rstrip()] == []
    assert [line for line in lines if len(line) > 30] == [f"  next: {FALL.next_command}"]


def test_entries_are_plain_values_with_everything_in_them() -> None:
    entries = diagnosis_entries([FALL])

    assert json.loads(json.dumps(entries)) == [
        {**asdict(FALL), "pattern": "declines-with-length", "evidence": list(FALL.evidence)}
    ]
    assert type(entries[0]["pattern"]) is str
