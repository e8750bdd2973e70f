"""The commands that ask again what speaks against a variant.

Guarantees that a command is one line for a POSIX shell with every name quoted, that it names a
trial once, and that what it leaves out is counted. Knows nothing about whether a folder or an
engine is still there.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from recallbench.gate.verdict import Judgement, VariantVerdict, Verdict
from recallbench.reports.notation import counted

LIMIT = 5
"""Trials that a command names for each failing judgement."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """One command, and how much of what speaks against the variant it asks again."""

    command: str
    """To be pasted."""
    asked: int
    """Trials that it asks."""
    left_out: int
    """Trials against the variant that it does not name."""

    @property
    def said(self) -> str:
        """What it asks, in a sentence without a full stop."""
        if not self.left_out:
            return f"asks {counted(self.asked, 'trial')} again, all that speak against it"
        both = self.asked + self.left_out
        return f"asks {self.asked:,} of the {both:,} trials again that speak against it"


def replay(
    variant: str, judgements: Iterable[Judgement], run: str, limit: int = LIMIT
) -> Replay | None:
    """One command for all failing judgements, as an engine takes minutes to start.

    Trials of the shortest lengths come first: a miss there is the least expected, and the cheapest
    to ask again. Of one length, those come first that the baseline recalled.

    Args:
        variant: name of the variant that failed.
        judgements: of the variant; only those that fail count.
        run: folder of its run.
        limit: trials to name for each judgement, 1 or more.

    Raises:
        ValueError: ``limit`` is below 1.
    """
    if limit < 1:
        raise ValueError(f"limit must be 1 or more, got {limit}")
    failing = sorted((j for j in judgements if j.verdict is Verdict.FAIL), key=_order)
    against = dict.fromkeys(name for each in failing for name in each.against)
    named = dict.fromkeys(name for each in failing for name in each.against[:limit])
    if not named:
        return None
    command = replay_command(tuple(named), run, variant)
    return Replay(command=command, asked=len(named), left_out=len(against) - len(named))


def replay_command(names: Sequence[str], run: str, variant: str) -> str:
    """The command that asks trials again, to be pasted into a shell.

    Args:
        names: names of the trials.
        run: path of the run folder.
        variant: name of the variant in that run.
    """
    trials = [part for name in names for part in ("--trial", name)]
    return shlex.join(["recallbench", "run", run, "--variant", variant, *trials])


def replay_commands(verdict: VariantVerdict, run: str, limit: int = LIMIT) -> tuple[str, ...]:
    """What to paste to ask a failed variant's telling trials again; () where there are none.

    Args:
        verdict: of the variant.
        run: folder of its run.
        limit: trials to name for each failing judgement, 1 or more.

    Raises:
        ValueError: ``limit`` is below 1.
    """
    found = replay(verdict.variant, verdict.judgements, run, limit)
    return (found.command,) if found else ()


def _order(judgement: Judgement) -> tuple[int, bool]:
    return judgement.length_tokens or 0, judgement.rule != "baseline"
