"""A systemd unit, or a quadlet's container, that starts vLLM.

Guarantees: each ``ExecStart`` is read with the unit's variables, wherever they stand; a variable
file and specifiers such as ``%i`` are not known.
Source: systemd.exec, systemd.service and podman-systemd.unit manual pages.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from recallbench.lint.command import found_in_container, found_in_words
from recallbench.lint.container import Container
from recallbench.lint.found import Found, Word, merge
from recallbench.lint.shell import split_words

_ENTRY = re.compile(r"\s*([A-Za-z]+)\s*=\s*(.*)", re.DOTALL)
_EXEC_PREFIX = re.compile(r"\s*[-@:+!|]*")


def read_unit(text: str) -> Found:
    """What a unit starts."""
    entries = list(_entries(text))
    environment = _environment(entries)
    image = next((word for key, word in entries if key == "Image"), None)
    parts = [
        found_in_words(_words(word, environment, is_program=True), environment)
        for key, word in entries
        if key == "ExecStart"
    ]
    for key, word in entries:
        if key == "Exec" and image:
            words = tuple(_words(word, environment, is_program=False))
            container = Container(
                line=word.line, image=image, arguments=words, environment=environment
            )
            parts.append(found_in_container(container))
    return merge(parts)


def _words(word: Word, environment: dict[str, Word], *, is_program: bool) -> list[Word]:
    prefix = _EXEC_PREFIX.match(word.text)
    # A quadlet's Exec begins with vLLM's own options.
    text = word.text[prefix.end() :] if prefix and is_program else word.text
    return split_words(text, word.line, environment)


def _environment(entries: Sequence[tuple[str, Word]]) -> dict[str, Word]:
    found: dict[str, Word] = {}
    for key, word in entries:
        if key != "Environment":
            continue
        for pair in split_words(word.text, word.line):
            name, equals, value = pair.text.partition("=")
            if equals:
                found[name] = Word(value, pair.line)
    return found


def _entries(text: str) -> Iterator[tuple[str, Word]]:
    """Keys and values; the lines of a value are joined as systemd joins them."""
    rows = text.replace("\r\n", "\n").split("\n")
    at = 0
    while at < len(rows):
        start = at
        block: list[str] = []
        while at < len(rows):
            row = rows[at].rstrip()
            at += 1
            is_comment = row.lstrip().startswith(("#", ";"))
            block.append("\\" if is_comment and block else row)
            if not row.endswith("\\") and not (is_comment and len(block) > 1):
                break
        match = _ENTRY.fullmatch("\n".join(block))
        if match and not block[0].lstrip().startswith(("#", ";")):
            yield match[1], Word(match[2], start + 1)
