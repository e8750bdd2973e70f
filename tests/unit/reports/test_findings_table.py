"""Findings are readable in a narrow terminal, and what to do can be copied from it."""

from __future__ import annotations

import io
import json
from dataclasses import replace

import pytest
from rich.console import Console

from recallbench.preflight import Finding, Severity
from recallbench.reports.findings_table import counts, finding_value, print_findings

FIX = (
    """use --hf-overrides '{"rope_parameters": {"factor": 4.0, "rope_type": "yarn"}}' """
    "--max-model-len 131072 and nothing else, which makes this line longer than a terminal is"
)
LOST = Finding(
    rule="theta-lost",
    severity=Severity.ERROR,
    what="the base becomes 10,000",
    why="every frequency is wrong",
    fix=FIX,
    setting="hf_overrides",
)
UNUSED = Finding(
    rule="scaling-not-needed",
    severity=Severity.WARNING,
    what="8,000 tokens are wanted",
    why="short prompts pay",
    fix="leave out the scaling",
)
COULD = replace(UNUSED, rule="eager", severity=Severity.ADVICE)


def printed(*findings: Finding, width: int = 80, color: bool = False) -> str:
    stream = io.StringIO()
    console = Console(
        file=stream,
        width=width,
        force_terminal=color,
        color_system="standard" if color else None,
    )
    print_findings(findings, console)
    return stream.getvalue()


def test_severity_rule_what_and_why_stand_in_a_row_and_the_fix_below() -> None:
    lines = [line.rstrip() for line in printed(UNUSED).splitlines()]

    assert lines[0].split(None, 1) == ["severity", "what                      why it hurts recall"]
    assert lines[2].split() == [
        *("warning", "8,000", "tokens", "are", "wanted", "short", "prompts", "pay"),
    ]
    assert lines[3:] == [
        "scaling-not-needed",
        "fix scaling-not-needed: leave out the scaling",
        "1 warning",
    ]


def test_a_fix_is_one_line_that_can_be_copied_however_narrow_the_terminal() -> None:
    lines = printed(LOST, width=40).splitlines()

    assert f"fix theta-lost: {FIX}" in lines


def test_nothing_of_what_and_why_is_cut() -> None:
    words = [f"word{number}" for number in range(40)]
    text = printed(replace(LOST, what=" ".join(words), why="w" * 200), width=50)

    assert all(word in text for word in words)
    assert text.count("w") >= 200
    assert "…" not in text


def test_one_fix_for_several_rules_is_told_once_with_each_rule_once() -> None:
    text = printed(LOST, replace(LOST, rule="key-ignored"), LOST, UNUSED)

    assert [line for line in text.splitlines() if line.startswith("fix ")] == [
        f"fix theta-lost, key-ignored: {FIX}",
        "fix scaling-not-needed: leave out the scaling",
    ]


def test_no_findings_are_a_sentence() -> None:
    assert printed() == "nothing is wrong\n"


def test_a_name_in_a_sentence_is_neither_markup_nor_a_control_sequence() -> None:
    hostile = "[red]m[/red] \x1b[2J\r\n:boom:"

    text = printed(replace(LOST, what=hostile, why=hostile, fix=hostile), width=200)

    assert text.count(r"[red]m[/red] \x1b[2J\r\n:boom:") == 3
    assert "\x1b" not in text


def test_colours_only_repeat_what_words_say() -> None:
    plain, coloured = printed(LOST, UNUSED), printed(LOST, UNUSED, color=True)

    assert "\x1b[1;31m" in coloured
    assert "error" in plain
    assert "\x1b" not in plain


@pytest.mark.parametrize(
    ("findings", "words"),
    [
        ((), "nothing is wrong"),
        ((LOST,), "1 error"),
        ((LOST, LOST), "2 errors"),
        ((UNUSED, LOST, UNUSED), "1 error, 2 warnings"),
        ((COULD,), "1 advice"),
        ((COULD, COULD, LOST), "1 error, 2 advice"),
    ],
)
def test_counts_say_each_severity_worst_first(findings: tuple[Finding, ...], words: str) -> None:
    assert counts(findings) == words


def test_a_finding_is_plain_json() -> None:
    expected = {
        "rule": "theta-lost",
        "severity": "error",
        "what": "the base becomes 10,000",
        "why": "every frequency is wrong",
        "fix": FIX,
        "setting": "hf_overrides",
    }

    value = finding_value(LOST)

    assert value == expected
    assert type(value["severity"]) is str
    assert json.loads(json.dumps(value)) == expected
    assert finding_value(UNUSED)["setting"] is None
