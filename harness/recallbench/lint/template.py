"""Templates that are filled in before YAML is read: Helm's and Jinja's expressions taken out.

Guarantees: lines stay where they are; what an expression stood for is a ``<template>``, which is
never taken for a value. GitHub's ``${{ ... }}`` is no template of the file and stays.
"""

from __future__ import annotations

import re

PLACEHOLDER = "<template>"
_WHOLE_LINES = re.compile(
    r"^[ \t]*(?:\{\{.{0,2000}?\}\}|\{%.{0,2000}?%\}|\{#.{0,2000}?#\})[ \t]*$",
    re.DOTALL | re.MULTILINE,
)
_INLINE = re.compile(r"(?<!\$)\{\{.{0,2000}?\}\}|\{%.{0,2000}?%\}", re.DOTALL)
# Jinja's ``{#`` is left alone inside a line: it may as well be a comment in a shell's braces.


def without_templates(text: str) -> str:
    """``text`` as it can be read as YAML."""
    if "{{" not in text and "{%" not in text:
        return text
    text = _WHOLE_LINES.sub(lambda match: "\n" * match[0].count("\n"), text)
    return _INLINE.sub(lambda match: PLACEHOLDER + "\n" * match[0].count("\n"), text)
