"""Trials waiting for their turn: the next one that may go, in order.

Guarantees that no trial is handed out before its turn or twice, and that one is always handed out
when nothing is in flight. What is drawn is drawn as late as possible: each answer may end it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Iterator, Sequence

from recallbench.domain import Trial
from recallbench.schedule.flow import Flow


class Line:
    """Hands out trials that may be sent, and is told when they are done."""

    def __init__(
        self,
        stages: Iterable[Sequence[Trial]],
        flow: Flow,
        *,
        drawn_ahead: int = 0,
        is_over: Callable[[], bool] = lambda: False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Nothing is handed out yet.

        Args:
            stages: within one the order is free; one begins when all of the one before are sent.
            flow: knows which trials may be sent.
            drawn_ahead: requests in flight up to which the next stage is begun although trials of
                this one have to wait; 0 keeps the stages apart.
            is_over: whether nothing may be begun any more.
            clock: seconds since any fixed moment.
        """
        self._clock = clock
        self._stages = _Stages(stages)
        self._flow = flow
        self._drawn_ahead = drawn_ahead
        self._is_over = is_over
        self._waiting: list[Trial] = []
        self._in_flight = 0
        self._stuck = False
        self._changed = asyncio.Event()
        self._moved = asyncio.Event()

    async def take(self) -> Trial | None:
        """The next trial, as soon as one may be sent; None when there is none left."""
        while not self._is_over():
            # What has to wait waits until one is done: to look again for every taker that wakes
            # takes some 50 ms where 200 of them stand before 50 trials.
            trial = None if self._stuck else self._ready()
            if trial is not None:
                self._flow.began(trial, self._clock())
                self._in_flight += 1
                self._moved.set()
                return trial
            if not self._waiting:
                return None
            self._stuck = True
            self._changed.clear()
            await self._changed.wait()
        return None

    def done(self, trial: Trial, *, stands: bool) -> None:
        """A trial that was handed out is done.

        Args:
            trial: the trial.
            stands: whether the server answered, so that its prompt is in the prefix cache.
        """
        self._flow.ended(trial, stands=stands, now_s=self._clock())
        self._in_flight -= 1
        self._stuck = False
        self._changed.set()

    async def moved(self) -> None:
        """Wait until a trial is handed out that was not when this was last waited for."""
        await self._moved.wait()
        self._moved.clear()

    def upcoming(self, most: int) -> list[Trial]:
        """Trials that are handed out soon, as far as that is settled already."""
        return [*self._waiting, *self._stages.peek()][:most]

    def _ready(self) -> Trial | None:
        while True:
            for place, trial in enumerate(self._waiting):
                if self._flow.may_go(trial):
                    return self._waiting.pop(place)
            held = len(self._waiting)
            if held and held + self._in_flight >= self._drawn_ahead:
                return None
            stage = self._stages.next()
            if stage is None:
                return None
            self._waiting += stage


class _Stages:
    """Stages one after another; those of a fixed plan can be looked at before their turn."""

    def __init__(self, stages: Iterable[Sequence[Trial]]) -> None:
        self._fixed: Sequence[Sequence[Trial]] = stages if isinstance(stages, Sequence) else ()
        self._drawn: Iterator[Sequence[Trial]] = iter(stages)
        self._begun = 0

    def next(self) -> Sequence[Trial] | None:
        self._begun += 1
        return next(self._drawn, None)

    def peek(self) -> Sequence[Trial]:
        """The next stage of a fixed plan; nothing of one that is drawn."""
        return self._fixed[self._begun] if self._begun < len(self._fixed) else ()
