"""Documents with commands and code in them: Markdown, wiki pages, reStructuredText, plain notes.

Guarantees: a block that says its language is read as that language; what stands outside of blocks
counts only where it is a command or a call on a line of its own, so that a sentence about an option
is none.
"""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from recallbench.lint.found import Complaint, Embedded, Found, merge, moved
from recallbench.lint.loose_lines import continued, found_in_loose_lines, prompt_removed
from recallbench.lint.python_code import parse, read_python

_FENCE = re.compile(r"^\s*(?:>\s*)?(`{3,}|~{3,})\s*\{?\.?([\w+-]*)")
_TAG_OPEN = re.compile(r"<(syntaxhighlight|source|pre)\b([^>]*)>", re.IGNORECASE)
_TAG_LANGUAGE = re.compile(r"lang(?:uage)?=[\"']?([\w+-]+)")
_DIRECTIVE = re.compile(r"^(\s*)\.\. (?:code-block|code|sourcecode|prompt)::\s*([\w+-]*)")
_CLOSING = re.compile(r"^\s*(?:>\s*)?(?:`{3,}|~{3,}|</\w+>)")
_PROMPT = re.compile(r"^\s*[$%]\s+\S")
_CALL = re.compile(
    r"^\s*(?:[\w.]+\s*=\s*)?(?:await\s+)?(?:vllm\.)?(?:LLM|AsyncEngineArgs|EngineArgs)\("
)
_DOCTEST = re.compile(r"^\s*(?:>>>|\.\.\.) ?")
_LANGUAGES = {
    "": "block.sh", "bash": "block.sh", "sh": "block.sh", "shell": "block.sh", "zsh": "block.sh",
    "console": "block.sh", "shell-session": "block.sh", "text": "block.sh", "txt": "block.sh",
    "plaintext": "block.sh", "cmd": "block.sh", "terminal": "block.sh", "shellscript": "block.sh",
    "python": "block.py", "py": "block.py", "python3": "block.py", "pycon": "block.py",
    "ipython": "block.py", "yaml": "block.yaml", "yml": "block.yaml", "dockerfile": "Dockerfile",
    "docker": "Dockerfile", "ini": "block.service", "systemd": "block.service",
    "toml": "pyproject.toml", "requirements": "requirements.txt",
}  # fmt: skip
_FARTHEST = 80
_PATIENCE = 25
_MOST_BROKEN = 20


@dataclass(frozen=True, slots=True)
class _Block:
    """A block of code in a document."""

    language: str
    """As the document says it; empty if it does not."""
    first: int
    """The row of its first line, from 0."""
    end: int
    """The row after its last."""


def read_markdown(text: str) -> Found:
    """What a document's blocks and lines start; the blocks come back to be read by language."""
    rows = text.replace("\r\n", "\n").split("\n")
    blocks = list(_blocks(rows))
    outside = list(rows)
    for block in blocks:
        outside[block.first - 1 : block.end + 1] = [""] * len(
            outside[block.first - 1 : block.end + 1]
        )
    embedded = tuple(item for block in blocks if (item := _embedded(rows, block)))
    return merge([
        Found(embedded=embedded),
        found_in_loose_lines("\n".join(outside)),
        _found_in_loose_code(outside),
    ])  # fmt: skip


def _embedded(rows: Sequence[str], block: _Block) -> Embedded | None:
    name = _LANGUAGES.get(block.language.lower())
    inside = [row.removeprefix("> ") for row in rows[block.first : block.end]]
    if name is None or not inside:
        return None
    if name == "block.py":
        inside = _without_doctest(inside)
    if name == "block.sh":
        name, inside = _shell_or_other(inside)
    text = textwrap.dedent("\n".join(inside))
    return Embedded(name=name, text=text, line=block.first + 1)


def _shell_or_other(rows: list[str]) -> tuple[str, list[str]]:
    """A block without a sure language: a session, code, or a script."""
    if any(_PROMPT.match(row) for row in rows):
        return "block.sh", _prompted(rows)
    text = textwrap.dedent("\n".join(rows))
    if any(_CALL.match(row) for row in rows):
        return "block.py", rows
    if re.match(r"\s*(services|apiVersion|version|kind):", text):
        return "block.yaml", rows
    if re.match(r"\s*(FROM|ARG) \S+", text):
        return "Dockerfile", rows
    return "block.sh", rows


def _prompted(rows: Sequence[str]) -> list[str]:
    """Of a session only what was typed, so that output is not taken for commands."""
    kept = [""] * len(rows)
    at = 0
    while at < len(rows):
        if not _PROMPT.match(rows[at]):
            at += 1
            continue
        typed = [prompt_removed(rows[at]), *rows[at + 1 :]]
        end = at + continued(typed, 0)
        kept[at:end] = typed[: end - at]
        at = end
    return kept


def _without_doctest(rows: list[str]) -> list[str]:
    if not any(row.lstrip().startswith(">>> ") for row in rows):
        return rows
    return [_DOCTEST.sub("", row) if _DOCTEST.match(row) else "" for row in rows]


def _blocks(rows: Sequence[str]) -> Iterator[_Block]:
    at = 0
    while at < len(rows):
        block = _fenced(rows, at) or _tagged(rows, at) or _indented(rows, at)
        if block is None:
            at += 1
            continue
        yield block
        # A directive ends before the row that is no part of it, the others with a row of their own.
        at = max(block.end, at + 1)
        at += 1 if at < len(rows) and _CLOSING.match(rows[at]) else 0


def _fenced(rows: Sequence[str], at: int) -> _Block | None:
    fence = _FENCE.match(rows[at])
    if fence is None:
        return None
    end = at + 1
    while end < len(rows) and not rows[end].strip().removeprefix("> ").startswith(fence[1]):
        end += 1
    return _Block(fence[2], at + 1, end)


def _tagged(rows: Sequence[str], at: int) -> _Block | None:
    tag = _TAG_OPEN.search(rows[at])
    if tag is None or f"</{tag[1]}>" in rows[at]:
        return None
    language = _TAG_LANGUAGE.search(tag[2])
    end = at + 1
    while end < len(rows) and f"</{tag[1].lower()}>" not in rows[end].lower():
        end += 1
    return _Block(language[1] if language else "", at + 1, end)


def _indented(rows: Sequence[str], at: int) -> _Block | None:
    directive = _DIRECTIVE.match(rows[at])
    if directive is None:
        return None
    end = at + 1
    while end < len(rows):
        row = rows[end]
        if row.strip() and len(row) - len(row.lstrip()) <= len(directive[1]):
            break
        end += 1
    first = at + 1
    while first < end and (not rows[first].strip() or rows[first].strip().startswith(":")):
        first += 1
    return _Block(directive[2], first, end)


def _found_in_loose_code(rows: Sequence[str]) -> Found:
    """Python that stands between sentences: the largest piece around a call that can be parsed."""
    parts: list[Found] = []
    done = broken = 0
    for at, row in enumerate(rows):
        if at < done or not _CALL.match(row):
            continue
        end = _end_of_statement(rows, at)
        if end is None and broken == _MOST_BROKEN:
            why = "calls from here on are not read: too many before them are never closed"
            return merge([*parts, Found(complaints=(Complaint(line=at + 1, why=why),))])
        if end is None:
            broken += 1
            continue
        done = end
        first = _start_of_code(rows, at, end)
        code = textwrap.dedent("\n".join(rows[first:end]))
        parts.append(moved(read_python(code), first))
    return merge(parts)


def _end_of_statement(rows: Sequence[str], at: int) -> int | None:
    for end in range(at + 1, min(at + _FARTHEST, len(rows)) + 1):
        if _parses(rows[at:end]):
            return end
    return None


def _start_of_code(rows: Sequence[str], at: int, end: int) -> int:
    """How far up the code goes; a value over several rows parses only when its first row is in."""
    best = at
    for first in range(at - 1, max(at - _FARTHEST, -1), -1):
        if best - first > _PATIENCE:
            break
        if _parses(rows[first:end]):
            best = first
    return best


def _parses(rows: Sequence[str]) -> bool:
    try:
        module = parse(textwrap.dedent("\n".join(rows)))
    except SyntaxError:
        return False
    return any(isinstance(node, ast.stmt) for node in module.body)
