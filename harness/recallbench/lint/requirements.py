"""Files that list requirements: pip's, and the dependencies of a ``pyproject.toml``.

Guarantees: a line counts only as an exact pin; a comment does not.
"""

from __future__ import annotations

import re

from recallbench.lint.found import Found, Pin, Word
from recallbench.lint.pins import pins_of_index, pins_of_requirement

_QUOTED = re.compile(r"\"([^\"\n]*)\"|'([^'\n]*)'")
_TABLE_ENTRY = re.compile(r"\s*([\w.-]+)\s*=\s*\"(={2,3}[^\"]+|\d[^\"]*)\"\s*(?:#.*)?")


def read_requirements(text: str) -> Found:
    """The pins of a requirements or constraints file."""
    pins: list[Pin] = []
    for line, row in enumerate(text.split("\n"), start=1):
        plain = row.strip()
        if plain.startswith("-"):
            pins.extend(pins_of_index(Word(plain, line)))
        else:
            pins.extend(pins_of_requirement(Word(plain, line)))
    return Found(pins=tuple(pins))


def read_pyproject(text: str) -> Found:
    """The pins of a TOML file's dependencies: requirements in quotes, and poetry's entries."""
    pins: list[Pin] = []
    for line, row in enumerate(text.split("\n"), start=1):
        if row.lstrip().startswith("#"):
            continue
        for match in _QUOTED.finditer(row):
            pins.extend(pins_of_requirement(Word(match[1] or match[2] or "", line)))
        entry = _TABLE_ENTRY.fullmatch(row)
        if entry:
            requirement = f"{entry[1]}=={entry[2].lstrip('=')}"
            pins.extend(pins_of_requirement(Word(requirement, line)))
    return Found(pins=tuple(pins))
