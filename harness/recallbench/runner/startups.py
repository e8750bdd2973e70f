"""Brings the engines of a session up, one in its turn or beside the one at work, and ends them all.

Guarantees that every engine that was begun has ended, or is being ended by its warden, when the
block of ``Startups`` is left, however it is left; that a start begun beside another engine is told
of in its own turn, good or bad; and that no engine whose turn is over ends while another starts:
vLLM measures a GPU's memory at its start and fails where some becomes free meanwhile
(``determine_available_memory`` in vllm/v1/worker/gpu_worker.py). Knows nothing of trials, nor of
memory: it asks for the room.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from recallbench.engines.opened import OpenedEngine
from recallbench.errors import EngineError
from recallbench.runner.progress import Listener
from recallbench.runner.timeline import Clock, Timeline
from recallbench.suite import PlannedVariant

Opener = Callable[[PlannedVariant], AbstractAsyncContextManager[OpenedEngine]]
"""Brings up the engine of a variant for as long as a block runs."""
Room = Callable[[PlannedVariant], Awaitable[str | None]]
"""Why a variant's engine does not fit beside those that are up, in words; None if it does."""


class _Life:
    """One engine from its start to its end."""

    def __init__(self, planned: PlannedVariant, opener: Opener, clock: Clock) -> None:
        self.planned = planned
        self.opened: OpenedEngine | None = None
        self.startup_s = 0.0
        self.timeline: Timeline | None = None
        self._opener = opener
        self._clock = clock
        self._block = AsyncExitStack()

    async def start(self) -> None:
        """Bring it up; where that fails nothing is left of it."""
        begun_s = self._clock()
        try:
            self.opened = await self._block.enter_async_context(self._opener(self.planned))
        finally:
            self.startup_s = self._clock() - begun_s

    async def end(self) -> None:
        """End it, if it is up, and tell how long that took."""
        begun_s = self._clock()
        await self._block.aclose()
        if self.timeline:
            self.timeline.stopped(self._clock() - begun_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Coming:
    """An engine that comes up beside the one at work."""

    life: _Life
    """The engine; not up after all where there was no room."""
    task: asyncio.Task[None]
    """Its start."""


class Startups:
    """The engines of one session; to be entered before the first turn."""

    def __init__(
        self,
        opener: Opener,
        *,
        room: Room | None,
        listener: Listener,
        clock: Clock = time.monotonic,
    ) -> None:
        """Begin without an engine.

        Args:
            opener: brings one up.
            room: asked before one is started beside another; None starts one after another.
            listener: told why one is not.
            clock: seconds.
        """
        self._opener = opener
        self._room = room
        self._listener = listener
        self._clock = clock
        self._coming: _Coming | None = None
        self._done: list[_Life] = []
        self._ending: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        """Nothing is started yet."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End all that is up or comes up, at the same time."""
        self._end_done()
        ended = await asyncio.gather(self._drop(), *self._ending, return_exceptions=True)
        for failure in ended:
            if isinstance(failure, BaseException):
                raise failure

    @asynccontextmanager
    async def turn(
        self, planned: PlannedVariant, timeline: Timeline
    ) -> AsyncIterator[OpenedEngine]:
        """A variant's engine while it is asked; told to its timeline.

        Raises:
            EngineError: it did not come up.
        """
        begun_s = self._clock()
        life = await self._life_of(planned)
        life.timeline = timeline
        try:
            opened = await self._up(life)
        finally:
            timeline.started(life.startup_s, self._clock() - begun_s)
        try:
            yield opened
        finally:
            self._done.append(life)
            if self._coming is None:
                await self._until_gone()

    def prepare(self, planned: PlannedVariant) -> None:
        """Begin to bring up the engine of a later turn, where there is room for it."""
        if self._room is None or self._coming is not None:
            return
        life = _Life(planned, self._opener, self._clock)
        task = asyncio.create_task(self._start_beside(life, self._room))
        self._coming = _Coming(life=life, task=task)

    async def _start_beside(self, life: _Life, room: Room) -> None:
        await self._until_gone()
        if why := await room(life.planned):
            self._listener.say(f"{life.planned.variant.name}: not overlapped: {why}")
        else:
            await life.start()

    async def _life_of(self, planned: PlannedVariant) -> _Life:
        """The one that comes up for this turn, or a new one; what came up in vain is ended."""
        if self._coming and self._coming.life.planned is planned:
            return self._coming.life
        await self._drop()
        return _Life(planned, self._opener, self._clock)

    async def _up(self, life: _Life) -> OpenedEngine:
        """Wait until it is up, beside the last one or after the end of it."""
        if self._coming:
            try:
                await self._coming.task
            except EngineError:
                self._coming = None
                await self._until_gone()
                raise
            self._coming = None
        if life.opened is None:
            await self._until_gone()
            await life.start()
        self._end_done()
        assert life.opened, "it was started"  # noqa: S101 - an invariant
        return life.opened

    async def _drop(self) -> None:
        """End the one that comes up."""
        if self._coming:
            self._coming.task.cancel()
            await asyncio.gather(self._coming.task, return_exceptions=True)
            life, self._coming = self._coming.life, None
            await life.end()

    def _end_done(self) -> None:
        """Begin to end those whose turn is over; nobody waits for it."""
        self._ending += [asyncio.create_task(life.end()) for life in self._done]
        self._done.clear()

    async def _until_gone(self) -> None:
        """Wait until those whose turn is over have given their memory back."""
        self._end_done()
        if self._ending:
            await asyncio.wait(self._ending)
