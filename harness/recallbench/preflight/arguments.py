"""The words of vLLM's server command line, read as vLLM reads them.

Guarantees: of an option given twice the last counts; a value that holds something only the running
system knows (``$VAR``, ``{{ ... }}``, ``<PLACEHOLDER>``) is named and never guessed; a value that
vLLM would refuse is named with the reason; each setting knows the word it came from. Options that
do not bear on recall are passed over. Pure; knows nothing of shells or files.

Source: vllm/utils/argparse_utils.py ``FlexibleArgumentParser`` and vllm/engine/arg_utils.py, 0.32.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from recallbench.preflight.deployment import Deployment
from recallbench.preflight.option_names import is_flag, setting_of, takes_many
from recallbench.preflight.option_values import is_unresolved, read_dotted, read_value

REST = "arguments"
"""Among the unread: words that may hold any option, such as ``$EXTRA_ARGS``."""
_FLAGS = frozenset({"enable_chunked_prefill", "enforce_eager"})
# argparse takes a word with a blank for no option: ``--model x`` as one word is an error.
_JOINED = re.compile(r"--?[A-Za-z][\w.-]*\s")
_NUMBER = re.compile(r"-\d+(\.\d*)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Arguments:
    """What a command line sets."""

    settings: Mapping[str, Any] = field(default_factory=dict)
    """Values by the names of a deployment's fields."""
    unread: tuple[str, ...] = ()
    """Settings whose value only the running system knows; ``REST`` and ``config`` among them."""
    malformed: Mapping[str, str] = field(default_factory=dict)
    """Settings whose value vLLM could not read either, and why."""
    indices: Mapping[str, int] = field(default_factory=dict)
    """For each name in the other three, the index of the word it came from."""
    strays: tuple[str, ...] = ()
    """Words that are neither an option, nor a value, nor the model: vLLM would refuse them."""

    def deployment(self) -> Deployment:
        """The engine that is started so."""
        return Deployment(
            **self.settings, unread=tuple(sorted(self.unread)), malformed=self.malformed
        )


@dataclass(frozen=True, slots=True)
class _Given:
    """One option or stray word as it stands on the line."""

    index: int
    name: str
    """The option with hyphens for underscores; empty for a word that is no option."""
    value: str | None
    """Its value as text; None if it has none."""


def read_arguments(words: Sequence[str]) -> Arguments:
    """What the words after ``vllm serve`` set; the model may stand among them without an option.

    The same words after ``python -m vllm.entrypoints.openai.api_server`` and after a server image
    mean the same, but for the model, which has to be an option there.
    """
    reading = _Reading()
    for given in _given(words):
        reading.take(given)
    return reading.result()


class _Reading:
    """What has been taken so far."""

    def __init__(self) -> None:
        self._settings: dict[str, Any] = {}
        self._unread: set[str] = set()
        self._malformed: dict[str, str] = {}
        self._indices: dict[str, int] = {}
        self._strays: list[str] = []
        self._dotted: dict[str, list[tuple[str, str, int]]] = {}

    def take(self, given: _Given) -> None:
        option, _, rest = given.name.partition(" ")
        option, _, keys = option.partition(".")
        setting, negated = setting_of(option)
        if not given.name:
            self._take_stray(given)
        elif option == "--config":
            self._note_unread("config", given.index)
        elif setting is None:
            return
        elif rest:
            self._note_malformed(setting, "option and value stand in one word", given.index)
        elif keys:
            self._dotted.setdefault(setting, []).append((keys, given.value or "", given.index))
        elif setting in _FLAGS:
            self._take_flag(setting, given, negated=negated)
        else:
            self._take_value(setting, given)

    def result(self) -> Arguments:
        # vLLM appends the dotted ones as one JSON value, so that they win over a whole one.
        for setting, items in self._dotted.items():
            self._take_dotted(setting, items)
        return Arguments(
            settings=self._settings,
            unread=tuple(sorted(self._unread)),
            malformed=self._malformed,
            indices=self._indices,
            strays=tuple(self._strays),
        )

    def _take_stray(self, given: _Given) -> None:
        text = given.value or ""
        if "model" not in self._indices and (given.index == 0 or not text.startswith("$")):
            self._take_value("model", given)
        elif is_unresolved(text):
            self._note_unread(REST, given.index)
        else:
            self._strays.append(text)

    def _take_flag(self, setting: str, given: _Given, *, negated: bool) -> None:
        text = "true" if given.value is None else given.value.lower()
        if is_unresolved(text):
            self._note_unread(setting, given.index)
        elif text not in {"true", "false"}:
            self._note_malformed(setting, f"{text!r} is neither true nor false", given.index)
        elif setting == "enforce_eager" and given.value is not None:
            self._note_malformed(setting, "the option takes no value", given.index)
        else:
            self._note(setting, (text == "true") is not negated, given.index)

    def _take_value(self, setting: str, given: _Given) -> None:
        if given.value is None:
            self._note_malformed(setting, "the option has no value", given.index)
        elif is_unresolved(given.value):
            self._note_unread(setting, given.index)
        else:
            try:
                self._note(setting, read_value(setting, given.value), given.index)
            except ValueError as error:
                self._note_malformed(setting, str(error), given.index)

    def _take_dotted(self, setting: str, items: Sequence[tuple[str, str, int]]) -> None:
        index = items[0][2]
        if any(is_unresolved(value) for _, value, _ in items):
            self._note_unread(setting, index)
            return
        try:
            self._note(setting, read_dotted([(keys, value) for keys, value, _ in items]), index)
        except ValueError as error:
            self._note_malformed(setting, str(error), index)

    def _note(self, setting: str, value: object, index: int) -> None:
        self._forget(setting)
        self._settings[setting] = value
        self._indices[setting] = index

    def _note_unread(self, setting: str, index: int) -> None:
        self._forget(setting)
        self._unread.add(setting)
        self._indices[setting] = index

    def _note_malformed(self, setting: str, why: str, index: int) -> None:
        self._forget(setting)
        self._malformed[setting] = why
        self._indices[setting] = index

    def _forget(self, setting: str) -> None:
        self._settings.pop(setting, None)
        self._malformed.pop(setting, None)
        self._unread.discard(setting)


def _given(words: Sequence[str]) -> Iterator[_Given]:
    index = 0
    while index < len(words):
        word = words[index]
        if not _is_option(word):
            yield _Given(index, "", word)
            index += 1
            continue
        if _JOINED.match(word):
            yield _Given(index, _hyphenated(word), None)
            index += 1
            continue
        name, equals, value = word.partition("=")
        name = _hyphenated(name)
        following = list(_values_after(words, index, name)) if not equals else []
        yield _Given(index, name, value if equals else (following[0] if following else None))
        index += 1 + len(following)


def _values_after(words: Sequence[str], index: int, name: str) -> Iterator[str]:
    """The words after the option at ``index`` that belong to it."""
    if is_flag(name):
        if words[index + 1 : index + 2] and words[index + 1].lower() in {"true", "false"}:
            yield words[index + 1]
        return
    for word in words[index + 1 :]:
        if _is_option(word):
            return
        yield word
        if not takes_many(name):
            return


def _is_option(word: str) -> bool:
    return word.startswith("-") and word != "-" and not _NUMBER.fullmatch(word)


def _hyphenated(name: str) -> str:
    option, dot, keys = name.partition(".")
    return option.replace("_", "-") + dot + keys
