"""What a reader of one text hands back, and the words it is made of. Lines count from 1."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from recallbench.preflight import Deployment

Environment = Mapping[str, "Word"]
"""Variables and their values; a value may be unresolved."""


@dataclass(frozen=True, slots=True)
class Word:
    """A piece of text and where it stands."""

    text: str
    """The text; what is not known stays as it is written, such as ``${NAME}``."""
    line: int
    """The line of its first character."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """One start of an engine."""

    line: int
    """The line of its command."""
    deployment: Deployment
    """What is started."""
    lines: Mapping[str, int] = field(default_factory=dict)
    """The line of each setting and variable."""
    strays: tuple[str, ...] = ()
    """Words of its command that vLLM would not understand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """An exact version of vLLM, torch or CUDA that is asked for."""

    package: str
    """``vllm``, ``torch`` or ``cuda``."""
    version: str
    """The version, such as ``0.8.5``; CUDA's has at least two numbers."""
    line: int
    """The line it stands on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """Something that could not be understood."""

    line: int
    """The line."""
    why: str
    """What is wrong, in words."""
    is_fault: bool = False
    """Whether whoever runs the file would stumble over it too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Embedded:
    """A text in another language inside a text, such as a script in a heredoc."""

    name: str
    """A file name that tells the language, such as ``start.sh``."""
    text: str
    """The text."""
    line: int
    """The line of its first line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """All that one text yields."""

    launches: tuple[Launch, ...] = ()
    """Engines."""
    pins: tuple[Pin, ...] = ()
    """Versions."""
    complaints: tuple[Complaint, ...] = ()
    """What could not be read."""
    embedded: tuple[Embedded, ...] = ()
    """What has to be read as another language."""
    variables: tuple[tuple[str, Word], ...] = ()
    """What the text sets in the environment for all that follows it."""


def merge(parts: Iterable[Found]) -> Found:
    """All of several."""
    found = tuple(parts)
    return Found(
        launches=tuple(item for part in found for item in part.launches),
        pins=tuple(item for part in found for item in part.pins),
        complaints=tuple(item for part in found for item in part.complaints),
        embedded=tuple(item for part in found for item in part.embedded),
        variables=tuple(item for part in found for item in part.variables),
    )


def moved(found: Found, lines: int) -> Found:
    """The same ``lines`` further down."""
    if not lines:
        return found
    return Found(
        launches=tuple(
            replace(
                launch,
                line=launch.line + lines,
                lines={name: line + lines for name, line in launch.lines.items()},
            )
            for launch in found.launches
        ),
        pins=tuple(replace(pin, line=pin.line + lines) for pin in found.pins),
        complaints=tuple(replace(item, line=item.line + lines) for item in found.complaints),
        embedded=tuple(replace(item, line=item.line + lines) for item in found.embedded),
        variables=tuple(
            (name, replace(word, line=word.line + lines)) for name, word in found.variables
        ),
    )


def texts(words: Sequence[Word]) -> list[str]:
    """The words without their lines."""
    return [word.text for word in words]
