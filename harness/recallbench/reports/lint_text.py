"""Problems in deployment files for people: a line to click, then why and the fix."""

from __future__ import annotations

from collections.abc import Iterator

from recallbench.lint.problems import Linted, Problem
from recallbench.reports.findings_table import counts
from recallbench.reports.notation import counted, printable


def lint_text(linted: Linted) -> str:
    """All problems, then how many there are."""
    lines = [line for problem in linted.problems for line in _lines(problem)]
    found = counts(problem.finding for problem in linted.problems)
    return "\n".join([*lines, f"{found} in {summary(linted)}"])


def _lines(problem: Problem) -> Iterator[str]:
    finding = problem.finding
    where = f"{printable(problem.path)}:{problem.line}"
    yield f"{where}: {finding.severity}: {printable(finding.what)} [{finding.rule}]"
    yield f"    why: {printable(finding.why)}"
    yield f"    fix: {printable(finding.fix)}"


def summary(linted: Linted) -> str:
    """What was looked at, such as ``3 engines of 12 files``."""
    engines = sum(each.deployment.model is not None for each in linted.scan.invocations)
    return f"{counted(engines, 'engine')} of {counted(len(linted.scan.files), 'file')}"


def not_checked(linted: Linted) -> Iterator[str]:
    """What could not be looked at, a sentence each."""
    for place in linted.scan.unparsed:
        if place.is_fault:
            continue
        yield f"{printable(place.path)}:{place.line}: could not be read: {printable(place.why)}"
    if linted.scan.skipped:
        left_out = counted(len(linted.scan.skipped), "file or folder", "files and folders")
        yield f"{left_out} of other kinds not read (--format json names them)"
    if linted.assumed_version:
        yield (
            f"where no version of vLLM is named, {linted.assumed_version} is assumed "
            "(--vllm-version)"
        )
    for model in linted.unknown:
        yield (
            f"{printable(model)}: its config is not known here, so what depends on it was not "
            "checked (recallbench check --model reads it)"
        )
