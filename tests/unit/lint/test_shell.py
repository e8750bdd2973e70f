from __future__ import annotations

import pytest

from recallbench.lint.found import Word, texts
from recallbench.lint.shell import read_script, split_words
from recallbench.preflight.option_values import is_unresolved


def commands(text: str) -> list[list[str]]:
    return [texts(command.words) for command in read_script(text).commands]


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("M=a/b\nrun $M", ["run", "a/b"]),
        ("M='a b'\nrun $M", ["run", "a", "b"]),
        ("M='a b'\nrun \"$M\"", ["run", "a b"]),
        ("A=(a 'b c')\nA+=(d)\nrun \"${A[@]}\"", ["run", "a", "b c", "d"]),
        ("A=a\nA+=b\nrun $A", ["run", "ab"]),
        ("run ${M:-c}", ["run", "c"]),
        ("run ${M-c} ${N:=d}", ["run", "c", "d"]),
        ("M=a\nrun ${M:-c}", ["run", "a"]),
        ("M=\nrun ${M:-c}", ["run", "c"]),
        ("M=$1\nrun $M", ["run", "${1}"]),
        ("M=$(date)\nrun $M", ["run", "${M}"]),
        ("read M\nrun $M", ["run", "${M}"]),
        ("local M=a\nrun $M", ["run", "a"]),
        ("if x; then M=a; else M=b; fi\nrun $M", ["run", "${M}"]),
        ("case x in a) M=a;; *) M=b;; esac\nrun $M", ["run", "${M}"]),
        ("M=a\nif x; then N=b; fi\nrun $M", ["run", "a"]),
        ("if x; then M=a; run $M; fi", ["run", "a"]),
        ("if x; then M=a; else run ${M:-b}; fi", ["run", "b"]),
        ("for M in a b; do run $M; done", ["run", "${M}"]),
        ("$ run a", ["run", "a"]),
        ("f() { run a; }", ["run", "a"]),
        ("! time run a", ["run", "a"]),
    ],
)  # fmt: skip
def test_variables_are_known_as_far_as_they_can_be(script: str, words: list[str]) -> None:
    assert words in commands(script)


def test_operators_end_commands() -> None:
    assert commands("a && b | c & d; (e) || f") == [["a"], ["b"], ["c"], ["d"], ["e"], ["f"]]


def test_a_command_gets_what_was_exported_before_and_what_stands_before_it() -> None:
    script = (
        "A=1\nexport B=2\nlocal E=5\ndeclare F=6\nC=3 run\nexport A\nrun\n"
        "export D=$X\ndeclare -x G=7\nrun"
    )
    environments = [
        {name: word.text for name, word in command.environment.items()}
        for command in read_script(script).commands
    ]

    assert environments == [
        {"B": "2", "C": "3"},
        {"A": "1", "B": "2"},
        {"A": "1", "B": "2", "D": "${X}", "G": "7"},
    ]


def test_words_of_a_value_keep_the_lines_of_the_assignment() -> None:
    script = 'A="--x 1\n  --y 2"\n\nrun $A z'

    (command,) = read_script(script, line=10).commands

    assert [(word.text, word.line) for word in command.words] == [
        ("run", 13), ("--x", 10), ("1", 10), ("--y", 11), ("2", 11), ("z", 13),
    ]  # fmt: skip


def test_a_variable_that_doubles_itself_ends_as_unknown() -> None:
    script = "A=aaaa\n" + 'A="$A$A"\n' * 100 + "run $A"

    ((_, word),) = commands(script)
    assert is_unresolved(word)
    assert len(word) < 1000


def test_split_words_knows_no_operators() -> None:
    assert texts(split_words("a; b | $C", 1, {"C": Word("c", 1)})) == ["a", "b", "c"]
