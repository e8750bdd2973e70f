"""Commands that Python code hands to a shell or a process: lists of words, and command lines.

Guarantees: a text counts only if it is given to a call that runs commands, or is kept in a name,
and begins with a command that starts vLLM; messages, help and docstrings do not.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from recallbench.lint.command import found_in_script, found_in_words
from recallbench.lint.found import Found, Launch, Word, merge
from recallbench.lint.keyword_settings import Unknown
from recallbench.lint.python_environ import variables_of
from recallbench.lint.python_scope import Scope, dotted_name, nodes_of
from recallbench.lint.python_values import Values

_RUNNERS = frozenset({
    "Popen", "call", "check_call", "check_output", "create_subprocess_exec", "run_commands",
    "create_subprocess_shell", "exec_command", "execute", "getoutput", "popen", "run", "sh",
    "spawn", "split", "system", "sudo", "local", "remote", "run_command", "dedent", "from_command",
})  # fmt: skip
_COMMAND = re.compile(
    r"\s*(?:#!.*\n|set -.*\n"
    r"|\s|[A-Z_][A-Z0-9_]*+=\S*+\s++|export .*\n|cd [^\n&]*(?:\n|&&)\s*|pip .*\n"
    r"|sudo\s|exec\s|nohup\s|uv run\s)*+"
    r"(?:vllm\s+serve\s|\S*python3?\s+-m\s+vllm\.|\$\{sys\.executable\}\s+-m\s+vllm\.|docker run\s)"
)
_OPTION = re.compile(r"\s--?[a-z]|/|\$\{")
_GROWERS = frozenset({"append", "extend"})


def found_commands(scope: Scope, values: Values, environment: Mapping[str, Word]) -> Found:
    """What the commands in one function, or at the level of the module, start."""
    parts = []
    grown = _growths(scope)
    given = _environments_by_name(scope, values)
    for node in nodes_of(scope):
        owner = _environment_of_call(node, scope, values)
        for text, name in _held(node):
            inside = {**environment, **owner, **given.get(name, {})}
            if isinstance(text, ast.List | ast.Tuple | ast.BinOp):
                words = _words(text, scope, values)
                for growth, is_certain in grown.get(name, []):
                    words.extend(_grown_words(growth, scope, values, is_certain=is_certain))
                parts.append(found_in_words(words, inside))
            else:
                parts.append(_found_in_text(text, scope, values, inside))
    return merge(parts)


def _held(node: ast.AST) -> Iterator[tuple[ast.expr, str]]:
    """Lists and texts that a node runs or keeps, and the name that keeps them."""
    match node:
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            held = [node.value] if node.value else []
        case ast.Assign() | ast.Return() | ast.keyword():
            held, name = ([node.value] if node.value else []), ""
        case ast.Call():
            held, name = list(node.args), ""
            if dotted_name(node.func).rpartition(".")[2] not in _RUNNERS:
                held = [item for item in held if isinstance(item, ast.List)]
        case ast.Dict():
            held, name = list(node.values), ""
        case _:
            return
    for value in held:
        if isinstance(value, ast.List | ast.Tuple | ast.Constant | ast.JoinedStr | ast.BinOp):
            yield value, name


def _words(node: ast.expr, scope: Scope, values: Values) -> list[Word]:
    if isinstance(node, ast.BinOp):
        return [*_words(node.left, scope, values), *_words(node.right, scope, values)]
    if not isinstance(node, ast.List | ast.Tuple):
        value = values.value(node, scope)
        texts = value if isinstance(value, list) else [Unknown()]
        return [Word(_text(item, node), node.lineno) for item in texts]
    words: list[Word] = []
    for item in node.elts:
        if isinstance(item, ast.Starred):
            words.extend(_words(item.value, scope, values))
        else:
            words.append(Word(values.text(item, scope), item.lineno))
    return words


def _text(value: object, node: ast.expr) -> str:
    return "${" + ast.unparse(node) + "}" if isinstance(value, Unknown) else str(value)


def _found_in_text(
    node: ast.expr, scope: Scope, values: Values, environment: Mapping[str, Word]
) -> Found:
    text = values.text(node, scope)
    if not _COMMAND.match(text) or not _OPTION.search(text):
        return Found()
    found = found_in_script(text, node.lineno, environment)
    last = node.end_lineno or node.lineno
    launches = tuple(_within(launch, node.lineno, last) for launch in found.launches)
    return replace(found, launches=launches)


def _within(launch: Launch, first: int, last: int) -> Launch:
    """The launch with lines inside its literal: a line end may have been written as an escape."""
    lines = {name: line if line <= last else first for name, line in launch.lines.items()}
    return replace(launch, line=launch.line if launch.line <= last else first, lines=lines)


def _environment_of_call(node: ast.AST, scope: Scope, values: Values) -> dict[str, Word]:
    """The variables of ``subprocess.run(..., env={...})``."""
    if not isinstance(node, ast.Call):
        return {}
    for keyword in node.keywords:
        if keyword.arg == "env":
            value = values.value(keyword.value, scope)
            return dict(variables_of(value, keyword.value.lineno))
    return {}


def _environments_by_name(scope: Scope, values: Values) -> dict[str, dict[str, Word]]:
    """For a name that is run, the variables that it is run with."""
    return {
        argument.id: _environment_of_call(node, scope, values)
        for node in nodes_of(scope)
        if isinstance(node, ast.Call)
        for argument in node.args[:1]
        if isinstance(argument, ast.Name)
    }


def _growths(scope: Scope) -> dict[str, list[tuple[ast.expr, bool]]]:
    """What is added to lists by name, and whether it is added in any case."""
    found: dict[str, list[tuple[ast.expr, bool]]] = {}
    certain = {id(statement) for statement in scope.body}
    for node in nodes_of(scope):
        match node:
            case ast.AugAssign(target=ast.Name(id=name), op=ast.Add()):
                found.setdefault(name, []).append((node.value, id(node) in certain))
            case ast.Expr(
                value=ast.Call(
                    func=ast.Attribute(value=ast.Name(id=name), attr=method), args=[argument]
                )
            ) if method in _GROWERS:
                item = ast.List(elts=[argument]) if method == "append" else argument
                ast.copy_location(item, argument)
                found.setdefault(name, []).append((item, id(node) in certain))
    return found


def _grown_words(
    node: ast.expr, scope: Scope, values: Values, *, is_certain: bool
) -> Iterator[Word]:
    """The words; of options that may or may not be given only the names."""
    for word in _words(node, scope, values):
        if is_certain or word.text.startswith("${"):
            yield word
        elif word.text.startswith("-"):
            yield Word(word.text.partition("=")[0] + "=${...}", word.line)
