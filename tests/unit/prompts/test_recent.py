"""What was made last is not made again, and no more of it is kept than was asked for."""

from __future__ import annotations

from functools import partial

import pytest

from recallbench.prompts.recent import Recent


def made_for(names: str, *, most: int) -> str:
    """Which values are made while these are asked for in turn."""
    made: list[str] = []
    recent: Recent[str, str] = Recent(most)

    def make(name: str) -> str:
        made.append(name)
        return name

    for name in names:
        assert recent.value(name, partial(make, name)) == name
    return "".join(made)


def test_a_value_is_made_once_while_it_is_kept() -> None:
    assert made_for("aabbaa", most=2) == "ab"


def test_the_one_that_was_unused_for_longest_goes_first() -> None:
    assert made_for("abacab", most=2) == "abcb"


def test_a_value_that_could_not_be_made_is_asked_for_again() -> None:
    recent: Recent[str, int] = Recent(1)

    with pytest.raises(ZeroDivisionError):
        recent.value("a", lambda: 1 // 0)

    assert recent.value("a", lambda: 7) == 7
