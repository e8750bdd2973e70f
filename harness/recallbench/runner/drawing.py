"""The trials of one variant, drawn until its verdict is settled."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace

from recallbench.domain import Outcome, Trial, TrialRecord
from recallbench.domain.gate_rules import GateRules
from recallbench.gate.judging import Case, judge
from recallbench.gate.length_records import by_length
from recallbench.gate.next_round import Asked, Limits, next_length
from recallbench.gate.verdict import VariantVerdict, Verdict
from recallbench.stats import latest


@dataclass(kw_only=True)
class Drawing:
    """Hands out trials one by one; told of each record, it stops when nothing more is to be known.

    Trials in flight when the verdict falls are answered and kept; they no longer change it.
    """

    rules: GateRules
    """What the variant is held against."""
    case: Case
    """The variant, with the records of earlier sessions."""
    trials: Collection[Trial]
    """Everything that may be asked."""
    first_rounds: int
    """Trials in each cell that are asked while nothing has failed."""
    deepest_first: bool = False
    """Whether the deepest needle of a round comes first, as its haystack serves the others."""
    verdict: VariantVerdict = field(init=False)
    """Of what has been answered so far."""
    _records: list[TrialRecord] = field(init=False)
    _rounds: dict[tuple[int, int], list[Trial]] = field(init=False)
    _begun: dict[int, int] = field(init=False)
    _read: dict[int, int] = field(init=False)
    _owed: list[Trial] = field(init=False)
    _queue: list[Trial] = field(init=False)
    _limits: Limits = field(init=False)

    def __post_init__(self) -> None:
        """Begin where earlier sessions ended: what is missing in begun rounds comes first."""
        self._records = list(self.case.records)
        self._rounds = _rounds(self.trials)
        self.verdict = judge(self.rules, self.case)
        self._limits = Limits(
            first=self.first_rounds,
            most=1 + max((number for _, number in self._rounds), default=-1),
            paired=_paired_rounds(self.case),
        )
        last = {record.trial_id: record.outcome for record in self._records}
        self._begun = dict.fromkeys(self.case.lengths, 0)
        self._read = self._whole()
        self._owed, self._queue = [], []
        for (length, number), trials in self._rounds.items():
            if any(trial.trial_id in last for trial in trials):
                self._begun[length] = max(self._begun[length], number + 1)
        owed = {Outcome.ERRORED} if self._is_settled else {None, Outcome.ERRORED}
        for (length, number), trials in self._rounds.items():
            if number < self._begun[length]:
                self._owed += [trial for trial in trials if last.get(trial.trial_id) in owed]

    def __iter__(self) -> Iterator[Trial]:
        """Itself."""
        return self

    def __next__(self) -> Trial:
        """The next trial.

        Raises:
            StopIteration: the verdict is settled, or every trial is asked.
        """
        if self._owed:
            return self._owed.pop(0)
        if self._is_settled and self._queue and self._queue[0].repeat >= self.first_rounds:
            self._queue = []  # the rest of a round is not worth asking any more
        if not self._queue or self.verdict.verdict is Verdict.FAIL:
            length = self._next()
            if length is None:
                raise StopIteration
            self._queue = list(self._rounds[length, self._begun[length]])
            if self.deepest_first:
                self._queue.sort(key=lambda trial: -trial.depth)
            self._begun[length] += 1
        return self._queue.pop(0)

    def _next(self) -> int | None:
        asked = {
            length: Asked(begun=begun, whole=self._read[length])
            for length, begun in self._begun.items()
        }
        return next_length(self.verdict, asked, self._limits)

    @property
    def _is_settled(self) -> bool:
        return self.verdict.verdict is not Verdict.INCONCLUSIVE and self._next() is None

    def _whole(self) -> dict[int, int]:
        """By length, rounds that are answered in full, from the first on."""
        held = by_length(self._records, self.case.lengths, self.case.depths)
        return {length: records.whole() for length, records in held.items()}

    def tell(self, record: TrialRecord) -> None:
        """One trial is done; the verdict is made anew where it is of a whole round, or an error."""
        self._records.append(record)
        self._read = self._whole()
        is_read = record.repeat < self._read[record.length_tokens]
        if is_read or record.outcome is Outcome.ERRORED:
            case = replace(self.case, records=latest(self._records))
            self.verdict = judge(self.rules, case)

    @property
    def is_over(self) -> bool:
        """Whether nothing is owed any more."""
        return not self._owed and self._next() is None

    @property
    def done(self) -> int:
        """Trials in the journal, errored ones left out."""
        return sum(each.outcome is not Outcome.ERRORED for each in latest(self._records))

    @property
    def told(self) -> str:
        """Where it stands, in a sentence."""
        verdict = self.verdict.verdict
        word = "undecided" if verdict is Verdict.INCONCLUSIVE else str(verdict)
        return f"{word} after {self.done:,} of at most {len(self.trials):,} trials"


def _rounds(trials: Collection[Trial]) -> dict[tuple[int, int], list[Trial]]:
    rounds: dict[tuple[int, int], list[Trial]] = {}
    for trial in trials:
        rounds.setdefault((trial.length_tokens, trial.repeat), []).append(trial)
    return rounds


def _paired_rounds(case: Case) -> Mapping[int, int] | None:
    if case.baseline is None:
        return None
    held = by_length(case.baseline, case.lengths, case.depths)
    return {length: records.whole() for length, records in held.items()}
