"""Where the needles of a ladder go: one for every cell, where cells do not nearly meet.

Counts in tokens alone. A needle stands whole within every prompt that asks for it, and none stands
across the end of any prompt: the question of a shorter one must not cut through the needle of a
longer one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from recallbench.errors import PromptError

Cell = tuple[int, float]
"""Length and depth."""
SLACK_TOKENS = 6
"""Kept free between a needle and the end of a prompt, whose last words are chosen to be exact."""
GUARD_TOKENS = 64
"""Kept free of needles behind the end of a prompt, for the same reason."""
MERGED_WITHIN = 0.01
"""Cells take one needle where that moves none by more than this part of its haystack."""
MOST_MOVED = 0.1
"""No needle stands farther than this part of its haystack from where it was asked."""

Site = Callable[[int, int, int], int]
"""The haystack token nearest to the first, between the other two, at which a needle may be put."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """A needle of a ladder."""

    place: int
    """Haystack tokens before it, other needles not counted."""
    start: int
    """Tokens before it, other needles counted, from the haystack's beginning."""
    end: int
    """Tokens up to its end, counted likewise."""
    cells: tuple[Cell, ...]
    """The cells that ask for it."""


def rungs(
    rooms: Mapping[int, int], depths: Sequence[float], needle_tokens: Sequence[int], site: Site
) -> tuple[Rung, ...]:
    """Place a needle for every cell, in the order in which they stand.

    Args:
        rooms: by length, tokens of its haystack, needles counted.
        depths: depths of the grid.
        needle_tokens: what each needle takes, in the order in which they stand; as many as there
            may be.
        site: finds a place in the haystack.

    Raises:
        PromptError: a needle cannot stand near enough to where it was asked.
    """
    placer = _Placer(rooms, needle_tokens, site)
    cells = [(length, depth) for length in rooms for depth in depths]
    for cell in sorted(cells, key=lambda cell: (placer.target(cell), cell)):
        placer.add(cell)
    return tuple(placer.placed)


class _Placer:
    """The needles placed so far, from the haystack's beginning on."""

    def __init__(self, rooms: Mapping[int, int], needle_tokens: Sequence[int], site: Site) -> None:
        self._rooms = rooms
        self._each = needle_tokens
        self._needle = max(needle_tokens)
        self._before = list(accumulate(needle_tokens, initial=0))
        self._site = site
        self.placed: list[Rung] = []

    def target(self, cell: Cell) -> int:
        """Where a cell's needle should start."""
        length, depth = cell
        return round(depth * (self._rooms[length] - self._needle))

    def add(self, cell: Cell) -> None:
        """Give a cell its needle: the last one, or a new one behind it."""
        own = self._next(cell)
        last = self.placed[-1] if self.placed else None
        if last and self._fits(last, cell):
            moved = self._moved(cell, last.start)
            if moved <= MERGED_WITHIN or own is None or moved <= self._moved(cell, own.start):
                self._keep(cell, last, at=-1)
                return
        if own is None:
            raise self._refusal(cell)
        self._keep(cell, own, at=None)

    def _keep(self, cell: Cell, rung: Rung, *, at: int | None) -> None:
        if self._moved(cell, rung.start) > MOST_MOVED:
            raise self._refusal(cell)
        asked = Rung(place=rung.place, start=rung.start, end=rung.end, cells=(*rung.cells, cell))
        if at is None:
            self.placed.append(asked)
        else:
            self.placed[at] = asked

    def _next(self, cell: Cell) -> Rung | None:
        """A needle of its own at the best of the places that cut through no prompt's end."""
        number = len(self.placed)
        if number == len(self._each):
            return None
        target, before = self.target(cell), self._before[number]
        lowest = self.placed[-1].place if self.placed else 0
        best: Rung | None = None
        for first, last in self._free(lowest + before, self._latest(cell)):
            place = self._site(target - before, first - before, last - before)
            start = place + before
            if first <= start <= last and (best is None or self._is_nearer(cell, start, best)):
                best = Rung(place=place, start=start, end=start + self._each[number], cells=())
        return best

    def _free(self, first: int, last: int) -> list[tuple[int, int]]:
        """Stretches from ``first`` to ``last`` in which a needle may start."""
        free, begin = [], first
        for room in sorted(self._rooms.values()):
            end = room - self._needle - SLACK_TOKENS
            if begin <= min(end, last):
                free.append((begin, min(end, last)))
            begin = max(begin, room + GUARD_TOKENS)
        return free

    def _latest(self, cell: Cell) -> int:
        return self._rooms[cell[0]] - self._needle - SLACK_TOKENS

    def _fits(self, rung: Rung, cell: Cell) -> bool:
        """Whether ``rung`` may serve ``cell``: two cells of one length would be one question."""
        others = {length for length, _ in rung.cells}
        return rung.start <= self._latest(cell) and cell[0] not in others

    def _moved(self, cell: Cell, start: int) -> float:
        return abs(start - self.target(cell)) / max(self._rooms[cell[0]] - self._needle, 1)

    def _is_nearer(self, cell: Cell, start: int, than: Rung) -> bool:
        return self._moved(cell, start) < self._moved(cell, than.start)

    def _refusal(self, cell: Cell) -> PromptError:
        length, depth = cell
        return PromptError(
            f"ladder: the needles of length {length:,} do not all fit: that of depth {depth:g} "
            f"would stand more than {MOST_MOVED:.0%} of the haystack from there (a needle takes "
            f"{self._needle} tokens, the haystack has {max(self._rooms[length], 0):,}); ask for "
            "fewer depths, longer or fewer lengths, or layout: single"
        )
