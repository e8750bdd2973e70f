"""The same checks on every engine that was found. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from recallbench.lint.invocation import Invocation, Scan, Unparsed
from recallbench.preflight import Finding, Severity, case_of, findings
from recallbench.rope import CheckpointConfig, versions

ConfigOf = Callable[[str, str], CheckpointConfig | None]
"""A checkpoint's config by the model's name and the file it stands in; None is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One finding at its place."""

    path: str
    """The file."""
    line: int
    """The line, from 1."""
    finding: Finding
    """What is wrong there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Linted:
    """What is wrong with everything that was found."""

    problems: tuple[Problem, ...]
    """In the order of files and lines."""
    scan: Scan
    """What they were found in."""
    unknown: tuple[str, ...]
    """Models whose config is not known: what needs it was not checked."""
    assumed_version: str | None = None
    """The version of vLLM that was taken where none is named; None where each names its own."""

    @property
    def is_wrong(self) -> bool:
        """Whether anything is; advice is nothing wrong."""
        return any(each.finding.severity is not Severity.ADVICE for each in self.problems)


def lint(scan: Scan, config_of: ConfigOf, vllm_version: str | None = None) -> Linted:
    """Check every invocation of a scan.

    Args:
        scan: what was found.
        config_of: gives a checkpoint's config.
        vllm_version: for invocations that name none; None takes the newest known.

    Raises:
        RopeError: ``vllm_version`` is no version.
    """
    if vllm_version is not None:
        versions.release(vllm_version)
    problems: list[Problem] = []
    unknown: dict[str, None] = {}
    for invocation in scan.invocations:
        model = invocation.deployment.model
        config = config_of(model, invocation.path) if model else None
        if model and config is None:
            unknown[model] = None
        problems += _problems(invocation, config, vllm_version)
    problems += [_broken(place) for place in scan.unparsed if place.is_fault]
    problems.sort(key=lambda each: (each.path, each.line))
    engines = (each.deployment for each in scan.invocations if each.deployment.model)
    named_everywhere = all(deployment.vllm_version for deployment in engines)
    return Linted(
        problems=tuple(problems),
        scan=scan,
        unknown=tuple(unknown),
        assumed_version=None if named_everywhere else vllm_version or versions.NEWEST,
    )


def _broken(place: Unparsed) -> Problem:
    finding = Finding(
        rule="broken-command",
        severity=Severity.ERROR,
        what=f"the command breaks off: {place.why}",
        why="vLLM starts without the arguments that follow, or not at all",
        fix="close the quote, or end the line before with a backslash and nothing behind it",
    )
    return Problem(path=place.path, line=place.line, finding=finding)


def _problems(
    invocation: Invocation, config: CheckpointConfig | None, vllm_version: str | None
) -> list[Problem]:
    case = case_of(invocation.deployment, config, vllm_version=vllm_version)
    return [
        Problem(path=invocation.path, line=invocation.line_of(finding.setting), finding=finding)
        for finding in findings(case)
    ]
