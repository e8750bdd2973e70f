"""One request before all others: what every prompt begins with, so that it is in the cache.

Else the first requests find it or not as they happen to meet, and the first of all waits for what
an engine compiles at its first request. Its answer counts nowhere.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from recallbench.domain import AnswerBudget, Engine, Prompt, whole_tokens
from recallbench.domain.prompt import OPENING
from recallbench.errors import RequestError
from recallbench.schedule.standing import Standing

_BUDGET = AnswerBudget(answer_tokens=1)


async def warm_up(
    engine: Engine, prompt: Prompt, standing: Standing, say: Callable[[str], None]
) -> None:
    """Ask for one token behind the opening of a prompt.

    Args:
        engine: to be warmed.
        prompt: any of the run.
        standing: told what stands now.
        say: told if it was refused, which harms nothing.

    Raises:
        EngineError: the engine is gone or refuses everything.
    """
    opening = opening_of(prompt)
    if opening is None:
        return
    try:
        await engine.complete(opening, _BUDGET)
    except RequestError as error:
        say(f"warm-up: {error}")
        return
    standing.add(opening)


def opening_of(prompt: Prompt) -> Prompt | None:
    """The part of a prompt that all of its run begin with, as a prompt; None without one."""
    shared = tuple(part for part in prompt.shared if part.name == OPENING)
    if not shared or not prompt.message:
        return None
    return replace(
        prompt,
        tokens=(whole_tokens(prompt.token_ids[: shared[0].tokens]),),
        message=prompt.message[:1],
        shared=shared,
    )
