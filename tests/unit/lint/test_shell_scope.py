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


def grown(scope: ShellScope) -> list[str]:
    (token,) = cut('"${LIST[@]}"').tokens
    return [word.text for word in scope.expand(token)]


def test_what_one_branch_adds_to_a_list_is_taken_to_be_added() -> None:
    scope = ShellScope({})
    scope.assign("LIST", (Word("--a", 1),))
    scope.begin()
    scope.append("LIST", (Word("--b", 2), Word("1", 2)), is_array=True)

    scope.end()

    assert grown(scope) == ["--a", "--b", "1"]


def test_what_several_branches_add_is_not_known_but_what_stood_before_is() -> None:
    scope = ShellScope({})
    scope.assign("LIST", (Word("--a", 1),))
    scope.begin()
    scope.append("LIST", (Word("--b", 2),), is_array=True)
    scope.next_branch()
    scope.append("LIST", (Word("--c", 3),), is_array=True)

    scope.end()

    assert grown(scope) == ["--a", "${LIST[@]}"]


def test_a_list_that_a_branch_sets_anew_is_not_known() -> None:
    scope = ShellScope({})
    scope.assign("LIST", (Word("--a", 1),))
    scope.begin()
    scope.assign("LIST", (Word("--b", 2),))
    scope.append("LIST", (Word("--c", 2),), is_array=True)

    scope.end()

    assert grown(scope) == ["${LIST[@]}"]
