"""Where the time of one variant goes: start-up, asking, at work or idle, client, shut-down.

Guarantees that what earlier sessions took is added, that what is not known of one session is None
for all, and that a session cut short has told what it took so far. An engine that is up and waits
for its turn counts nowhere. Does not know what the engine does inside a request: prefill and decode
are an estimate (``stats.time_use``).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from recallbench.domain import AnswerBudget, Completion, Engine, Prompt
from recallbench.stats.cost import added
from recallbench.stats.time_use import Flight, first_token_share, time_use

Clock = Callable[[], float]
"""Seconds since any fixed moment."""


class Timeline:
    """The time of one variant in one session; told what happens as it happens."""

    def __init__(
        self,
        earlier: Mapping[str, float | None] | None,
        keep: Callable[[dict[str, Any]], None],
        *,
        clock: Clock = time.monotonic,
        cpu_clock: Clock = time.process_time,
    ) -> None:
        """Begin with nothing of this session.

        Args:
            earlier: what ``keep`` got last in the session before; None in the first.
            keep: gets the whole, by name in seconds, whenever a part has become known.
            clock: wall time.
            cpu_clock: CPU time of this process, all its threads together.
        """
        self._earlier = earlier
        self._keep = keep
        self._clock = clock
        self._cpu_clock = cpu_clock
        self._flights: list[Flight] = []
        self._share: float | None = None
        self._parts: dict[str, float | None] = {
            "startup_s": 0.0,
            "waited_s": 0.0,
            "asking_s": 0.0,
            "busy_s": 0.0,
            "idle_s": 0.0,
            "prefill_s": 0.0,
            "decode_s": 0.0,
            "client_s": 0.0,
            "shutdown_s": 0.0,
        }

    def started(self, startup_s: float, waited_s: float) -> None:
        """Its engine is up, or is known not to come up.

        Args:
            startup_s: from the beginning of its start until then, reading its RoPE included.
            waited_s: the part of it in which no other variant was asked.
        """
        self._note(startup_s=startup_s, waited_s=waited_s)

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Its engine is up, it is its turn, and trials are owed, until the block ends."""
        begun_s, cpu_s = self._clock(), self._cpu_clock()
        try:
            yield
        finally:
            asking_s, client_s = self._clock() - begun_s, self._cpu_clock() - cpu_s
            use = time_use(self._flights, self._share)
            self._note(
                asking_s=asking_s,
                busy_s=use.busy_s,
                idle_s=max(0.0, asking_s - use.busy_s),
                prefill_s=use.prefill_s,
                decode_s=use.decode_s,
                client_s=client_s,
            )

    @contextmanager
    def in_flight(self) -> Iterator[None]:
        """One request is on its way until the block ends."""
        sent_s = self._clock()
        try:
            yield
        finally:
            self._flights.append(Flight(sent_s, self._clock()))

    def counted(self, counts: Mapping[str, float | None] | None) -> None:
        """What its server has counted while it was asked; to be told before the asking ends."""
        self._share = first_token_share(counts)

    def stopped(self, shutdown_s: float) -> None:
        """Its engine has ended, and that took so long."""
        self._note(shutdown_s=shutdown_s)

    def _note(self, **parts: float | None) -> None:
        self._parts |= parts
        whole = added(self._earlier, self._parts) or {}
        self._keep({name: _rounded(part) for name, part in whole.items()})


class TimedEngine:
    """An engine whose requests are told to a timeline."""

    def __init__(
        self, engine: Engine, timeline: Timeline, first_sent: Callable[[], None] = lambda: None
    ) -> None:
        """Wrap ``engine``; ``first_sent`` is called once, as the first request is on its way."""
        self._engine = engine
        self.timeline = timeline
        """Told of each request."""
        self._first_sent = first_sent
        self._is_first = True

    async def complete(self, prompt: Prompt, budget: AnswerBudget) -> Completion:
        """As the engine does."""
        with self.timeline.in_flight():
            if self._is_first:
                self._is_first = False
                self._first_sent()
            return await self._engine.complete(prompt, budget)

    async def check(self) -> None:
        """As the engine does."""
        await self._engine.check()

    async def aclose(self) -> None:
        """As the engine does."""
        await self._engine.aclose()


def _rounded(seconds: float | None) -> float | None:
    """To the microsecond: more digits are noise."""
    return None if seconds is None else round(seconds, 6)
