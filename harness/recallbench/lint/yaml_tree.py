"""YAML text as a tree of plain values in which every piece knows its line.

Guarantees: nothing is constructed from tags; anchors and merge keys are followed, once; a folded
scalar keeps the lines it was folded from (see ``shell_tokens.FOLD``); a text that is no YAML, or
too long, raises ``NotYamlError`` with a line.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import yaml

from recallbench.lint.found import Word
from recallbench.lint.shell_tokens import FOLD

_MERGE = "tag:yaml.org,2002:merge"
_STRING = "tag:yaml.org,2002:str"
_NULL = "tag:yaml.org,2002:null"
_DEEPEST = 100
# The parser is slow: this much takes it some seconds.
_LONGEST = 400_000


class NotYamlError(Exception):
    """A text is no YAML."""

    def __init__(self, line: int, why: str) -> None:
        """Say why the text is none, and on which line it stops being one."""
        super().__init__(why)
        self.line = line


@dataclass(frozen=True, slots=True, eq=False)
class Leaf:
    """A scalar."""

    word: Word
    """Its text and the line of its first character."""
    is_string: bool
    """Whether it is text, and no number, boolean or null."""
    is_null: bool = False
    """Whether it is empty or null."""


@dataclass(frozen=True, slots=True, eq=False)
class Items:
    """A sequence."""

    items: tuple[Tree, ...]
    """Its items."""
    line: int
    """Its first line."""


@dataclass(frozen=True, slots=True, eq=False)
class Branch:
    """A mapping."""

    items: dict[str, tuple[int, Tree]]
    """For each key its line and its value; of a key given twice the last."""
    line: int
    """Its first line."""

    def get(self, *keys: str) -> Tree | None:
        """The value of the first key that is there."""
        return next((self.items[key][1] for key in keys if key in self.items), None)

    def text(self, *keys: str) -> Word | None:
        """The scalar of the first key that has one."""
        for key in keys:
            value = self.items[key][1] if key in self.items else None
            if isinstance(value, Leaf) and value.word.text and not value.is_null:
                return value.word
        return None


Tree = Leaf | Items | Branch


def read_documents(text: str) -> tuple[Tree, ...]:
    """The documents of a YAML text.

    Raises:
        NotYamlError: It is none.
    """
    if len(text) > _LONGEST:
        raise NotYamlError(1, f"it is longer than {_LONGEST} characters")
    rows = text.split("\n")
    try:
        nodes = list(yaml.compose_all(text, Loader=yaml.SafeLoader))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise NotYamlError(line, error.problem or "it is no YAML") from error
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise NotYamlError(1, str(error).partition("\n")[0] or "it is no YAML") from error
    return tuple(_Grower(rows).grow(node, 0) for node in nodes if node is not None)


def children(tree: Tree) -> Iterator[Tree]:
    """The trees right below."""
    if isinstance(tree, Items):
        yield from tree.items
    elif isinstance(tree, Branch):
        for _, value in tree.items.values():
            yield value


def scalar_of(leaf: Leaf) -> object:
    """The scalar as the Python value that YAML 1.1 gives it."""
    if leaf.is_string:
        return leaf.word.text.replace(FOLD, " ")
    try:
        return yaml.safe_load(leaf.word.text)
    except (yaml.YAMLError, ValueError):
        return leaf.word.text


class _Grower:
    """Turns nodes into trees, each node once."""

    def __init__(self, rows: list[str]) -> None:
        self._rows = rows
        self._grown: dict[int, Tree] = {}

    def grow(self, node: yaml.Node, depth: int) -> Tree:
        known = self._grown.get(id(node))
        if known is not None:
            return known
        line = node.start_mark.line + 1
        # Stands in for the node inside itself: YAML lets an anchor contain its alias.
        self._grown[id(node)] = Leaf(Word("", line), is_string=True, is_null=True)
        if depth > _DEEPEST:
            return self._grown[id(node)]
        if isinstance(node, yaml.MappingNode):
            tree: Tree = Branch(self._pairs(node, depth), line)
        elif isinstance(node, yaml.SequenceNode):
            tree = Items(tuple(self.grow(item, depth + 1) for item in node.value), line)
        else:
            tree = self._leaf(node)
        self._grown[id(node)] = tree
        return tree

    def _pairs(self, node: yaml.MappingNode, depth: int) -> dict[str, tuple[int, Tree]]:
        merged: dict[str, tuple[int, Tree]] = {}
        own: dict[str, tuple[int, Tree]] = {}
        for key, value in node.value:
            tree = self.grow(value, depth + 1)
            if key.tag == _MERGE or getattr(key, "value", None) == "<<":
                for part in children(tree) if isinstance(tree, Items) else (tree,):
                    if isinstance(part, Branch):
                        merged = {**part.items, **merged}
            elif isinstance(key, yaml.ScalarNode):
                own[key.value] = (key.start_mark.line + 1, tree)
        return {**merged, **own}

    def _leaf(self, node: yaml.Node) -> Leaf:
        line = node.start_mark.line + 1
        style = getattr(node, "style", None)
        text = str(node.value)
        if style in {"|", ">"}:
            line += 1
            text = self._folded(node) if style == ">" else text
        elif style is None and node.end_mark.line > node.start_mark.line:
            text = self._plain(node)
        return Leaf(Word(text, line), node.tag == _STRING, node.tag == _NULL)

    def _folded(self, node: yaml.Node) -> str:
        """A folded scalar from the rows it was folded from, so that lines are kept."""
        rows = self._rows[node.start_mark.line + 1 : node.end_mark.line]
        # The last row of a text without a last line end is on the end mark's own line.
        if node.end_mark.line == len(self._rows) - 1 and node.end_mark.column:
            rows = self._rows[node.start_mark.line + 1 :]
        indent = min((len(row) - len(row.lstrip()) for row in rows if row.strip()), default=0)
        return FOLD.join(row[indent:].rstrip() for row in rows)

    def _plain(self, node: yaml.Node) -> str:
        rows = self._rows[node.start_mark.line : node.end_mark.line + 1]
        rows[-1] = rows[-1][: node.end_mark.column]
        rows[0] = rows[0][node.start_mark.column :]
        return FOLD.join(row.strip() for row in rows)
