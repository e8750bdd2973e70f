"""Problems in deployment files as SARIF 2.1.0, which code scanners of CI systems read.

Source: OASIS, Static Analysis Results Interchange Format 2.1.0, sections 3.13 to 3.49.
"""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from recallbench.lint.problems import Linted, Problem
from recallbench.preflight import Severity

_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.ADVICE: "note"}
_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def lint_sarif(linted: Linted) -> str:
    """One run with its rules and results."""
    rules: dict[str, Problem] = {}
    for problem in linted.problems:
        rules.setdefault(problem.finding.rule, problem)
    driver = {
        "name": "recallbench",
        "version": version("recallbench"),
        "rules": [_rule(problem) for problem in rules.values()],
    }
    results = [_result(problem, list(rules)) for problem in linted.problems]
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2)


def _rule(problem: Problem) -> dict[str, Any]:
    finding = problem.finding
    return {
        "id": finding.rule,
        "shortDescription": {"text": finding.rule.replace("-", " ")},
        "help": {"text": finding.why},
        "defaultConfiguration": {"level": _LEVELS[finding.severity]},
    }


def _uri(path: str) -> str:
    """The path as a URI reference; names that are no UTF-8 keep the bytes they have on disk."""
    return quote(PurePath(path).as_posix().encode("utf-8", "surrogateescape"))


def _result(problem: Problem, rules: list[str]) -> dict[str, Any]:
    finding = problem.finding
    location = {
        "artifactLocation": {"uri": _uri(problem.path)},
        "region": {"startLine": problem.line},
    }
    return {
        "ruleId": finding.rule,
        "ruleIndex": rules.index(finding.rule),
        "level": _LEVELS[finding.severity],
        "message": {"text": f"{finding.what}: {finding.why}. Fix: {finding.fix}"},
        "locations": [{"physicalLocation": location}],
    }
