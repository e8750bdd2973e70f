"""Diagnoses as lines for the terminal, and as plain values for JSON.

Guarantees that nothing from outside is read as markup or as a terminal's control sequence, that
nothing is printed which the console's encoding lacks, and that a command stands on one line, whole,
to be copied.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypedDict

from rich.console import Console

from recallbench.diagnosis import Diagnosis
from recallbench.reports.console_text import drawable, print_whole, print_wrapped

_INDENT = 2


class DiagnosisEntry(TypedDict):
    """A diagnosis in JSON."""

    pattern: str
    """Its stable name."""
    what: str
    """What was seen."""
    why: str
    """The likely cause."""
    next_command: str
    """What to run next."""
    evidence: list[str]
    """Further numbers."""


def print_diagnoses(variant: str, diagnoses: Iterable[Diagnosis], console: Console) -> None:
    """Print what is wrong with one variant, strongest first; nothing where nothing is wrong."""
    for diagnosis in diagnoses:
        console.print(drawable(f"{variant}: {diagnosis.pattern}", console, "bold"), soft_wrap=True)
        print_wrapped(diagnosis.what, console, indent=_INDENT, style="yellow")
        print_wrapped(f"likely cause: {diagnosis.why}", console, indent=_INDENT)
        for line in diagnosis.evidence:
            print_wrapped(f"- {line}", console, indent=_INDENT, style="dim")
        print_whole(f"next: {diagnosis.next_command}", console, indent=_INDENT)
        console.print()


def diagnosis_entries(diagnoses: Iterable[Diagnosis]) -> list[DiagnosisEntry]:
    """Diagnoses in their order, made of strings and lists only."""
    return [
        DiagnosisEntry(
            pattern=diagnosis.pattern.value,
            what=diagnosis.what,
            why=diagnosis.why,
            next_command=diagnosis.next_command,
            evidence=list(diagnosis.evidence),
        )
        for diagnosis in diagnoses
    ]
