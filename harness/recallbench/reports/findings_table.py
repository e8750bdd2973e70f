"""Findings as a table for a terminal, and as plain values for JSON."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from recallbench.preflight import Finding, Severity
from recallbench.reports.notation import counted, printable

_STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "yellow", Severity.ADVICE: "cyan"}


def print_findings(findings: Iterable[Finding], console: Console) -> None:
    """Print what was found and why it matters, then what to do, on lines that can be copied."""
    found = tuple(findings)
    if not found:
        console.print("nothing is wrong")
        return
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for title, ratio in (("severity", None), ("what", 1), ("why it hurts recall", 1)):
        table.add_column(title, overflow="fold", ratio=ratio)
    for finding in found:
        severity = Text(f"{finding.severity}\n{finding.rule}", style=_STYLES[finding.severity])
        table.add_row(severity, Text(printable(finding.what)), Text(printable(finding.why)))
    console.print(table)
    for fix, rules in _fixes(found).items():
        console.print(Text(f"fix {', '.join(rules)}: {printable(fix)}"), soft_wrap=True)
    console.print(Text(counts(found)))


def _fixes(findings: tuple[Finding, ...]) -> dict[str, list[str]]:
    """What to do, once, with the rules that it settles."""
    fixes: dict[str, list[str]] = {}
    for finding in findings:
        rules = fixes.setdefault(finding.fix, [])
        if finding.rule not in rules:
            rules.append(finding.rule)
    return fixes


def counts(findings: Iterable[Finding]) -> str:
    """How many there are of each severity, such as ``1 error, 2 warnings``."""
    held = [finding.severity for finding in findings]
    told = [
        counted(held.count(severity), str(severity))
        if severity is not Severity.ADVICE
        else f"{held.count(severity)} advice"
        for severity in Severity
        if severity in held
    ]
    return ", ".join(told) or "nothing is wrong"


def finding_value(finding: Finding) -> dict[str, Any]:
    """A finding as JSON holds it."""
    return {**asdict(finding), "severity": str(finding.severity)}
