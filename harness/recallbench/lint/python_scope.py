"""The functions of Python code and the names that are bound in them. Nothing is evaluated."""

from __future__ import annotations

import ast
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

Scope = ast.Module | ast.FunctionDef | ast.AsyncFunctionDef
"""Code with names of its own."""
_CHANGING = frozenset({
    "append", "clear", "extend", "insert", "pop", "remove", "setdefault", "sort", "update",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Binding:
    """One place that binds a name."""

    value: ast.expr | None
    """What it is bound to; None for a loop, an argument and the like."""


def bindings_of(scope: Scope) -> dict[str, list[Binding]]:
    """Every place in a function, or at the level of a module, that binds a name."""
    found: dict[str, list[Binding]] = {}
    if not isinstance(scope, ast.Module):
        for argument in ast.walk(scope.args):
            if isinstance(argument, ast.arg):
                found.setdefault(argument.arg, []).append(Binding(None))
    for node in nodes_of(scope):
        for name, value in _bound(node):
            found.setdefault(name, []).append(Binding(value))
    return found


def nodes_of(scope: Scope) -> Iterator[ast.AST]:
    """All nodes of a scope, without those inside functions that it defines."""
    waiting: deque[ast.AST] = deque(scope.body)
    while waiting:
        node = waiting.popleft()
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            waiting.extend(ast.iter_child_nodes(node))


def dotted_name(node: ast.expr) -> str:
    """``a.b.c`` of a name or attribute; empty for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        inner = dotted_name(node.value)
        return f"{inner}.{node.attr}" if inner else ""
    return ""


def _bound(node: ast.AST) -> Iterator[tuple[str, ast.expr | None]]:
    match node:
        case ast.Assign():
            for target in node.targets:
                yield from _assigned(target, node.value)
        case ast.AnnAssign() | ast.NamedExpr():
            yield from _assigned(node.target, node.value)
        case ast.AugAssign() | ast.For() | ast.AsyncFor() | ast.comprehension():
            yield from _names_in(node.target)
        case ast.withitem(optional_vars=ast.expr() as target):
            yield from _names_in(target)
        case ast.Global() | ast.Nonlocal():
            yield from ((name, None) for name in node.names)
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=method)):
            if method in _CHANGING:
                yield name, None


def _assigned(target: ast.expr, value: ast.expr | None) -> Iterator[tuple[str, ast.expr | None]]:
    if not isinstance(target, ast.Name):
        yield from _names_in(target)
    elif value is not None:
        yield target.id, value


def _names_in(target: ast.expr) -> Iterator[tuple[str, None]]:
    """Names that a pattern binds, or changes an item or attribute of."""
    for node in ast.walk(target):
        if isinstance(node, ast.Name):
            yield node.id, None
