from __future__ import annotations

import ast
from typing import Any

import pytest

from recallbench.lint.keyword_settings import Unknown
from recallbench.lint.python_values import Values

UNKNOWN = Unknown()


def value(code: str) -> Any:
    """What the last expression of ``code`` is worth."""
    module = ast.parse(code)
    last = module.body[-1]
    scope: Any = module
    if isinstance(last, ast.FunctionDef):
        scope, last = last, last.body[-1]
    assert isinstance(last, ast.Expr)
    return Values(module).value(last.value, scope)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("32_768", 32768),
        ("-1", -1),
        ("int(32768 * 4.0)", 131072),
        ("2 ** 17", 131072),
        ("1 << 17", 131072),
        ("128 * 1024 // 2", 65536),
        ("'a' + 'b'", "ab"),
        ("x = 5\nx", 5),
        ("x = 5\ny = x * 2\n{'a': y, **{'b': x}}", {"a": 10, "b": 5}),
        ("dict(a=1, **{'b': 2})", {"a": 1, "b": 2}),
        ("dict({'a': 1}, b=2)", {"a": 1, "b": 2}),
        ("import json\njson.dumps({'a': 1})", '{"a": 1}'),
        ("n = 5\nf'--x {n} {m}'", "--x 5 ${m}"),
        ("os.environ.get('A', '5')", "5"),
        ("int(os.getenv('A', '5'))", 5),
        ("['a', *['b'], *c]", ["a", "b", UNKNOWN]),
        ("['a'] + ['b']", ["a", "b"]),
        ("x = 5\ndef f():\n    x", 5),
        ("x = 5\ndef f():\n    x = 6\n    x", 6),
        ("x: int = 5\nx", 5),
    ],
)
def test_literals_and_their_arithmetic_are_known(code: str, expected: object) -> None:
    assert expected == value(code)


@pytest.mark.parametrize(
    "code",
    [
        "x",
        "x = 1\nx = 2\nx",
        "x = 1\nx += 1\nx",
        "for x in y: pass\nx",
        "x = 1\ndef f(x):\n    x",
        "x = {}\nx['a'] = 1\nx",
        "x = {}\nx.update(a=1)\nx",
        "args.x",
        "1 if x else 2",
        "open('f').read()",
        "os.environ['A']",
        "os.environ.get('A')",
        "1 / 0",
        "10 ** 10 ** 10",
        "'a' * 10",
        "x = x\nx",
        "a = b\nb = a\na",
        "int('five')",
        "__import__('os').getcwd()",
    ],
)
def test_everything_else_is_unknown(code: str) -> None:
    assert isinstance(value(code), Unknown)


def test_what_is_spread_and_not_known_is_felt() -> None:
    assert value("{'a': 1, **x}") == {"a": 1, UNKNOWN: UNKNOWN}
    assert value("dict(x, a=1)") == {"a": 1, UNKNOWN: UNKNOWN}


def test_names_that_double_are_bounded() -> None:
    lines = [f"a{n} = f'{{a{n - 1}}}{{a{n - 1}}}'" for n in range(1, 55)]

    assert isinstance(value("\n".join(["a0 = 'xx'", *lines, "a54"])), Unknown | str)
