"""A shell script as the commands it would run, with what is known of their words.

Guarantees: nothing is run; comments and what stands in heredocs are no commands; a command's
environment holds what was exported before it in the same script and what is set before it on its
own line. Knows nothing of vLLM.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from recallbench.lint.found import Word
from recallbench.lint.shell_scope import ShellScope
from recallbench.lint.shell_tokens import Part, Token
from recallbench.lint.shell_words import cut

_ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)(\+?)=")
_BEGIN = frozenset({"if", "case", "while", "until", "for", "select"})
_NEXT = frozenset({"elif", "else"})
_END = frozenset({"fi", "esac", "done"})
_PASSED = frozenset({"then", "do", "{", "}", "!", "time", "$", "%", "function"})
_DECLARING = frozenset({"export", "declare", "local", "readonly", "typeset"})
_SETTING = frozenset({"read", "mapfile", "readarray", "unset", "getopts"})
# What a command's output, or a file that is read in, sets is known to the running system only.
_UNKNOWN = re.compile(r"\$\(|`|\$\{\{")


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One simple command."""

    words: tuple[Word, ...]
    """Program and arguments; never empty."""
    environment: Mapping[str, Word] = field(default_factory=dict)
    """What it is given."""
    heredocs: tuple[Word, ...] = ()
    """Texts that it reads."""
    target: str = ""
    """The file it writes to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """A whole script."""

    commands: tuple[Command, ...]
    """In the order of the text."""
    unclosed: tuple[tuple[int, str], ...]
    """Lines of quotes and brackets that are never closed, and which."""
    environment: Mapping[str, Word] = field(default_factory=dict)
    """What is exported when it ends."""


def read_script(text: str, line: int = 1, environment: Mapping[str, Word] | None = None) -> Script:
    """The commands of ``text``, whose first line is ``line``, run in ``environment``."""
    pieces = cut(text, line)
    scope = ShellScope(environment or {})
    commands = [
        command
        for tokens in _simple_commands(pieces.tokens)
        for command in _evaluate(tokens, scope)
    ]
    return Script(
        commands=tuple(commands), unclosed=pieces.unclosed, environment=scope.environment()
    )


def split_words(text: str, line: int, environment: Mapping[str, Word] | None = None) -> list[Word]:
    """The words of a text that is one command's words, whatever operators stand in it."""
    scope = ShellScope(environment or {})
    words = [token for token in cut(text, line).tokens if token.kind == "word"]
    return [word for token in words for word in scope.expand(token)]


def _simple_commands(tokens: Sequence[Token]) -> Iterator[list[Token]]:
    current: list[Token] = []
    for token in tokens:
        if token.kind == "operator":
            yield [*current, token] if token.text.startswith(";;") else current
            current = []
        else:
            current.append(token)
    yield current


def _evaluate(tokens: list[Token], scope: ShellScope) -> Iterator[Command]:
    tokens = _without_reserved(tokens, scope)
    count = next((at for at, token in enumerate(tokens) if not _is_assignment(token)), len(tokens))
    is_prefix = any(token.kind == "word" for token in tokens[count:])
    own: dict[str, Word] = {}
    for token in tokens[:count]:
        own.update(_assign(token, scope, is_prefix=is_prefix))
    tokens = tokens[count:]
    words = [word for token in tokens if token.kind == "word" for word in scope.expand(token)]
    if not words:
        return
    program = words[0].text
    if program in _DECLARING:
        is_exported = program == "export" or any(word.text == "-x" for word in words)
        _declare(tokens[1:], scope, is_exported=is_exported)
    elif program in _SETTING:
        for word in words[1:]:
            scope.assign(word.text, None)
    else:
        yield Command(
            words=tuple(words),
            environment={**scope.environment(), **own},
            heredocs=tuple(Word(t.text, t.line) for t in tokens if t.kind == "heredoc"),
            target=next((_text(t) for t in tokens if t.text in {">", ">>"}), ""),
        )


def _without_reserved(tokens: list[Token], scope: ShellScope) -> list[Token]:
    """The simple command inside, with the scope told of the branches that begin and end."""
    if tokens and tokens[-1].text.startswith(";;"):
        scope.next_branch()
        tokens = tokens[:-1]
    for at, token in enumerate(tokens):
        word = _text(token)
        if word in _BEGIN:
            scope.begin()
            if word in {"for", "select"} and len(tokens) > at + 1:
                scope.assign(_text(tokens[at + 1]), None)
                return []
        elif word in _NEXT:
            scope.next_branch()
        elif word in _END:
            scope.end()
        elif word not in _PASSED:
            return tokens[at:]
    return []


def _is_assignment(token: Token) -> bool:
    if token.kind == "array":
        return True
    first = token.parts[0] if token.kind == "word" else Part("", quoted=True)
    return not first.quoted and _ASSIGNMENT.match(first.text) is not None


def _assign(token: Token, scope: ShellScope, *, is_prefix: bool) -> dict[str, Word]:
    """Do what ``NAME=value`` does; before a program it is the program's own variable."""
    match = _ASSIGNMENT.match(token.parts[0].text)
    if match is None:
        return {}
    name, plus = match.groups()
    if token.kind == "array":
        items = tuple(word for item in token.items for word in scope.expand(item))
        if plus:
            scope.append(name, items, is_array=True)
        else:
            scope.assign(name, items)
        return {}
    rest = Part(token.parts[0].text[match.end() :], quoted=False)
    value = scope.one(Token("word", token.line, parts=(rest, *token.parts[1:])))
    if is_prefix:
        return {name: value}
    if plus:
        scope.append(name, (value,), is_array=False)
    else:
        scope.assign(name, None if _UNKNOWN.search(value.text) else (value,))
    return {}


def _declare(tokens: Sequence[Token], scope: ShellScope, *, is_exported: bool) -> None:
    for token in tokens:
        if _is_assignment(token):
            _assign(token, scope, is_prefix=False)
        match = re.match(r"[A-Za-z_]\w*", _text(token))
        if match and is_exported:
            scope.export(match[0])


def _text(token: Token) -> str:
    return "".join(part.text for part in token.parts)
