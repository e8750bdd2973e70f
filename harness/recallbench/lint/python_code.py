"""Python code that starts vLLM in its own process.

Guarantees: code is parsed, never imported or run; ``LLM`` counts only if it is vLLM's as far as the
imports tell; a setting whose value is made at run time is unread.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator, Mapping, Sequence

from recallbench.lint.engine_start import launch_of
from recallbench.lint.found import Complaint, Found, Launch, Pin, Word, merge
from recallbench.lint.keyword_settings import Unknown, read_settings
from recallbench.lint.pins import pins_of_requirement
from recallbench.lint.python_commands import found_commands
from recallbench.lint.python_environ import environment_of_module
from recallbench.lint.python_scope import Scope, dotted_name, nodes_of
from recallbench.lint.python_values import Values
from recallbench.preflight.arguments import REST
from recallbench.preflight.option_names import is_vllm_only

_ENGINES = frozenset({"LLM", "AsyncEngineArgs", "EngineArgs", "AsyncLLM", "VLLM", "Vllm"})
_KEYWORDS_OF_ENGINE = ("engine_kwargs", "vllm_kwargs", "engine_args")
_MODEL_KEYWORDS = ("model_source", "model", "model_id")
_HOLDS_ENGINE = re.compile(r"\b(LLM|EngineArgs|AsyncEngineArgs)\(|engine_kwargs|vllm serve")
_SKIPPED_ROW = re.compile(r"^\s*[!%].*$", re.MULTILINE)


def read_python(text: str) -> Found:
    """What a module or snippet starts."""
    try:
        module = parse(text)
    except SyntaxError as error:
        if not _HOLDS_ENGINE.search(text):
            return Found()
        why = f"this is no Python: {error.msg}"
        return Found(complaints=(Complaint(line=error.lineno or 1, why=why),))
    values = Values(module)
    foreign = _foreign_names(module)
    scopes = list(_scopes(module))
    environment = environment_of_module(scopes, values)
    launches = [
        launch
        for scope in scopes
        for node in nodes_of(scope)
        if isinstance(node, ast.Call)
        for launch in _launches(node, scope, values, foreign, environment)
    ]
    own = Found(
        launches=tuple(launches),
        pins=tuple(_pins(module)),
        variables=tuple(environment.items()),
    )
    return merge([own, *(found_commands(scope, values, environment) for scope in scopes)])


def _pins(module: ast.Module) -> Iterator[Pin]:
    """Requirements among the texts: of an image that is built, of a package's set-up."""
    for node in ast.walk(module):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and "==" in node.value:
            yield from pins_of_requirement(Word(node.value, node.lineno))


def parse(text: str) -> ast.Module:
    """The code of a text, in which a notebook's own commands are left out.

    Raises:
        SyntaxError: It is no Python.
    """
    try:
        with warnings.catch_warnings():
            # An escape in somebody's string is no concern of ours.
            warnings.simplefilter("ignore")
            return ast.parse(_SKIPPED_ROW.sub("", text))
    except (ValueError, RecursionError, MemoryError) as error:
        raise SyntaxError(str(error) or "too deeply nested") from error


def _scopes(module: ast.Module) -> Iterator[Scope]:
    yield module
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def _launches(
    call: ast.Call,
    scope: Scope,
    values: Values,
    foreign: frozenset[str],
    environment: Mapping[str, Word],
) -> Iterator[Launch]:
    name = dotted_name(call.func)
    given = _keywords(call.keywords, scope, values)
    own = dict(environment)
    if any(key in given for key in _KEYWORDS_OF_ENGINE):
        own.update(_runtime_environment(given))
        given = _unwrapped(call.keywords, scope, values)
    elif not _is_engine(name, given, foreign):
        return
    if call.args and "model" not in given:
        given["model"] = (values.value(call.args[0], scope), call.args[0].lineno)
    given = _named(given)
    arguments = read_settings({key: value for key, (value, _) in given.items()})
    lines = {key: line for key, (_, line) in given.items()}
    known = {*arguments.settings, *arguments.unread, *arguments.malformed}
    if known - {REST}:
        lines = {key: line for key, line in lines.items() if key in known}
        yield launch_of(arguments, lines=lines, line=call.lineno, environment=own)


def _is_engine(name: str, given: Mapping[str, object], foreign: frozenset[str]) -> bool:
    last = name.rpartition(".")[2]
    if last not in _ENGINES or name.partition(".")[0] in foreign:
        return False
    return last not in {"VLLM", "Vllm"} or any(is_vllm_only("--" + key) for key in given)


def _keywords(
    keywords: Sequence[ast.keyword], scope: Scope, values: Values
) -> dict[str, tuple[object, int]]:
    """Values and lines by keyword, with what ``**`` spreads."""
    found: dict[str, tuple[object, int]] = {}
    for keyword in keywords:
        if keyword.arg is not None:
            found[keyword.arg] = (values.value(keyword.value, scope), keyword.lineno)
        else:
            found.update(_spread(keyword.value, scope, values))
    return found


def _spread(node: ast.expr, scope: Scope, values: Values) -> dict[str, tuple[object, int]]:
    """The items of a mapping; each with its own line where the mapping is written out."""
    value = values.value(node, scope)
    if not isinstance(value, dict) or Unknown() in value:
        return {REST: (Unknown(), node.lineno)}
    lines = _lines_of_keys(values.origin(node, scope))
    return {str(key): (inner, lines.get(key, node.lineno)) for key, inner in value.items()}


def _lines_of_keys(node: ast.expr) -> dict[object, int]:
    match node:
        case ast.Dict():
            keys = [key for key in node.keys if isinstance(key, ast.Constant)]
            return {key.value: key.lineno for key in keys}
        case ast.Call():
            return {keyword.arg: keyword.lineno for keyword in node.keywords}
    return {}


def _unwrapped(
    keywords: Sequence[ast.keyword], scope: Scope, values: Values
) -> dict[str, tuple[object, int]]:
    """The settings of ray's and LangChain's wrappers, which hold those of the engine in a dict."""
    found = _keywords(keywords, scope, values)
    for keyword in keywords:
        if keyword.arg in {"model_loading_config", *_KEYWORDS_OF_ENGINE}:
            found.update(_spread(keyword.value, scope, values))
    return found


def _named(given: Mapping[str, tuple[object, int]]) -> dict[str, tuple[object, int]]:
    model = next((given[key] for key in _MODEL_KEYWORDS if key in given), None)
    return {**given, "model": model} if model else dict(given)


def _runtime_environment(given: Mapping[str, tuple[object, int]]) -> dict[str, Word]:
    runtime, line = given.get("runtime_env", ({}, 0))
    variables = runtime.get("env_vars") if isinstance(runtime, dict) else None
    if not isinstance(variables, dict):
        return {}
    return {str(name): Word(str(value), line) for name, value in variables.items()}


def _foreign_names(module: ast.Module) -> frozenset[str]:
    """Names of engines that are another library's, or the file's own."""
    foreign: set[str] = set()
    for node in ast.walk(module):
        if isinstance(node, ast.ImportFrom) and "vllm" not in (node.module or "vllm"):
            foreign.update(alias.asname or alias.name for alias in node.names)
        elif isinstance(node, ast.Import):
            names = [alias.asname or alias.name for alias in node.names if "vllm" not in alias.name]
            foreign.update(names)
        elif isinstance(node, ast.ClassDef | ast.FunctionDef):
            foreign.add(node.name)
    return frozenset(foreign)
