from __future__ import annotations

import ast

from recallbench.lint.python_scope import bindings_of, dotted_name, nodes_of


def test_every_way_to_bind_a_name_counts() -> None:
    code = (
        "a = 1\nb: int = 2\nfor c in x: pass\nwith x as d: pass\n(e := 3)\nf += 1\n"
        "g, h = 1, 2\nglobal i\nj['k'] = 1\nl.append(1)\nm: int\n[n for n in x]\n"
    )

    bound = bindings_of(ast.parse(code))

    assert sorted(bound) == sorted("abcdefghijln")
    assert {name for name, (binding, *_) in bound.items() if binding.value} == {"a", "b", "e"}


def test_names_inside_functions_are_not_the_modules() -> None:
    module = ast.parse("def f(a, *b, c=1, **d):\n    e = 1\n")
    (function,) = module.body

    assert bindings_of(module) == {}
    assert isinstance(function, ast.FunctionDef)
    assert sorted(bindings_of(function)) == ["a", "b", "c", "d", "e"]
    assert not any(isinstance(node, ast.Constant) for node in nodes_of(module))


def test_dotted_names() -> None:
    names = [dotted_name(ast.parse(code, mode="eval").body) for code in ("a.b.c", "a", "a().b")]

    assert names == ["a.b.c", "a", ""]
