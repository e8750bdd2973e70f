"""Commands that stand in a text between other things: prose, broken YAML, notes.

Guarantees: a line counts only if it begins with a command that starts or installs vLLM and reads
on as one; a sentence that happens to begin with ``vllm serve`` does not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from recallbench.lint.command import found_in_script
from recallbench.lint.engine_start import are_server_arguments, launch_of_words
from recallbench.lint.found import Found, Launch, Word, merge
from recallbench.lint.pins import pins_of_requirement

_PROMPT = re.compile(r"^\s*(?:[$%>]|\(\w+\)\s*\$|[\w.-]+@[\w.:~/-]+[$#])\s+")
_COMMAND = re.compile(
    r"\s*+(?:[A-Z_][A-Z0-9_]*+=\S*+\s++|(?:sudo|nohup|exec|env|uv run|time|export)\s++)*+"
    r"(?:vllm\s+(?:serve|bench|run-batch)\s|python3?\s+-m\s+vllm\.|"
    r"(?:docker|podman|nerdctl)\s+(?:run|create)\s|(?:uv\s+)?pip3?\s+install\s|[A-Z_][A-Z0-9_]*=)"
)
_IN_WORDS = re.compile(r"(?<=\s)--?[a-zA-Z]|\s[\w.-]+/[\w.-]+|\$\w|<")
_OPTION_ITEM = re.compile(r"\s*-\s+[\"']?(--?[a-z][^\"'#]*?)[\"']?\s*$")
_VALUE_ITEM = re.compile(r"\s*-\s+(?:\"(.*)\"|'(.*)'|(\S.*?))\s*$")
_LONGEST_COMMAND = 60
# Nobody wrote a longer one by hand.
_LONGEST_ROW = 5_000


def found_in_loose_lines(text: str) -> Found:
    """What the commands, option lists and requirements in ``text`` start and pin."""
    rows = [row if len(row) <= _LONGEST_ROW else "" for row in text.split("\n")]
    script = "\n".join(_commands_only(rows))
    found = found_in_script(script)
    launches = tuple(launch for launch in found.launches if not launch.strays)
    pins = tuple(
        pin
        for line, row in enumerate(rows, start=1)
        if "==" in row
        for pin in pins_of_requirement(Word(row, line))
    )
    lists = Found(launches=tuple(_option_lists(rows)))
    return merge([replace(found, launches=launches, complaints=()), lists, Found(pins=pins)])


def prompt_removed(row: str) -> str:
    """The line without a prompt."""
    return _PROMPT.sub("", row, count=1)


def continued(rows: Sequence[str], at: int) -> int:
    """The row after the command that begins at row ``at``: backslashes and quotes go on."""
    end = at
    while end < min(len(rows), at + _LONGEST_COMMAND):
        block = "\n".join(rows[at : end + 1])
        is_open = block.count("'") % 2 or block.replace('\\"', "").count('"') % 2
        if not rows[end].rstrip().endswith("\\") and not is_open:
            return end + 1
        end += 1
    # A quote that is never closed was an apostrophe.
    end = at
    while end < len(rows) - 1 and rows[end].rstrip().endswith("\\"):
        end += 1
    return end + 1


def _commands_only(rows: Sequence[str]) -> list[str]:
    """The rows with all but commands emptied."""
    kept = [""] * len(rows)
    at = 0
    while at < len(rows):
        row = prompt_removed(rows[at])
        if not _COMMAND.match(row.rstrip()):
            at += 1
            continue
        end = continued([row, *rows[at + 1 :]], 0) + at
        block = [row, *rows[at + 1 : end]]
        if _IN_WORDS.search(" ".join(block)) or "=" in row:
            kept[at:end] = block
        at = end
    return kept


def _option_lists(rows: Sequence[str]) -> Iterator[Launch]:
    """Items such as ``- --max-model-len=131072`` that stand under each other."""
    block: list[Word] = []
    for line, row in enumerate([*rows, ""], start=1):
        option = _OPTION_ITEM.fullmatch(row)
        item = option or (_VALUE_ITEM.fullmatch(row) if block else None)
        if item:
            text = next(group for group in item.groups() if group is not None)
            block.extend(Word(part, line) for part in _parts(text))
        elif row.strip() and not row.strip().startswith(("#", "{{", "{%")):
            yield from _launched(block)
            block = []
    yield from _launched(block)


def _parts(text: str) -> list[str]:
    """An item that holds an option and its value apart by a blank is two words to a reader."""
    return text.split(" ", 1) if text.startswith("--") and "=" not in text else [text]


def _launched(block: Sequence[Word]) -> Iterator[Launch]:
    if are_server_arguments(block):
        launch = launch_of_words(block, line=block[0].line, environment={})
        if launch:
            yield launch
