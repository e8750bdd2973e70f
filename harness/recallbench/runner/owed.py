"""Where a variant's trials come from: all of a fixed plan that are owed."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Protocol

from recallbench.domain import Outcome, Trial, TrialRecord


class TrialSource(Protocol):
    """Hands out trials, and is told what became of them."""

    def __iter__(self) -> Iterator[Trial]:
        """Trials in the order they are to be asked."""
        ...

    def tell(self, record: TrialRecord) -> None:
        """One trial is done."""
        ...

    @property
    def is_over(self) -> bool:
        """Whether nothing is owed any more."""
        ...

    @property
    def done(self) -> int:
        """Trials that are not owed again."""
        ...

    @property
    def told(self) -> str:
        """Where it stands, in a sentence."""
        ...


class Owed:
    """The trials of a fixed plan without a record, and those whose last record is an error."""

    def __init__(
        self, trials: Collection[Trial], records: Collection[TrialRecord], variant: str
    ) -> None:
        """``records`` are of earlier sessions."""
        self._total = len(trials)
        owed = owed_trials(trials, records, variant)
        self._left = {trial.trial_id: trial for trial in owed}

    def __iter__(self) -> Iterator[Trial]:
        """Those that are owed, in their order."""
        return iter(tuple(self._left.values()))

    def tell(self, record: TrialRecord) -> None:
        """Take note; an errored trial stays owed, for another session."""
        if record.outcome is not Outcome.ERRORED:
            self._left.pop(record.trial_id, None)

    @property
    def is_over(self) -> bool:
        """Whether all trials are in the journal."""
        return not self._left

    @property
    def done(self) -> int:
        """Trials in the journal, errored ones left out."""
        return self._total - len(self._left)

    @property
    def told(self) -> str:
        """How many are in the journal."""
        number = "all" if self.is_over else f"{self.done:,} of"
        return f"{number} {self._total} trials are in the journal"


def owed_trials(
    trials: Collection[Trial], records: Collection[TrialRecord], variant: str
) -> tuple[Trial, ...]:
    """Trials without a record, and those whose last record is an error."""
    last = {record.trial_id: record.outcome for record in records if record.variant == variant}
    return tuple(trial for trial in trials if last.get(trial.trial_id) in {None, Outcome.ERRORED})
