"""Keeps a bounded number of trials in flight, and writes each record before the next is taken."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

from recallbench.domain import TrialRecord
from recallbench.errors import RecallbenchError
from recallbench.runner.asking import Asker
from recallbench.runner.interrupt import Interrupt
from recallbench.runner.line import Line
from recallbench.runner.prepared import Prepared


async def dispatch(
    asker: Asker,
    line: Line,
    *,
    concurrency: int,
    interrupt: Interrupt,
    keep: Callable[[TrialRecord], None],
) -> None:
    """Ask all trials, ``concurrency`` at a time, as they may go, until done or interrupted.

    Args:
        asker: asks one trial.
        line: hands out what is owed.
        concurrency: requests in flight at most.
        interrupt: no trial is begun once it says so.
        keep: writes a record where it survives.

    Raises:
        EngineError: the engine is gone or refuses everything; trials in flight stay owed.
        RecallbenchError: a record cannot be kept, or a gate's baseline is of other questions.
    """
    prepared = Prepared(asker.build)
    asker = replace(asker, build=prepared.take)

    async def worker() -> None:
        while (trial := await line.take()) is not None:
            record = None
            try:
                if interrupt.stopping:
                    return
                record = await asker.ask(trial)
                keep(record)
            finally:
                line.done(trial, stands=record is not None and record.latency_s is not None)

    interrupt.can_drain = True
    try:
        async with asyncio.TaskGroup() as group:
            ahead = group.create_task(prepared.keep_up(line))
            await asyncio.wait([group.create_task(worker()) for _ in range(concurrency)])
            ahead.cancel()
    except* RecallbenchError as errors:
        raise _first(errors) from errors
    finally:
        interrupt.can_drain = False


def _first(errors: BaseExceptionGroup[RecallbenchError]) -> RecallbenchError:
    error: BaseException = errors
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    assert isinstance(error, RecallbenchError), "the group holds nothing else"  # noqa: S101 - an invariant
    return error
