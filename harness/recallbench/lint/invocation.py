"""What was found in deployment files: the engines that are started, and what could not be read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from recallbench.preflight import Deployment


@dataclass(frozen=True, slots=True, kw_only=True)
class Invocation:
    """One place where vLLM is started, or where its versions are pinned and nothing is started."""

    path: str
    """The file, as it was come upon."""
    line: int
    """The first line of the command, from 1."""
    deployment: Deployment
    """What is started; without a model where only versions are pinned."""
    lines: Mapping[str, int] = field(default_factory=dict)
    """The line of each setting by its vLLM name, and of each environment variable."""

    def line_of(self, setting: str | None) -> int:
        """The line to show for a setting; the invocation's own if it has none."""
        return self.lines.get(setting or "", self.line)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unparsed:
    """A place that seems to hold a vLLM and could not be read."""

    path: str
    """The file."""
    line: int
    """The line, from 1."""
    why: str
    """What is wrong with it, in words."""
    is_fault: bool = False
    """Whether whoever runs the file would stumble over it too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """A file or a whole folder that was not read."""

    path: str
    """The file or folder."""
    reason: str
    """Why not, in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """Everything that was found under some paths."""

    invocations: tuple[Invocation, ...]
    """In the order of files and lines."""
    files: tuple[str, ...]
    """The files that were read."""
    skipped: tuple[Skipped, ...]
    """What was not read."""
    unparsed: tuple[Unparsed, ...]
    """What was read and could not be understood."""
