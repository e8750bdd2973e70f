"""Keeps a bounded number of trials in flight, and writes each record before the next is taken."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

from recallbench.domain import Trial, TrialRecord
from recallbench.errors import RecallbenchError
from recallbench.runner.asking import Asker
from recallbench.runner.interrupt import Interrupt


async def dispatch(
    asker: Asker,
    trials: Iterable[Trial],
    *,
    concurrency: int,
    interrupt: Interrupt,
    keep: Callable[[TrialRecord], None],
) -> None:
    """Ask all trials, ``concurrency`` at a time, in order, until done or interrupted.

    Args:
        asker: asks one trial.
        trials: what is owed; taken one by one, so that prompts are made when they are due.
        concurrency: requests in flight at most.
        interrupt: no trial is begun once it says so.
        keep: writes a record where it survives.

    Raises:
        EngineError: the engine is gone or refuses everything; trials in flight stay owed.
        RecallbenchError: a record cannot be kept, or a gate's baseline is of other questions.
    """
    queue = iter(trials)

    async def worker() -> None:
        for trial in queue:
            if interrupt.stopping:
                return
            keep(await asker.ask(trial))

    interrupt.can_drain = True
    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(concurrency):
                group.create_task(worker())
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
