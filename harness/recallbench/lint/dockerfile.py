"""A Dockerfile: the stack it pins and the engine that its image starts.

Guarantees: every stage that starts an engine yields it, with the stage's own base image and
variables; what ``RUN`` starts while the image is built is no deployment.
Source: the Dockerfile reference, on escapes, exec and shell forms, and here-documents.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from recallbench.lint.command import found_in_container, found_in_script
from recallbench.lint.container import Container
from recallbench.lint.found import Embedded, Found, Word, merge
from recallbench.lint.image import pins_of_image
from recallbench.lint.shell import split_words

_INSTRUCTION = re.compile(r"\s*([A-Za-z]+)\s+(.*)", re.DOTALL)
_JSON_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_HEREDOC = re.compile(r"<<-?[\"']?(\w+)[\"']?")
_PAIR = re.compile(r"([A-Za-z_]\w*)=(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class _Instruction:
    """One instruction with its continuation lines."""

    keyword: str
    """In capitals."""
    text: str
    """What follows it, with line ends."""
    line: int
    """The line of the keyword."""
    heredoc: Word | None = None
    """The text of its here-document."""


@dataclass(slots=True)
class _Stage:
    """What is known of a build stage."""

    variables: dict[str, Word]
    """Build arguments and environment, for expansion."""
    image: Word | None = None
    """The base image."""
    environment: dict[str, Word] = field(default_factory=dict)
    """Variables of the running container."""
    entrypoint: tuple[Word, ...] | None = None
    """The entry point, in exec form."""
    command: tuple[Word, ...] = ()
    """The command, in exec form."""


def read_dockerfile(text: str) -> Found:
    """What a Dockerfile pins and starts."""
    arguments: dict[str, Word] = {}
    stages: dict[str, _Stage] = {}
    stage = _Stage(variables=arguments)
    found: list[Found] = []
    for instruction in _instructions(text):
        if instruction.keyword == "FROM":
            found.append(_started(stage))
            stage = _next_stage(instruction, arguments, stages)
            if stage.image:
                found.append(Found(pins=tuple(pins_of_image(stage.image))))
        else:
            found.append(_apply(instruction, stage))
    return merge([*found, _started(stage)])


def _apply(instruction: _Instruction, stage: _Stage) -> Found:
    match instruction.keyword:
        case "ARG":
            stage.variables.update(_pairs(instruction, stage.variables))
        case "ENV":
            pairs = _pairs(instruction, stage.variables)
            stage.variables.update(pairs)
            stage.environment.update(pairs)
        case "ENTRYPOINT":
            stage.entrypoint = _exec_form(instruction)
        case "CMD":
            stage.command = _exec_form(instruction)
        case "RUN":
            return _pinned(instruction, stage)
        case "COPY" if instruction.heredoc:
            return _copied(instruction, instruction.heredoc)
    return Found()


def _started(stage: _Stage) -> Found:
    words = (*(stage.entrypoint or ()), *stage.command)
    if not words:
        return Found()
    container = Container(
        line=words[0].line,
        image=stage.image,
        entrypoint=stage.entrypoint,
        arguments=stage.command,
        environment=stage.environment,
    )
    return found_in_container(container)


def _pinned(instruction: _Instruction, stage: _Stage) -> Found:
    word = instruction.heredoc or Word(instruction.text, instruction.line)
    found = found_in_script(word.text, word.line, stage.variables)
    return Found(pins=found.pins, embedded=found.embedded, complaints=found.complaints)


def _copied(instruction: _Instruction, body: Word) -> Found:
    name = instruction.text.split()[-1]
    return Found(embedded=(Embedded(name=name, text=body.text, line=body.line),))


def _next_stage(
    instruction: _Instruction, arguments: Mapping[str, Word], stages: dict[str, _Stage]
) -> _Stage:
    words = split_words(instruction.text, instruction.line, arguments)
    words = [word for word in words if not word.text.startswith("--")]
    if not words:
        return _Stage(variables=dict(arguments))
    base = stages.get(words[0].text.lower())
    stage = _Stage(
        variables={**arguments, **(base.environment if base else {})},
        image=base.image if base else words[0],
        environment=dict(base.environment) if base else {},
        entrypoint=base.entrypoint if base else None,
    )
    if len(words) > 2 and words[1].text.upper() == "AS":  # noqa: PLR2004 - FROM image AS name
        stages[words[2].text.lower()] = stage
    return stage


def _pairs(instruction: _Instruction, known: Mapping[str, Word]) -> dict[str, Word]:
    words = split_words(instruction.text, instruction.line, known)
    pairs = [(match, word) for word in words if (match := _PAIR.fullmatch(word.text))]
    if not pairs and len(words) > 1 and instruction.keyword == "ENV":
        value = " ".join(word.text for word in words[1:])
        return {words[0].text: Word(value, words[0].line)}
    return {match[1]: Word(match[2], word.line) for match, word in pairs}


def _exec_form(instruction: _Instruction) -> tuple[Word, ...]:
    """The words of exec form; shell form is what docker makes of it."""
    if instruction.text.lstrip().startswith("["):
        return tuple(_json_words(instruction))
    script = Word(instruction.text, instruction.line)
    return (Word("/bin/sh", instruction.line), Word("-c", instruction.line), script)


def _json_words(instruction: _Instruction) -> Iterator[Word]:
    for match in _JSON_STRING.finditer(instruction.text):
        line = instruction.line + instruction.text.count("\n", 0, match.start())
        try:
            yield Word(json.loads(match[0].replace("\\\n", "")), line)
        except ValueError:
            yield Word(match[0][1:-1], line)


def _instructions(text: str) -> Iterator[_Instruction]:
    rows = text.replace("\r\n", "\n").split("\n")
    at = 0
    while at < len(rows):
        start = at
        block, at = _continued(rows, at)
        match = _INSTRUCTION.fullmatch(block)
        if not match or match[1].startswith("#"):
            continue
        keyword = match[1].upper()
        heredoc = _HEREDOC.search(match[2]) if keyword in {"RUN", "COPY"} else None
        body = None
        if heredoc and heredoc[1] in (row.strip() for row in rows[at:]):
            end = next(i for i in range(at, len(rows)) if rows[i].strip() == heredoc[1])
            body = Word("\n".join(rows[at:end]), at + 1)
            at = end + 1
        yield _Instruction(keyword, match[2], start + 1, body)


def _continued(rows: Sequence[str], at: int) -> tuple[str, int]:
    """One instruction from row ``at`` with its line ends, and the row after it."""
    block: list[str] = []
    while at < len(rows):
        row = rows[at].rstrip()
        at += 1
        is_comment = row.lstrip().startswith("#")
        # Docker drops comments and empty lines between the lines of an instruction.
        if block and (is_comment or not row):
            block.append("\\")
            continue
        block.append(row)
        if is_comment or not row.endswith("\\"):
            break
    return "\n".join(block), at
