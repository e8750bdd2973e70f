r"""Pieces of GitHub's Markdown with text from outside set safely in them.

Guarantees that such a text stays on one line, in its cell and in its fence, and is never read as
markup, HTML or mathematics; control characters are spelled, as in ``\x1b``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from recallbench.reports.notation import printable

_MARKUP = re.compile(r"([\\`*_\[\]|~$])")
# What begins a list, a heading or a rule at the start of a line.
_LIST, _GUARDED = re.compile(r"^(\d*)([.)+#=-])"), r"\1\\\2"
_HTML = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "@": "&#64;"}
_FENCE = 3


def escaped(text: str) -> str:
    """A text as it stands in a sentence, a heading or a cell of a table."""
    return "".join(_HTML.get(char, char) for char in _MARKUP.sub(r"\\\1", printable(text)))


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table whose first column stands left and the others right.

    Args:
        columns: titles.
        rows: cells, each row as long as ``columns``; all texts are escaped.
    """
    lines = [_row(columns), _row([":--", *["--:"] * (len(columns) - 1)], as_is=True)]
    return "\n".join([*lines, *(_row(row) for row in rows)])


def fenced(lines: Iterable[str], language: str = "shell") -> str:
    """Lines as code, to be copied; the fence is longer than any in them."""
    held = [printable(line) for line in lines]
    longest = max((len(run) for line in held for run in re.findall("`+", line)), default=0)
    fence = "`" * max(_FENCE, longest + 1)
    return "\n".join([f"{fence}{language}", *held, fence])


def folded(title: str, block: str) -> str:
    """A block that is opened by a click."""
    # Markdown inside needs the empty lines.
    return f"<details><summary>{escaped(title)}</summary>\n\n{block}\n\n</details>"


def bullets(sentences: Iterable[str]) -> str:
    """Sentences as a list."""
    return "\n".join(f"- {_LIST.sub(_GUARDED, escaped(sentence))}" for sentence in sentences)


def _row(cells: Iterable[str], *, as_is: bool = False) -> str:
    return f"| {' | '.join(cell if as_is else escaped(cell) for cell in cells)} |"
