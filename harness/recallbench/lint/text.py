"""One text, whatever its kind, as the invocations in it. Pure.

Guarantees: texts inside the text (blocks, heredocs, scripts in config maps) are read in their own
languages; versions that the text pins, and pins to one value only, hold for every engine in it; a
text that pins vLLM and starts nothing yields one invocation with versions alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from recallbench.lint.command import found_in_script
from recallbench.lint.engine_start import FIELDS, with_pins, with_variables
from recallbench.lint.found import Found, Launch, Pin, merge, moved
from recallbench.lint.invocation import Invocation, Unparsed
from recallbench.lint.markdown import read_markdown
from recallbench.lint.pins import agreed
from recallbench.lint.python_code import read_python
from recallbench.lint.text_kind import Reader, kind_of
from recallbench.preflight import Deployment

_DEEPEST = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class TextReading:
    """What one text yields."""

    invocations: tuple[Invocation, ...]
    """In the order of lines."""
    unparsed: tuple[Unparsed, ...]
    """What could not be understood."""


def read_text(text: str, path: str) -> TextReading:
    """The invocations in ``text``, whose kind the name of ``path`` tells."""
    found = _read(text, path.rpartition("/")[2], 0)
    pins = agreed(found.pins)
    launches = [with_pins(launch, pins) for launch in found.launches]
    if not launches and "vllm" in pins:
        launches = [_pinned(pins)]
    launches.sort(key=lambda launch: launch.line)
    invocations = (
        Invocation(path=path, line=launch.line, deployment=launch.deployment, lines=launch.lines)
        for launch in launches
    )
    return TextReading(
        invocations=tuple(invocations),
        unparsed=tuple(
            Unparsed(path=path, line=c.line, why=c.why, is_fault=c.is_fault)
            for c in found.complaints
        ),
    )


def _pinned(pins: Mapping[str, Pin]) -> Launch:
    versions: dict[str, Any] = {FIELDS[package]: pin.version for package, pin in pins.items()}
    lines = {FIELDS[package]: pin.line for package, pin in pins.items()}
    return Launch(line=pins["vllm"].line, deployment=Deployment(**versions), lines=lines)


def _read(text: str, name: str, depth: int) -> Found:
    reader = kind_of(name) or _reader_by_content(text)
    found = reader(text)
    if depth >= _DEEPEST:
        return found
    inner = [
        moved(_read(item.text, item.name.rpartition("/")[2], depth + 1), item.line - 1)
        for item in found.embedded
    ]
    whole = merge([found, *inner])
    return _in_reading_order(whole) if reader is read_markdown else whole


def _in_reading_order(found: Found) -> Found:
    """A document whose reader runs one block after the other, in one environment."""
    launches = []
    for launch in found.launches:
        before = {name: word for name, word in found.variables if word.line <= launch.line}
        launches.append(with_variables(launch, before))
    return replace(found, launches=tuple(launches))


def _reader_by_content(text: str) -> Reader:
    """The reader for a file that was named by the user, or a script without a suffix."""
    first = text.partition("\n")[0]
    if first.startswith("#!"):
        return read_python if "python" in first else found_in_script
    return read_markdown
