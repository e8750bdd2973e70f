"""Problems for programs: every key is there in every case, and its meaning is numbered."""

from __future__ import annotations

import json
from typing import Any

from recallbench.lint.invocation import Scan, Skipped, Unparsed
from recallbench.lint.problems import Linted, Problem
from recallbench.preflight import Finding, Severity
from recallbench.reports.lint_json import lint_json

FINDING = Finding(
    rule="theta-lost",
    severity=Severity.ERROR,
    what="the base becomes 10,000",
    why="recall falls",
    fix="write it",
    setting="hf_overrides",
)


def read(linted: Linted) -> dict[str, Any]:
    held = json.loads(lint_json(linted))
    assert isinstance(held, dict)
    return held


def test_problems_files_and_what_was_left_out_are_all_told() -> None:
    linted = Linted(
        problems=(Problem(path="a/b.sh", line=3, finding=FINDING),),
        scan=Scan(
            invocations=(),
            files=("a/b.sh", "a/c.yaml"),
            skipped=(Skipped(path="a/.git", reason="no deployment"),),
            unparsed=(Unparsed(path="a/c.yaml", line=9, why="no YAML"),),
        ),
        unknown=("some/model",),
        assumed_version="0.29.0",
    )

    assert read(linted) == {
        "schema": 1,
        "problems": [
            {
                "path": "a/b.sh",
                "line": 3,
                "rule": "theta-lost",
                "severity": "error",
                "what": "the base becomes 10,000",
                "why": "recall falls",
                "fix": "write it",
                "setting": "hf_overrides",
            }
        ],
        "files": ["a/b.sh", "a/c.yaml"],
        "skipped": [{"path": "a/.git", "reason": "no deployment"}],
        "unparsed": [{"path": "a/c.yaml", "line": 9, "why": "no YAML", "is_fault": False}],
        "assumed_vllm_version": "0.29.0",
        "models_unknown": ["some/model"],
    }


def test_nothing_found_has_the_same_keys() -> None:
    scan = Scan(invocations=(), files=(), skipped=(), unparsed=())

    assert read(Linted(problems=(), scan=scan, unknown=())) == {
        "schema": 1,
        "problems": [],
        "files": [],
        "skipped": [],
        "unparsed": [],
        "assumed_vllm_version": None,
        "models_unknown": [],
    }


def test_a_name_that_is_no_utf_8_comes_back_as_the_same_name() -> None:
    scan = Scan(invocations=(), files=("x\udcff\n.sh",), skipped=(), unparsed=())

    text = lint_json(Linted(problems=(), scan=scan, unknown=()))

    assert text.isascii()
    assert json.loads(text)["files"] == ["x\udcff\n.sh"]
