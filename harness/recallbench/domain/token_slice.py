"""Token ids kept by reference, so that many prompts share one haystack's."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, weakref_slot=True, eq=False)
class TokenStock:
    """Token ids that prompts take their parts from; two stocks are the same only if they are one.

    What is worth working out once for all prompts of a stock may be remembered by its identity.
    """

    ids: array[int]
    """Shape (n_tokens,), typecode ``I``; not to be changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenSlice:
    """A stretch of a stock."""

    stock: TokenStock
    """Where it is cut from."""
    start: int
    """First position in the stock."""
    end: int
    """One past the last position in the stock."""

    @property
    def ids(self) -> array[int]:
        """The ids themselves, copied."""
        return self.stock.ids[self.start : self.end]

    def __len__(self) -> int:
        """Number of tokens."""
        return self.end - self.start


def whole_tokens(ids: array[int]) -> TokenSlice:
    """All of these ids, in a stock of their own."""
    return TokenSlice(stock=TokenStock(ids), start=0, end=len(ids))


def joined_ids(slices: Sequence[TokenSlice]) -> array[int]:
    """The ids of slices in a row, copied."""
    ids = array("I")
    for part in slices:
        ids += part.ids
    return ids


def common_tokens(one: Sequence[TokenSlice], other: Sequence[TokenSlice]) -> int:
    """How many first tokens two rows of slices share."""
    ours, theirs = _Walk(one), _Walk(other)
    shared = 0
    while (step := min(ours.left, theirs.left)) > 0:
        if not ours.is_at(theirs) and ours.ids(step) != theirs.ids(step):
            return shared + _alike(ours.ids(step), theirs.ids(step))
        shared += step
        ours.go(step)
        theirs.go(step)
    return shared


class _Walk:
    """A place in a row of slices."""

    def __init__(self, slices: Sequence[TokenSlice]) -> None:
        self._slices: Iterator[TokenSlice] = iter([part for part in slices if len(part)])
        self._part = next(self._slices, None)
        self._at = self._part.start if self._part else 0

    @property
    def left(self) -> int:
        """Tokens up to the end of the present slice; 0 at the end of the row."""
        return self._part.end - self._at if self._part else 0

    def is_at(self, other: _Walk) -> bool:
        """Whether both stand at the same place of the same stock: nothing to compare."""
        same = self._part and other._part and self._part.stock is other._part.stock
        return bool(same) and self._at == other._at

    def ids(self, step: int) -> array[int]:
        """The next ids, copied."""
        assert self._part, "only asked where something is left"  # noqa: S101 - an invariant
        return self._part.stock.ids[self._at : self._at + step]

    def go(self, step: int) -> None:
        """Move on, at most to the end of the present slice."""
        self._at += step
        if not self.left:
            self._part = next(self._slices, None)
            self._at = self._part.start if self._part else 0


def _alike(one: array[int], other: array[int]) -> int:
    """First ids that two unlike arrays of the same length share."""
    low, high = 0, len(one)
    while low < high:
        middle = (low + high + 1) // 2
        if one[:middle] == other[:middle]:
            low = middle
        else:
            high = middle - 1
    return low
