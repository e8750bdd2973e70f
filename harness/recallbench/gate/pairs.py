"""Trials of two variants put side by side by their identity, and why that may be impossible.

Guarantees that what is compared was the same question, token for token: same name of the trial,
same hash of the prompt. Knows no statistics.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from recallbench.domain import Outcome, TrialRecord
from recallbench.errors import ComparisonError
from recallbench.stats.paired import PairedCounts

NAME_COVERS = (
    "a trial's name covers length, depth, repeat, seed, prompt and answer budget, and the way that "
    "recallbench builds prompts"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One trial as asked of both."""

    a: TrialRecord
    """Of the first, the baseline."""
    b: TrialRecord
    """Of the second, the candidate."""

    @property
    def is_answered(self) -> bool:
        """Whether both have a recall."""
        return self.a.outcome.is_measured and self.b.outcome.is_measured

    @property
    def is_lost(self) -> bool:
        """Recalled by the first and missed by the second."""
        return self.is_answered and self._recalled == (True, False)

    @property
    def is_gained(self) -> bool:
        """Missed by the first and recalled by the second."""
        return self.is_answered and self._recalled == (False, True)

    @property
    def _recalled(self) -> tuple[bool, bool]:
        return self.a.outcome is Outcome.RECALLED, self.b.outcome is Outcome.RECALLED


def paired(
    a: Iterable[TrialRecord], b: Iterable[TrialRecord], names: tuple[str, str]
) -> tuple[Pair, ...]:
    """The trials that both were asked, in the order of the second.

    Args:
        a: latest records of one variant.
        b: latest records of the other.
        names: what to call them in an error.

    Raises:
        ComparisonError: no trial is the same, or one of the same name had another prompt.
    """
    ours = {record.trial_id: record for record in a}
    theirs = list(b)
    pairs = tuple(
        Pair(a=ours[record.trial_id], b=record) for record in theirs if record.trial_id in ours
    )
    if not pairs:
        raise ComparisonError(
            f"{names[0]} ({len(ours):,} trials) and {names[1]} ({len(theirs):,} trials) share no "
            f"trial: {NAME_COVERS}; ask both with the same suite and seed"
        )
    for pair in pairs:
        check_prompts(pair.a.trial_id, (pair.a.prompt_sha256, pair.b.prompt_sha256), names)
    return pairs


def counts(pairs: Iterable[Pair]) -> PairedCounts:
    """The answered pairs as a table of two by two."""
    held = [pair for pair in pairs if pair.is_answered]
    n_lost, n_gained = sum(p.is_lost for p in held), sum(p.is_gained for p in held)
    recalled = sum(pair.a.outcome is Outcome.RECALLED for pair in held)
    return PairedCounts(
        both=recalled - n_lost,
        lost=n_lost,
        gained=n_gained,
        neither=len(held) - recalled - n_gained,
    )


def check_prompts(
    trial_id: str, hashes: tuple[str | None, str | None], names: tuple[str, str]
) -> None:
    """Hold the prompts of one trial against each other; None is of a trial without a prompt.

    Raises:
        ComparisonError: they are other tokens.
    """
    if None in hashes or hashes[0] == hashes[1]:
        return
    raise ComparisonError(
        f"trial {trial_id}: {names[0]} was asked the prompt {str(hashes[0])[:12]}... and "
        f"{names[1]} {str(hashes[1])[:12]}...: other tokens, so another question. The tokenizer, "
        "chat template or haystack differs, or a chat endpoint adds tokens; compare runs of the "
        "same tokenizer and text"
    )
