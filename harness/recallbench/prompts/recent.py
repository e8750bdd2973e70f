"""The few values that were made last, by name: what is asked for again is not made again.

Guarantees that no more than a given number is kept, and that the one unused for longest goes first.
Knows nothing about what the values are.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Name = TypeVar("Name", bound=Hashable)
Value = TypeVar("Value")


class Recent(Generic[Name, Value]):
    """Values that were asked for last."""

    def __init__(self, most: int) -> None:
        """Keep nothing yet.

        Args:
            most: values to keep, 1 or more.
        """
        self._most = most
        self._held: OrderedDict[Name, Value] = OrderedDict()

    def value(self, name: Name, make: Callable[[], Value]) -> Value:
        """A value, made now if it is not there.

        Args:
            name: of the value.
            make: makes it; where it fails, nothing is kept.
        """
        if name in self._held:
            self._held.move_to_end(name)
            return self._held[name]
        value = self._held[name] = make()
        if len(self._held) > self._most:
            self._held.popitem(last=False)
        return value
