"""The longest lengths, where not one request was answered: a fact about the server, not recall."""

from __future__ import annotations

from itertools import takewhile

from recallbench.diagnosis.case import Case, length_of
from recallbench.diagnosis.commands import run_command
from recallbench.diagnosis.pattern import Diagnosis, Pattern
from recallbench.diagnosis.wording import lengths_told, tokens, trials_told
from recallbench.domain import TrialRecord
from recallbench.stats import CellSummary


def unanswered(case: Case) -> tuple[Diagnosis, ...]:
    """What to tell where all that was asked at the longest lengths was refused or failed."""
    asked = [line for line in case.summary.lengths if line.asked]
    silent = list(takewhile(_is_silent, reversed(asked)))[::-1]
    if not silent:
        return ()
    answered = asked[: len(asked) - len(silent)]
    above = f"above {tokens(length_of(answered[-1]))}" if answered else "at any length"
    refused, failed = (
        sum(getattr(line, outcome) for line in silent) for outcome in ("overflow", "errored")
    )
    return (
        Diagnosis(
            pattern=Pattern.UNANSWERED_LENGTHS,
            what=(
                f"No trial {above} was answered: {trials_told(refused + failed)} at "
                f"{lengths_told([length_of(line) for line in silent])}. None is a miss."
            ),
            why=_why(case, refused, failed),
            next_command=run_command(
                case.facts, case.variant, f"--length={length_of(silent[0])}", "--concurrency=1"
            ),
            evidence=_evidence(case, silent),
        ),
    )


def _is_silent(line: CellSummary) -> bool:
    return not line.recall.n and not line.truncated


def _why(case: Case, refused: int, failed: int) -> str:
    served = case.facts.max_model_len
    context = f", which serves {tokens(served)}" if served else ""
    kinds = (
        (refused, f"{refused:,} refused as too long by the server{context}"),
        (failed, f"{failed:,} failed: out of memory, a timeout, or an engine that died"),
    )
    return "; ".join(kind for number, kind in kinds if number)


def _evidence(case: Case, silent: list[CellSummary]) -> tuple[str, ...]:
    first = length_of(silent[0])
    errors = [error for error in map(_error, case.records) if error and error[0] >= first]
    return tuple(f"{tokens(length)}: {error[:160]}" for length, error in errors[:1])


def _error(record: TrialRecord) -> tuple[int, str] | None:
    return (record.length_tokens, record.error) if record.error else None
