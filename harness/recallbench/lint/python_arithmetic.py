"""Sums of known Python values, bounded so that no text that is read can cost time or memory."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping

from recallbench.lint.keyword_settings import Unknown

_LONGEST = 10_000
_LARGEST = 10**15
_LARGEST_BASE = 10_000
_LARGEST_EXPONENT = 50
_OPERATORS: Mapping[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
}
_NUMBERS: Mapping[str, Callable[[str | float], float]] = {"int": int, "float": float}


def combined(sign: ast.operator, left: object, right: object) -> object:
    """Two numbers combined, or two lists joined; ``Unknown`` for anything else."""
    if isinstance(left, list) and isinstance(sign, ast.Add):
        joined = [*left, *(right if isinstance(right, list) else [Unknown()])]
        return joined if len(joined) <= _LONGEST else Unknown()
    if not isinstance(left, int | float) or not isinstance(right, int | float):
        return Unknown()
    if isinstance(sign, ast.Pow | ast.LShift):
        return _raised(2 if isinstance(sign, ast.LShift) else left, right, sign, left)
    compute = _OPERATORS.get(type(sign))
    return _bounded(lambda: compute(left, right)) if compute else Unknown()


def joined_text(left: str, right: str) -> str | Unknown:
    """Two texts as one, if it is not too long."""
    return left + right if len(left) + len(right) <= _LONGEST else Unknown()


def converted(function: str, value: object) -> object:
    """What ``int`` or ``float`` makes of a value."""
    convert = _NUMBERS.get(function)
    if convert is None or not isinstance(value, str | int | float):
        return Unknown()
    return _bounded(lambda: convert(value))


def _raised(base: float, exponent: float, sign: ast.operator, left: float) -> object:
    if abs(base) > _LARGEST_BASE or not 0 <= exponent <= _LARGEST_EXPONENT:
        return Unknown()
    if isinstance(sign, ast.LShift):
        return _bounded(lambda: left * 2**exponent)
    return _bounded(lambda: base**exponent)


def _bounded(compute: Callable[[], float]) -> object:
    try:
        value = compute()
    except (ArithmeticError, TypeError, ValueError):
        return Unknown()
    return value if abs(value) <= _LARGEST else Unknown()
