"""Problems in deployment files as workflow commands, which GitHub shows beside the lines.

Source: GitHub's documentation, "Workflow commands for GitHub Actions", and the escapes of
actions/toolkit's ``command.ts``.
"""

from __future__ import annotations

from recallbench.lint.problems import Linted, Problem
from recallbench.preflight import Severity
from recallbench.reports.notation import printable

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.ADVICE: "notice"}
_DATA = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_PROPERTY = {**_DATA, ":": "%3A", ",": "%2C"}


def lint_github(linted: Linted) -> str:
    """A command for each problem."""
    return "\n".join(_command(problem) for problem in linted.problems)


def _command(problem: Problem) -> str:
    finding = problem.finding
    properties = {"file": problem.path, "line": str(problem.line), "title": finding.rule}
    held = ",".join(f"{key}={_escaped(value, _PROPERTY)}" for key, value in properties.items())
    text = f"{finding.what}: {finding.why}\nFix: {finding.fix}"
    return f"::{_COMMANDS[finding.severity]} {held}::{_escaped(text, _DATA)}"


def _escaped(text: str, escapes: dict[str, str]) -> str:
    """What GitHub decodes again; other control characters, and bytes that are no text, spelled."""
    return "".join(escapes.get(character) or printable(character) for character in text)
