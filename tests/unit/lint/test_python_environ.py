from __future__ import annotations

import ast

from recallbench.lint.python_environ import environment_of_module, variables_of
from recallbench.lint.python_values import Values

CODE = """
import os
from os import environ
os.environ["A"] = "1"
environ["B"] = str(2)
os.environ.setdefault("C", "3")
os.environ.update({"D": "4"}, E="5")
os.putenv("F", "6")
os.environ["G"] = "7"
os.environ["G"] = "8"
os.environ["H"] = args.h
"""


def test_all_ways_to_set_a_variable_are_known() -> None:
    module = ast.parse(CODE)

    found = environment_of_module([module], Values(module))

    assert {name: word.text for name, word in found.items()} == {
        "A": "1", "B": "2", "C": "3", "D": "4", "E": "5", "F": "6",
        "G": "${G}", "H": "${args.h}",
    }  # fmt: skip
    assert found["C"].line == 6


def test_values_that_are_no_text_are_not_known() -> None:
    found = dict(variables_of({"A": "1", "B": 2, 3: "x"}, 5))

    assert {name: (word.text, word.line) for name, word in found.items()} == {
        "A": ("1", 5),
        "B": ("${B}", 5),
    }
