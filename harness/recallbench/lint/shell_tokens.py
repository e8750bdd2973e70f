"""The words and operators that shell text is cut into."""

from __future__ import annotations

from dataclasses import dataclass

FOLD = "\v"
"""A blank that counts as a line end: readers of folded YAML write it where a line was folded."""


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a word."""

    text: str
    """The text; of a variable, its spelling in the script."""
    quoted: bool
    """Whether it stands in quotes, so that it is not split."""
    name: str = ""
    """The variable; empty for plain text."""
    fallback: str | None = None
    """What stands for a variable that is not set."""
    whole: bool = False
    """Whether all items of an array are meant."""


@dataclass(frozen=True, slots=True)
class Token:
    """A word, an operator, a redirection with its target, or the body of a heredoc."""

    kind: str
    """``word``, ``array``, ``operator``, ``redirection`` or ``heredoc``."""
    line: int
    """Its first line."""
    text: str = ""
    """The operator, the redirection or the heredoc's body."""
    parts: tuple[Part, ...] = ()
    """The word's pieces; of an array, those of ``NAME=``."""
    items: tuple[Token, ...] = ()
    """The words of an array."""


@dataclass(frozen=True, slots=True)
class Cut:
    """A text in tokens."""

    tokens: tuple[Token, ...]
    """Words and operators in order."""
    unclosed: tuple[tuple[int, str], ...]
    """Lines of brackets and quotes that are never closed, and which."""
