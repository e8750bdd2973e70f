"""A thing is made once for a state, however many ask, and few are kept."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from recallbench.viewer.kept import Kept

LIMIT_S = 60


class Maker:
    """Makes numbers, counting."""

    def __init__(self) -> None:
        self.made = 0

    def __call__(self) -> int:
        self.made += 1
        return self.made


def test_a_state_is_rendered_once_and_the_next_one_anew() -> None:
    maker, kept = Maker(), Kept[int](2)

    made = [kept.value("a", state, maker) for state in ("1", "1", "2", "2", "1")]

    assert made == [1, 1, 2, 2, 3]


def test_the_things_asked_for_last_are_kept() -> None:
    maker, kept = Maker(), Kept[int](2)
    for name in ("a", "b", "a", "c"):
        kept.value(name, "1", maker)

    assert maker.made == 3
    kept.value("a", "1", maker)
    assert maker.made == 3
    kept.value("b", "1", maker)
    assert maker.made == 4


def test_a_failure_is_not_kept() -> None:
    maker, kept = Maker(), Kept[int](2)

    def fail() -> int:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        kept.value("a", "1", fail)
    assert kept.value("a", "1", maker) == 1


def test_requests_at_one_time_have_a_thing_made_once() -> None:
    maker, kept = Maker(), Kept[int](2)
    begun, may_end = threading.Event(), threading.Event()

    def slow() -> int:
        begun.set()
        assert may_end.wait(LIMIT_S)
        return maker()

    with ThreadPoolExecutor(4) as pool:
        waiting = [pool.submit(kept.value, "a", "1", slow) for _ in range(4)]
        assert begun.wait(LIMIT_S)
        # Another thing does not wait for this one.
        assert kept.value("b", "1", Maker()) == 1
        may_end.set()
        made = [each.result(LIMIT_S) for each in waiting]

    assert made == [1] * 4
    assert maker.made == 1
