"""Problems as workflow commands: one line each, whatever stands in a file."""

from __future__ import annotations

from dataclasses import replace

import pytest

from recallbench.lint.invocation import Scan
from recallbench.lint.problems import Linted, Problem
from recallbench.preflight import Finding, Severity
from recallbench.reports.lint_github import lint_github

FINDING = Finding(
    rule="theta-lost", severity=Severity.ERROR, what="lost", why="recall falls", fix="write it"
)


def commands(*findings: Finding, path: str = "serve.sh") -> str:
    problems = tuple(
        Problem(path=path, line=number, finding=finding)
        for number, finding in enumerate(findings, 1)
    )
    scan = Scan(invocations=(), files=(), skipped=(), unparsed=())
    return lint_github(Linted(problems=problems, scan=scan, unknown=()))


def test_nothing_found_is_no_line_at_all() -> None:
    assert commands() == ""


def test_each_severity_has_its_command_with_file_line_and_rule() -> None:
    found = [replace(FINDING, severity=severity) for severity in Severity]

    assert commands(*found).splitlines() == [
        "::error file=serve.sh,line=1,title=theta-lost::lost: recall falls%0AFix: write it",
        "::warning file=serve.sh,line=2,title=theta-lost::lost: recall falls%0AFix: write it",
        "::notice file=serve.sh,line=3,title=theta-lost::lost: recall falls%0AFix: write it",
    ]


@pytest.mark.parametrize(
    ("path", "escaped"),
    [
        ("50%.sh", "50%25.sh"),
        ("a,line=9.sh", "a%2Cline=9.sh"),
        ("a::b.sh", "a%3A%3Ab.sh"),
        ("a\r\nb.sh", "a%0D%0Ab.sh"),
        ("%0A.sh", "%250A.sh"),
        ("a\x1b[2J.sh", r"a\x1b[2J.sh"),
        ("no-utf-8-\udcff.sh", r"no-utf-8-\udcff.sh"),
        ("größe.sh", "größe.sh"),
    ],
)
def test_a_path_cannot_end_its_property_or_the_command(path: str, escaped: str) -> None:
    command = commands(FINDING, path=path)

    assert command.startswith(f"::error file={escaped},line=1,title=theta-lost::")
    assert len(command.splitlines()) == 1


@pytest.mark.parametrize(
    ("what", "escaped"),
    [
        ("100%", "100%25"),
        ("a\n::set-output name=x::y", "a%0A::set-output name=x::y"),
        ("a\r::stop", "a%0D::stop"),
        ("%0A", "%250A"),
        ("a: b, c", "a: b, c"),
    ],
)
def test_a_text_cannot_begin_a_command_of_its_own(what: str, escaped: str) -> None:
    command = commands(replace(FINDING, what=what))

    assert command.split("::", 2)[2] == f"{escaped}: recall falls%0AFix: write it"
    assert "\n" not in command
    assert "\r" not in command
