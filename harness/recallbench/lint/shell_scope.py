"""The variables of a shell script as far as they can be known without running it.

Guarantees: a variable that is set to different values on different branches is unknown after them,
and so is one that a command sets; what is unknown stays in words as it is written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from recallbench.lint.found import Word
from recallbench.lint.shell_tokens import Part, Token

Value = tuple[Word, ...]
# A variable that doubles itself in every line must not fill the memory.
_LONGEST = 20_000
_BLANKS = " \t\n\v"


@dataclass(slots=True)
class _Branching:
    """An ``if``, ``case`` or loop that is not over."""

    before: dict[str, Value | None]
    """The variables when it began."""
    changed: set[str]
    """Variables that a branch sets."""
    grown: dict[str, list[Value]]
    """What branches append to lists."""


class ShellScope:
    """What is known at one place of a script."""

    def __init__(self, environment: Mapping[str, Word]) -> None:
        """Begin a script in an environment."""
        self._values: dict[str, Value | None] = {
            name: (word,) for name, word in environment.items()
        }
        self._exported: set[str] = set(environment)
        self._branchings: list[_Branching] = []

    def assign(self, name: str, value: Value | None) -> None:
        """Set a variable; None for a value that is not known."""
        if self._branchings:
            self._branchings[-1].changed.add(name)
        is_small = value is not None and sum(len(word.text) + 1 for word in value) <= _LONGEST
        self._values[name] = value if is_small else None

    def append(self, name: str, value: Value, *, is_array: bool) -> None:
        """What ``NAME+=`` does."""
        before = self._values.get(name, ())
        if before is None:
            return
        if is_array or not before or not value:
            was_changed = self._branchings and name in self._branchings[-1].changed
            self.assign(name, (*before, *value))
            if is_array and self._branchings and not was_changed:
                self._branchings[-1].changed.discard(name)
                self._branchings[-1].grown.setdefault(name, []).append(value)
        else:
            joined = Word(before[0].text + value[0].text, before[0].line)
            self.assign(name, (joined, *before[1:]))

    def export(self, name: str) -> None:
        """Hand a variable on to the commands that follow."""
        self._exported.add(name)

    def environment(self) -> dict[str, Word]:
        """The variables that a command gets."""
        known = {name: self._values.get(name) for name in sorted(self._exported)}
        return {name: value[0] for name, value in known.items() if value}

    def begin(self) -> None:
        """A construct with branches begins."""
        self._branchings.append(_Branching(dict(self._values), set(), {}))

    def next_branch(self) -> None:
        """Another branch of the same construct begins."""
        if self._branchings:
            self._values = dict(self._branchings[-1].before)

    def end(self) -> None:
        """The construct is over: what a branch set is not known.

        What a single branch added to a list is taken to be added, so that it is looked at too.
        """
        if not self._branchings:
            return
        branching = self._branchings.pop()
        self._values = branching.before
        for name in branching.changed:
            self.assign(name, None)
        for name, added in branching.grown.items():
            if name in branching.changed or self._values.get(name, ()) is None:
                continue
            unknown = (Word(f"${{{name}[@]}}", 0),)
            self.append(name, added[0] if len(added) == 1 else unknown, is_array=True)

    def expand(self, token: Token) -> list[Word]:
        """The words that a word of the script stands for."""
        fields = _Fields(token.line)
        for part in token.parts:
            if fields.size > _LONGEST:
                fields.add("${...}", None)
                break
            known = self._value_of(part)
            if known is None:
                fields.add(part.text, None)
            elif part.whole:
                fields.add_all(known)
            else:
                value = known[0] if known else Word("", token.line)
                self._add(fields, value, is_split=bool(part.name) and not part.quoted)
        return fields.words()

    def one(self, token: Token) -> Word:
        """The value that a word of the script has in an assignment, where nothing is split."""
        pieces = []
        for part in token.parts:
            known = self._value_of(part)
            whole = part.text if known is None else " ".join(word.text for word in known)
            pieces.append(whole)
            if sum(map(len, pieces)) > _LONGEST:
                return Word("${...}", token.line)
        return Word("".join(pieces), token.line)

    def _value_of(self, part: Part) -> Value | None:
        """None if it is not known."""
        if not part.name:
            return (Word(part.text, 0),)
        if part.name in self._values:
            value = self._values[part.name]
            is_empty = value is not None and not any(word.text for word in value)
            return value if not (is_empty and part.fallback) else (Word(part.fallback or "", 0),)
        if part.fallback is None:
            return None
        fallback = part.fallback.strip("\"'")
        return (Word(fallback, 0),)

    @staticmethod
    def _add(fields: _Fields, value: Word, *, is_split: bool) -> None:
        if not is_split:
            fields.add(value.text, value.line or None)
            return
        for index, (text, line) in enumerate(_split(value)):
            if index or (value.text[0] in _BLANKS):
                fields.close()
            fields.add(text, line)
        if value.text and value.text[-1] in _BLANKS:
            fields.close()


class _Fields:
    """The words that one word of the script turns into, while it is put together."""

    def __init__(self, line: int) -> None:
        self._line = line
        self._words: list[Word] = []
        self._open: Word | None = None
        self.size = 0

    def add(self, text: str, line: int | None) -> None:
        """Go on with the last word; a value keeps the line it was assigned at."""
        self.size += len(text) + 1
        if self._open is None:
            self._open = Word(text, line or self._line)
        elif text:
            own = line if line and not self._open.text else self._open.line
            self._open = Word(self._open.text + text, own)

    def add_all(self, words: Sequence[Word]) -> None:
        """Add an array, item by item."""
        for index, word in enumerate(words):
            if index:
                self.close()
            self.add(word.text, word.line)

    def close(self) -> None:
        """What follows is another word."""
        if self._open is not None:
            self._words.append(self._open)
            self._open = None

    def words(self) -> list[Word]:
        """All of them."""
        self.close()
        return self._words


def _split(value: Word) -> Iterator[tuple[str, int]]:
    """Words of a value between blanks, with their lines."""
    line = value.line
    for row in value.text.split("\n"):
        for text in row.replace("\v", " ").split():
            yield text, line
        line += 1 if value.line else 0
