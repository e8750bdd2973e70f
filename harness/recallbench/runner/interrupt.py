"""Ctrl-C and SIGTERM: the first Ctrl-C lets requests in flight end, all else ends them at once.

What is in the journal stays, what was in flight is owed again; the engine is stopped either way.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Interrupt:
    """Whether a run was asked to stop, and how quickly."""

    def __init__(self, say: Callable[[str], None]) -> None:
        """``say`` tells the user what a signal has done."""
        self._say = say
        self._task: asyncio.Task[object] | None = None
        self.stopping = False
        """Whether no new request may be sent."""
        self.can_drain = False
        """Whether requests are in flight that are worth waiting for."""

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Handle both signals for the current task while the block runs."""
        loop = asyncio.get_running_loop()
        self._task = asyncio.current_task()
        loop.add_signal_handler(signal.SIGINT, self._on_interrupt)
        loop.add_signal_handler(signal.SIGTERM, self._on_terminate)
        try:
            yield
        finally:
            loop.remove_signal_handler(signal.SIGINT)
            loop.remove_signal_handler(signal.SIGTERM)

    def _on_interrupt(self) -> None:
        if self.can_drain and not self.stopping:
            self.stopping = True
            self._say("interrupted: waiting for the requests in flight; Ctrl-C again drops them")
        else:
            self._stop_now("interrupted: stopping the engine")

    def _on_terminate(self) -> None:
        self._stop_now("terminated: stopping the engine")

    def _stop_now(self, text: str) -> None:
        first = not self.stopping or self.can_drain
        self.stopping, self.can_drain = True, False
        if first and self._task:
            self._say(text)
            self._task.cancel()
