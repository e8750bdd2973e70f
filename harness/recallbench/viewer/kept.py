"""What was made of some runs, kept from one request to the next.

Guarantees that several requests for one state of one thing have it made once, and that no more than
a given number of things is kept. Does not know when one is outdated: its state tells.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from threading import Lock
from typing import Generic, TypeVar

Value = TypeVar("Value")


@dataclass(slots=True, kw_only=True)
class _Slot(Generic[Value]):
    """The last value of one thing."""

    lock: Lock = field(default_factory=Lock)
    state: str | None = None
    """Of the value; None before the first."""
    values: tuple[Value, ...] = ()
    """One, or none before the first."""


class Kept(Generic[Value]):
    """The last values of the things that were asked for last."""

    def __init__(self, most: int) -> None:
        """Keep nothing yet.

        Args:
            most: things to keep.
        """
        self._most = most
        self._lock = Lock()
        self._slots: OrderedDict[Hashable, _Slot[Value]] = OrderedDict()

    def value(self, name: Hashable, state: str, make: Callable[[], Value]) -> Value:
        """A thing in a state, made now if it is not there; meanwhile others wait for this one only.

        Args:
            name: of the thing.
            state: the present one, looked up before anything is read: what changes while it is
                made then has another one.
            make: makes it.
        """
        slot = self._slot(name)
        with slot.lock:
            if slot.state != state:
                slot.values, slot.state = (make(),), state
            return slot.values[0]

    def _slot(self, name: Hashable) -> _Slot[Value]:
        with self._lock:
            slot = self._slots.setdefault(name, _Slot())
            self._slots.move_to_end(name)
            if len(self._slots) > self._most:
                self._slots.popitem(last=False)
            return slot
