"""Problems as SARIF 2.1.0: what a code scanner refuses, is not there.

Source: OASIS SARIF 2.1.0, sections 3.13 (log), 3.19 (driver), 3.27 (results), 3.30 (regions); what
GitHub asks for over that: "SARIF support for code scanning".
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from importlib.metadata import version
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

import pytest

from recallbench.lint.invocation import Scan
from recallbench.lint.problems import Linted, Problem
from recallbench.preflight import Finding, Severity
from recallbench.reports.lint_sarif import lint_sarif

LOST = Finding(
    rule="theta-lost", severity=Severity.ERROR, what="lost", why="recall falls", fix="write it"
)
LONG = replace(LOST, rule="allow-long", severity=Severity.WARNING, why="no check")
EAGER = replace(LOST, rule="eager", severity=Severity.ADVICE)


def log(*problems: Problem) -> dict[str, Any]:
    scan = Scan(invocations=(), files=(), skipped=(), unparsed=())
    held = json.loads(lint_sarif(Linted(problems=problems, scan=scan, unknown=())))
    assert isinstance(held, dict)
    return held


def run_of(findings: Iterable[Finding]) -> dict[str, Any]:
    (run,) = log(
        *(
            Problem(path="serve.sh", line=number, finding=finding)
            for number, finding in enumerate(findings, 1)
        )
    )["runs"]
    assert isinstance(run, dict)
    return run


def uri_of(path: str) -> str:
    (run,) = log(Problem(path=path, line=1, finding=LOST))["runs"]
    place = run["results"][0]["locations"][0]["physicalLocation"]
    return str(place["artifactLocation"]["uri"])


def test_the_log_names_its_version_schema_and_tool() -> None:
    held = log()

    assert held["version"] == "2.1.0"
    assert held["$schema"].endswith("sarif-2.1.0.json")
    assert held["runs"] == [
        {
            "tool": {
                "driver": {"name": "recallbench", "version": version("recallbench"), "rules": []}
            },
            "columnKind": "unicodeCodePoints",
            "results": [],
        }
    ]


def test_each_rule_is_described_once_and_every_result_points_at_its_own() -> None:
    run = run_of([LOST, LONG, LOST, EAGER, LONG])
    rules, results = run["tool"]["driver"]["rules"], run["results"]

    assert [rule["id"] for rule in rules] == ["theta-lost", "allow-long", "eager"]
    assert [result["ruleId"] for result in results] == [
        *("theta-lost", "allow-long", "theta-lost", "eager", "allow-long"),
    ]
    assert [rules[result["ruleIndex"]]["id"] for result in results] == [
        result["ruleId"] for result in results
    ]
    assert rules[1]["shortDescription"]["text"] == "allow long"
    assert rules[1]["help"]["text"] == "no check"


def test_severities_are_levels_that_sarif_has() -> None:
    run = run_of([LOST, LONG, EAGER])

    assert [result["level"] for result in run["results"]] == ["error", "warning", "note"]
    assert [rule["defaultConfiguration"]["level"] for rule in run["tool"]["driver"]["rules"]] == [
        "error",
        "warning",
        "note",
    ]


def test_a_result_keeps_its_own_level_where_its_rule_began_with_another() -> None:
    run = run_of([LOST, replace(LOST, severity=Severity.ADVICE)])

    assert [result["level"] for result in run["results"]] == ["error", "note"]


def test_a_result_says_what_why_and_fix_at_a_line_from_1() -> None:
    (result,) = run_of([LOST])["results"]

    assert result["message"] == {"text": "lost: recall falls. Fix: write it"}
    (location,) = result["locations"]
    assert location["physicalLocation"]["region"] == {"startLine": 1}


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("serve.sh", "serve.sh"),
        ("./k8s/serve.yaml", "k8s/serve.yaml"),
        ("/srv/a b/serve#1.sh", "/srv/a%20b/serve%231.sh"),
        ("100%.sh", "100%25.sh"),
        ("what?.sh", "what%3F.sh"),
        ("http:x.sh", "http%3Ax.sh"),
        ("größe.sh", "gr%C3%B6%C3%9Fe.sh"),
        ("a\nb.sh", "a%0Ab.sh"),
        ("no-utf-8-\udcff.sh", "no-utf-8-%FF.sh"),
    ],
)
def test_a_path_is_a_uri_reference_that_leads_to_the_same_file(path: str, uri: str) -> None:
    assert uri_of(path) == uri
    split = urlsplit(uri)
    assert (split.scheme, split.query, split.fragment) == ("", "", "")
    named = unquote_to_bytes(uri).decode("utf-8", "surrogateescape")
    assert named == path.removeprefix("./")
