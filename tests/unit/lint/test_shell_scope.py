from __future__ import annotations

from recallbench.lint.found import Word
from recallbench.lint.shell_scope import ShellScope
from recallbench.lint.shell_words import cut


def test_a_branch_that_is_over_leaves_what_it_changed_unknown() -> None:
    scope = ShellScope({"A": Word("1", 1), "B": Word("2", 1)})

    scope.begin()
    scope.assign("A", (Word("3", 2),))
    scope.next_branch()
    inside = scope.environment()
    scope.end()

    assert {name: word.text for name, word in inside.items()} == {"A": "1", "B": "2"}
    assert {name: word.text for name, word in scope.environment().items()} == {"B": "2"}


def test_inner_branches_count_for_the_outer() -> None:
    scope = ShellScope({"A": Word("1", 1)})
    scope.begin()
    scope.begin()
    scope.assign("A", (Word("2", 1),))
    scope.end()
    scope.next_branch()
    assert "A" in scope.environment()

    scope.end()

    assert scope.environment() == {}


def test_an_end_without_a_beginning_changes_nothing() -> None:
    scope = ShellScope({"A": Word("1", 1)})

    scope.end()
    scope.next_branch()

    assert scope.environment() == {"A": Word("1", 1)}


def test_pieces_next_to_a_split_value_stay_with_its_ends() -> None:
    scope = ShellScope({"A": Word("b c", 1)})
    (token,) = cut("a${A}d").tokens

    assert [word.text for word in scope.expand(token)] == ["ab", "cd"]
