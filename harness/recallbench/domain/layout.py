"""How needles lie in haystacks, and which trials share one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from recallbench.domain.trial import Trial

Layout = Literal["single", "ladder"]
"""``single``: one needle a prompt. ``ladder``: one long haystack a repeat holds a labelled needle
for every cell, and each prompt is its beginning and one question: multi-key recall."""
Haystacks = Literal["trial", "repeat"] | int
"""What shares a haystack: nothing but a trial itself; all trials of one repeat, at every length and
depth; or the trials of every n-th repeat, n haystacks in all."""

CONCURRENCY: Mapping[Layout, int] = {"single": 8, "ladder": 256}
"""Requests in flight at most where none is given. A single needle's prompt keeps an engine busy for
seconds, and more of them only take KV cache; most of a ladder's take milliseconds."""


def haystack_number(haystacks: Haystacks, repeat: int) -> int | None:
    """Which of the run's haystacks the trials of a repeat share; None where they share none."""
    if haystacks == "trial":
        return None
    return repeat if haystacks == "repeat" else repeat % haystacks


def haystack_name(haystacks: Haystacks, trial: Trial) -> str:
    """What a trial's haystack is called; trials with one name share it."""
    number = haystack_number(haystacks, trial.repeat)
    return trial.identity if number is None else shared_haystack_name(number)


def shared_haystack_name(number: int) -> str:
    """What a haystack is called that trials share."""
    return f"haystack {number}"
