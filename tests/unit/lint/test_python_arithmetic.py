from __future__ import annotations

import ast

from recallbench.lint.keyword_settings import Unknown
from recallbench.lint.python_arithmetic import combined, converted, joined_text


def test_numbers_combine() -> None:
    assert combined(ast.Mult(), 32768, 4.0) == 131072.0
    assert combined(ast.LShift(), 1, 17) == 131072


def test_what_is_too_large_is_unknown() -> None:
    assert combined(ast.Pow(), 10, 40) == Unknown()
    assert combined(ast.Pow(), 2, -1) == Unknown()
    assert combined(ast.Add(), ["a"] * 9000, ["b"] * 9000) == Unknown()
    assert joined_text("a" * 9000, "b" * 9000) == Unknown()


def test_a_list_with_something_unknown_added_says_so() -> None:
    assert combined(ast.Add(), ["a"], Unknown()) == ["a", Unknown()]


def test_other_things_do_not_combine() -> None:
    assert combined(ast.Mult(), "a", 3) == Unknown()
    assert combined(ast.BitXor(), 1, 3) == Unknown()
    assert converted("int", [1]) == Unknown()
    assert converted("eval", "1") == Unknown()
