"""Environment variables that Python code sets for itself and what it starts."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from recallbench.lint.found import Word
from recallbench.lint.python_scope import Scope, dotted_name, nodes_of
from recallbench.lint.python_values import Values

_SETTERS = frozenset({"os.environ.setdefault", "environ.setdefault", "os.putenv", "putenv"})
_UPDATERS = frozenset({"os.environ.update", "environ.update"})


def environment_of_module(scopes: Sequence[Scope], values: Values) -> dict[str, Word]:
    """The variables that are set anywhere; one that is set to different values is not known."""
    found: dict[str, Word] = {}
    for scope in scopes:
        for name, word in _set_in(scope, values):
            known = found.get(name, word)
            is_agreed = known.text == word.text
            found[name] = known if is_agreed else Word("${" + name + "}", word.line)
    return found


def variables_of(value: object, line: int) -> Iterator[tuple[str, Word]]:
    """The variables of a mapping of known values."""
    for name, inner in value.items() if isinstance(value, dict) else ():
        if isinstance(name, str):
            yield name, Word(inner if isinstance(inner, str) else "${" + name + "}", line)


def _set_in(scope: Scope, values: Values) -> Iterator[tuple[str, Word]]:
    for node in nodes_of(scope):
        match node:
            case ast.Assign(targets=[ast.Subscript() as target]):
                if dotted_name(target.value) in {"os.environ", "environ"}:
                    yield from _pair(target.slice, node.value, scope, values)
            case ast.Call():
                yield from _set_by_call(node, scope, values)


def _set_by_call(call: ast.Call, scope: Scope, values: Values) -> Iterator[tuple[str, Word]]:
    name = dotted_name(call.func)
    if name in _SETTERS and len(call.args) > 1:
        yield from _pair(call.args[0], call.args[1], scope, values)
    elif name in _UPDATERS:
        for argument in call.args:
            yield from variables_of(values.value(argument, scope), argument.lineno)
        for keyword in call.keywords:
            if keyword.arg:
                yield keyword.arg, Word(values.text(keyword.value, scope), keyword.lineno)


def _pair(
    name: ast.expr, value: ast.expr, scope: Scope, values: Values
) -> Iterator[tuple[str, Word]]:
    known = values.value(name, scope)
    if isinstance(known, str):
        yield known, Word(values.text(value, scope), name.lineno)
