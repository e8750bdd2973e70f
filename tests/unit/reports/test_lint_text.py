"""Problems for people: a place to click, the reason, the fix, and what was looked at."""

from __future__ import annotations

from dataclasses import replace

import pytest

from recallbench.lint.invocation import Invocation, Scan, Unparsed
from recallbench.lint.problems import Linted, Problem
from recallbench.preflight import Deployment, Finding, Severity
from recallbench.reports.lint_text import lint_text, not_checked, summary

FINDING = Finding(
    rule="theta-lost", severity=Severity.ERROR, what="what", why="reason", fix="write it"
)
EMPTY = Scan(invocations=(), files=(), skipped=(), unparsed=())


def linted(*problems: Problem, engines: int = 0, pins: int = 0, files: int = 0) -> Linted:
    started = [
        Invocation(path="a.sh", line=1, deployment=Deployment(model="m")) for _ in range(engines)
    ]
    pinned = [
        Invocation(path="b.txt", line=1, deployment=Deployment(vllm_version="0.33.0"))
        for _ in range(pins)
    ]
    scan = replace(
        EMPTY,
        invocations=(*started, *pinned),
        files=tuple(f"{number}.sh" for number in range(files)),
    )
    return Linted(problems=problems, scan=scan, unknown=())


def test_a_problem_has_its_place_severity_and_rule_then_why_and_fix() -> None:
    warning = replace(FINDING, severity=Severity.WARNING, rule="allow-long")
    text = lint_text(
        linted(
            Problem(path="run/serve.sh", line=7, finding=FINDING),
            Problem(path="k8s.yaml", line=12, finding=warning),
            engines=2,
            files=3,
        )
    )

    assert text.splitlines() == [
        "run/serve.sh:7: error: what [theta-lost]",
        "    why: reason",
        "    fix: write it",
        "k8s.yaml:12: warning: what [allow-long]",
        "    why: reason",
        "    fix: write it",
        "1 error, 1 warning in 2 engines of 3 files",
    ]


def test_a_sound_tree_is_one_line() -> None:
    assert lint_text(linted(engines=1, files=1)) == "nothing is wrong in 1 engine of 1 file"


def test_where_versions_are_only_pinned_no_engine_is_counted() -> None:
    assert summary(linted(engines=3, pins=2, files=1200)) == "3 engines of 1,200 files"


def test_control_characters_of_files_stay_on_the_line_and_are_spelled() -> None:
    told = replace(FINDING, what="a\x1b[2Jb", why="c\nd", fix="e\rf")

    text = lint_text(linted(Problem(path="g\nh\udcff.sh", line=1, finding=told), files=1))

    assert text.splitlines()[:3] == [
        r"g\nh\udcff.sh:1: error: a\x1b[2Jb [theta-lost]",
        r"    why: c\nd",
        r"    fix: e\rf",
    ]
    assert text.encode("utf-8")


def test_what_was_not_checked_is_said_a_sentence_each() -> None:
    unread = Unparsed(path="x\n.yaml", line=4, why="this is no YAML: \x1b")
    told_as_problem = replace(unread, is_fault=True)
    held = replace(
        linted(),
        scan=replace(EMPTY, unparsed=(told_as_problem, unread)),
        unknown=("some/model", "other\x07"),
        assumed_version="0.33.0",
    )

    sentences = list(not_checked(held))

    assert sentences[0] == r"x\n.yaml:4: could not be read: this is no YAML: \x1b"
    assert "0.33.0 is assumed" in sentences[1]
    assert "--vllm-version" in sentences[1]
    models = [sentence.partition(":")[0] for sentence in sentences[2:]]
    assert models == ["some/model", r"other\x07"]
    assert all("recallbench check --model" in sentence for sentence in sentences[2:])


@pytest.mark.parametrize("problems", [(), (Problem(path="a", line=1, finding=FINDING),)])
def test_where_all_was_checked_there_is_nothing_to_add(problems: tuple[Problem, ...]) -> None:
    assert list(not_checked(linted(*problems, engines=1, files=1))) == []
