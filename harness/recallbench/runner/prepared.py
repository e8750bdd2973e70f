"""Prompts built ahead of their turn, so that none is waited for when it may be sent."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from recallbench.domain import Prompt, Trial
from recallbench.errors import PromptError
from recallbench.runner.line import Line

_MOST = 16
"""Prompts kept; each refers to its haystack's tokens and takes next to no room."""

Build = Callable[[Trial], Prompt]
"""Makes the prompt of a trial."""


class Prepared:
    """Builds prompts while requests are in flight."""

    def __init__(self, build: Build) -> None:
        """Nothing is built yet."""
        self._build = build
        self._ready: dict[str, Prompt | PromptError] = {}

    def take(self, trial: Trial) -> Prompt:
        """The trial's prompt, built now where it is not there yet.

        Raises:
            PromptError: it cannot be built.
        """
        made = self._ready.pop(trial.trial_id, None) or self._made(trial)
        if isinstance(made, PromptError):
            raise made
        return made

    async def keep_up(self, line: Line) -> None:
        """Build what is handed out soon, one prompt at a time, for ever; requests come first."""
        while True:
            await line.moved()
            await self._look_ahead(line)

    async def _look_ahead(self, line: Line) -> None:
        # Each time anew: what was upcoming a moment ago may have been taken, and is never again.
        while len(self._ready) < _MOST:
            missing = [one for one in line.upcoming(_MOST) if one.trial_id not in self._ready]
            if not missing:
                return
            self._ready[missing[0].trial_id] = self._made(missing[0])
            await asyncio.sleep(0)

    def _made(self, trial: Trial) -> Prompt | PromptError:
        try:
            return self._build(trial)
        except PromptError as error:
            return error
