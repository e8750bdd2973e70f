"""What expressions in Python code are worth, where that can be said without running them.

Guarantees: nothing is evaluated but literals, their arithmetic, and a few pure builtins; a name
counts only if it is bound once in its function, or else once in the module; everything else is
``Unknown``, and inside a text it stays as ``${...}``.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator, Mapping

from recallbench.lint.keyword_settings import Unknown, is_unknown
from recallbench.lint.python_arithmetic import combined, converted, joined_text
from recallbench.lint.python_scope import Binding, Scope, bindings_of, dotted_name

_DEEPEST = 60
_ENVIRON_GETTERS = frozenset({"os.environ.get", "os.getenv", "environ.get", "getenv"})


class Values:
    """The names of a module and of the functions in it."""

    def __init__(self, module: ast.Module) -> None:
        """Look at a module's names; functions follow when they are asked for."""
        self._module = module
        self._bindings: dict[int, Mapping[str, list[Binding]]] = {id(module): bindings_of(module)}
        self._known: dict[tuple[int, str], object] = {}

    def value(self, node: ast.expr, scope: Scope, depth: int = 0) -> object:
        """The value of an expression in a function or module; ``Unknown`` if it cannot be said."""
        result: object = Unknown()
        if depth > _DEEPEST:
            return result
        match node:
            case ast.Constant():
                result = node.value
            case ast.Name():
                result = self._named(node.id, scope, depth)
            case ast.JoinedStr():
                result = self._joined(node, scope, depth)
            case ast.List() | ast.Tuple():
                result = list(self._items(node.elts, scope, depth))
            case ast.Dict():
                result = self._mapping(node, scope, depth)
            case ast.UnaryOp(op=ast.USub()):
                inner = self.value(node.operand, scope, depth + 1)
                result = -inner if isinstance(inner, int | float) else Unknown()
            case ast.BinOp():
                result = self._sum(node, scope, depth)
            case ast.Call():
                result = self._called(node, scope, depth)
        return result

    def origin(self, node: ast.expr, scope: Scope) -> ast.expr:
        """The expression that a name is bound to; anything else is its own."""
        if not isinstance(node, ast.Name):
            return node
        where = scope if node.id in self._bindings_of(scope) else self._module
        bindings = self._bindings_of(where).get(node.id, [])
        value = bindings[0].value if len(bindings) == 1 else None
        return value or node

    def text(self, node: ast.expr, scope: Scope, depth: int = 0) -> str:
        """An expression as text; what is not known stays as ``${source}``."""
        return _as_text(self.value(node, scope, depth), node)

    def _joined(self, node: ast.JoinedStr, scope: Scope, depth: int) -> str | Unknown:
        result: str | Unknown = ""
        for part in node.values:
            inner = part.value if isinstance(part, ast.FormattedValue) else part
            if isinstance(result, str):
                result = joined_text(result, self.text(inner, scope, depth + 1))
        return result

    def _named(self, name: str, scope: Scope, depth: int) -> object:
        where = scope if name in self._bindings_of(scope) else self._module
        key = (id(where), name)
        if key not in self._known:
            bindings = self._bindings_of(where).get(name, [])
            value = bindings[0].value if len(bindings) == 1 else None
            # Until it is known: a name may stand in its own value.
            self._known[key] = Unknown()
            if value is not None:
                self._known[key] = self.value(value, where, depth + 1)
        return self._known[key]

    def _bindings_of(self, scope: Scope) -> Mapping[str, list[Binding]]:
        if id(scope) not in self._bindings:
            self._bindings[id(scope)] = bindings_of(scope)
        return self._bindings[id(scope)]

    def _items(self, nodes: list[ast.expr], scope: Scope, depth: int) -> Iterator[object]:
        for node in nodes:
            if isinstance(node, ast.Starred):
                value = self.value(node.value, scope, depth + 1)
                yield from value if isinstance(value, list) else [Unknown()]
            else:
                yield self.value(node, scope, depth + 1)

    def _mapping(self, node: ast.Dict, scope: Scope, depth: int) -> object:
        found: dict[object, object] = {}
        for key, value in zip(node.keys, node.values, strict=True):
            inner = self.value(value, scope, depth + 1)
            name = self.value(key, scope, depth + 1) if key else None
            if key is None:
                # What is spread and not known may hold any key.
                found.update(inner if isinstance(inner, dict) else {Unknown(): Unknown()})
            elif isinstance(name, str | int | float):
                found[name] = inner
        return found

    def _sum(self, node: ast.BinOp, scope: Scope, depth: int) -> object:
        left = self.value(node.left, scope, depth + 1)
        right = self.value(node.right, scope, depth + 1)
        if isinstance(node.op, ast.Add) and (isinstance(left, str) or isinstance(right, str)):
            return joined_text(_as_text(left, node.left), _as_text(right, node.right))
        return combined(node.op, left, right)

    def _called(self, node: ast.Call, scope: Scope, depth: int) -> object:
        name = dotted_name(node.func)
        if name == "dict":
            return self._dict(node, scope, depth)
        if name in _ENVIRON_GETTERS:
            fallback = node.args[1:2]
            return self.value(fallback[0], scope, depth + 1) if fallback else Unknown()
        first = self.value(node.args[0], scope, depth + 1) if node.args else Unknown()
        if is_unknown(first):
            return Unknown()
        if name == "str":
            return str(first)
        if name in {"json.dumps", "dumps"}:
            return _dumped(first)
        return converted(name, first) if len(node.args) == 1 else Unknown()

    def _dict(self, node: ast.Call, scope: Scope, depth: int) -> object:
        found: dict[object, object] = {}
        for argument in [*node.args, *(key.value for key in node.keywords if key.arg is None)]:
            value = self.value(argument, scope, depth + 1)
            found.update(value if isinstance(value, dict) else {Unknown(): Unknown()})
        for keyword in node.keywords:
            if keyword.arg is not None:
                found[keyword.arg] = self.value(keyword.value, scope, depth + 1)
        return found


def _as_text(value: object, node: ast.expr) -> str:
    # A text with unknown pieces in it is a text; anything else with them is not known.
    if isinstance(value, str):
        return value
    if is_unknown(value):
        return "${" + _source(node) + "}"
    return str(value)


def _source(node: ast.expr) -> str:
    try:
        source = ast.unparse(node)
    except RecursionError:
        return "..."
    return " ".join(source.replace("{", "").replace("}", "").split())


def _dumped(value: object) -> object:
    try:
        return json.dumps(value)
    except (TypeError, ValueError):
        return Unknown()
