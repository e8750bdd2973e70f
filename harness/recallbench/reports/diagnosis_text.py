"""Diagnoses as lines for the terminal, and as plain values for JSON.

Guarantees that nothing from outside is read as markup or as a terminal's control sequence, that
nothing is printed which the console's encoding lacks, and that a command stands on one line, whole,
to be copied.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypedDict

from rich.console import Console
from rich.text import Text

from recallbench.diagnosis import Diagnosis
from recallbench.reports.notation import printable

_INDENT = 2
_NARROWEST = 20


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
        console.print(_drawable(f"{variant}: {diagnosis.pattern}", console, "bold"), soft_wrap=True)
        _print_wrapped(diagnosis.what, console, "yellow")
        _print_wrapped(f"likely cause: {diagnosis.why}", console)
        for line in diagnosis.evidence:
            _print_wrapped(f"- {line}", console, "dim")
        command = f"{' ' * _INDENT}next: {diagnosis.next_command}"
        console.print(_drawable(command, console), soft_wrap=True)
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


def _print_wrapped(text: str, console: Console, style: str = "") -> None:
    width = max(_NARROWEST, console.width - _INDENT)
    for line in _drawable(text, console, style).wrap(console, width, overflow="fold"):
        line.rstrip()
        line.pad_left(_INDENT)
        console.print(line, soft_wrap=True)


def _drawable(text: str, console: Console, style: str = "") -> Text:
    # A CI job's output may be ASCII.
    encoded = printable(text).encode(console.encoding, "backslashreplace")
    return Text(encoded.decode(console.encoding), style=style)
