from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recallbench.lint.shell_tokens import FOLD
from recallbench.lint.yaml_tree import (
    Branch,
    Items,
    Leaf,
    NotYamlError,
    Tree,
    children,
    read_documents,
    scalar_of,
)


def only(text: str) -> Tree:
    (tree,) = read_documents(text)
    return tree


def leaf(text: str, key: str) -> Leaf:
    tree = only(text)
    assert isinstance(tree, Branch)
    value = tree.get(key)
    assert isinstance(value, Leaf)
    return value


def test_keys_and_values_know_their_lines() -> None:
    tree = only("\na:\n  b:\n  - c\n  - d\n")

    assert isinstance(tree, Branch)
    inner = tree.get("a")
    assert isinstance(inner, Branch)
    line, items = inner.items["b"]
    assert line == 3
    assert isinstance(items, Items)
    assert [child.word.line for child in children(items) if isinstance(child, Leaf)] == [4, 5]


@pytest.mark.parametrize(
    ("text", "value", "line"),
    [
        ("a: |\n  b\n  c\n", "b\nc\n", 2),
        ("a: >\n  b\n    c\n\n  d\n", f"b{FOLD}  c{FOLD}{FOLD}d", 2),
        ("a: >-\n  b\n  c", f"b{FOLD}c", 2),
        ("a: b\n  c\n", f"b{FOLD}c", 1),
        ("a: 'b\n  c'\n", "b c", 1),
    ],
)
def test_texts_over_several_lines_keep_them(text: str, value: str, line: int) -> None:
    word = leaf(text, "a").word

    assert (word.text, word.line) == (value, line)


def test_anchors_and_merge_keys_are_followed() -> None:
    text = "x: &x {a: 1, b: 1}\ny: &y {b: 2, c: 2}\nz:\n  <<: [*x, *y]\n  c: 3\n"
    tree = only(text)

    assert isinstance(tree, Branch)
    merged = tree.get("z")
    assert isinstance(merged, Branch)
    assert [word.text for key in "abc" if (word := merged.text(key))] == ["1", "1", "3"]


def test_an_anchor_inside_of_itself_ends() -> None:
    tree = only("&a {b: *a, c: 1}")

    assert isinstance(tree, Branch)
    assert tree.text("c")


def test_tags_construct_nothing() -> None:
    assert leaf("a: !!python/name:os.system ''", "a").word.text == ""


@pytest.mark.parametrize(
    ("text", "value"),
    [("5", 5), ("5.0", 5.0), ("yes", True), ("'5'", "5"), ("~", None), ("", None)],
)
def test_scalars_are_what_yaml_says(text: str, value: object) -> None:
    assert scalar_of(leaf(f"a: {text}", "a")) == value


@pytest.mark.parametrize(
    "text", ["a: [", "a: b: c", "\tb: c", "{" * 3000, "a: \x00", "x" * 400_001]
)
def test_what_is_no_yaml_is_told(text: str) -> None:
    with pytest.raises(NotYamlError):
        read_documents(text)


@given(st.text(alphabet="ab:-&*!<>|[]{}'\"\n #?,%@`\t"))
def test_any_text_is_yaml_or_is_not(text: str) -> None:
    with suppress(NotYamlError):
        assert all(isinstance(tree, Leaf | Items | Branch) for tree in read_documents(text))
