"""A container as ``docker run``, compose and Kubernetes start it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from recallbench.lint.found import Word

_FLAGS = frozenset({
    "--detach", "--disable-content-trust", "--help", "--init",
    "--interactive", "--no-healthcheck", "--oom-kill-disable", "--privileged", "--publish-all",
    "--quiet", "--read-only", "--replace", "--rm", "--sig-proxy", "--tty", "--no-hosts",
    "--rmi", "--systemd", "--tls-verify",
})  # fmt: skip
_SHORT_FLAGS = frozenset("ditPq")


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """What is run, and in what."""

    line: int
    """Where it begins."""
    image: Word | None = None
    """The image; None if it is not said."""
    entrypoint: tuple[Word, ...] | None = None
    """What is run in place of the image's own entry point; None for the image's own."""
    arguments: tuple[Word, ...] = ()
    """What the entry point is given."""
    environment: Mapping[str, Word] = field(default_factory=dict)
    """Variables that are set inside."""


def read_docker_run(
    words: Sequence[Word], environment: Mapping[str, Word], line: int
) -> Container | None:
    """The container that the words after ``docker run`` start; None if no image is named.

    Args:
        words: Options, image and arguments.
        environment: What docker itself is given: ``-e NAME`` alone hands a variable on.
        line: Where the command begins.
    """
    inside: dict[str, Word] = {}
    entrypoint: tuple[Word, ...] | None = None
    index = 0
    while index < len(words) and words[index].text.startswith("-"):
        name, value, used = _option(words, index)
        index += used
        if name in {"-e", "--env"} and value:
            inside.update(_variable(value, environment))
        elif name == "--entrypoint" and value:
            entrypoint = tuple(Word(text, value.line) for text in value.text.split())
    if index >= len(words):
        return None
    return Container(
        line=line,
        image=words[index],
        entrypoint=entrypoint,
        arguments=tuple(words[index + 1 :]),
        environment=inside,
    )


def _option(words: Sequence[Word], index: int) -> tuple[str, Word | None, int]:
    """Name, value and count of words of the option at ``index``."""
    word = words[index]
    name, equals, value = word.text.partition("=")
    if word.text.startswith("-e") and len(word.text) > len("-e") and not name.startswith("--"):
        return "-e", Word(word.text.removeprefix("-e").removeprefix("="), word.line), 1
    if equals:
        return name, Word(value, word.line), 1
    is_joined_flags = not name.startswith("--") and set(name[1:]) <= _SHORT_FLAGS
    if name in _FLAGS or is_joined_flags or index + 1 >= len(words):
        return name, None, 1
    return name, words[index + 1], 2


def _variable(word: Word, environment: Mapping[str, Word]) -> dict[str, Word]:
    name, equals, value = word.text.partition("=")
    if equals:
        return {name: Word(value, word.line)}
    return {name: environment[name]} if name in environment else {}
