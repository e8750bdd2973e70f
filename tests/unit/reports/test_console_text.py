"""Text from outside reaches the terminal as text."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from recallbench.reports.console_text import drawable, print_whole, print_wrapped
from support.verdicts import HOSTILE


def printed(text: str, width: int, indent: int, *, whole: bool = False) -> list[str]:
    stream = io.StringIO()
    console = Console(file=stream, width=width)
    if whole:
        print_whole(text, console, indent=indent)
    else:
        print_wrapped(text, console, indent=indent)
    return stream.getvalue().splitlines()


@pytest.mark.parametrize("encoding", ["ascii", "utf-8"])
def test_markup_stays_and_control_characters_are_spelled(encoding: str) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    console = Console(file=stream, width=200)

    text = drawable(HOSTILE, console).plain

    assert text.startswith(r"[red]|x|[/red] <b>`*\x1b[31m\n\x00\ud800 ")
    assert (r"\u6570" in text) is (encoding == "ascii")


@given(st.text(), st.integers(24, 60))
def test_any_sentence_fits_and_none_is_a_control_sequence(text: str, width: int) -> None:
    lines = printed(text, width, indent=2)

    assert not any(char in "".join(lines) for char in "\x1b\r\x07\x9b")
    assert all(len(line) <= width for line in lines)


def test_a_sentence_goes_on_below_with_its_indent() -> None:
    assert printed("one two three four five six", 22, indent=2) == [
        "  one two three four",
        "  five six",
    ]


def test_a_command_stays_on_one_line() -> None:
    command = "recallbench run " + "x" * 300

    assert printed(command, 40, indent=2, whole=True) == [f"  {command}"]
