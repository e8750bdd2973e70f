"""Recall that falls with length without a break, and recall that is low at the shortest already."""

from __future__ import annotations

from collections.abc import Sequence

from recallbench.diagnosis.case import Case, first_with, length_of, pooled, value_of
from recallbench.diagnosis.commands import run_command
from recallbench.diagnosis.exact import rises
from recallbench.diagnosis.pattern import Diagnosis, Pattern
from recallbench.diagnosis.suspicion import Suspicion
from recallbench.diagnosis.wording import lengths_told, tokens, told
from recallbench.domain import Outcome
from recallbench.stats import CellSummary

STILL_RECALLED = 0.7
"""A length is safe while the lower end of its interval is above this: 10 of 10 are (72%)."""
_ENOUGH = 20
"""Trials that each end of the lengths takes to be compared; fewer lengths are pooled."""
_LEAST_FALL = 0.15
_FEWEST = 5


def suspect_decline(case: Case) -> tuple[Suspicion, ...]:
    """Whether misses lie at greater lengths than hits; () where there is too little of either."""
    missed, recalled = (
        [record.length_tokens for record in case.measured if record.outcome is outcome]
        for outcome in (Outcome.MISSED, Outcome.RECALLED)
    )
    if min(len(missed), len(recalled)) < _FEWEST or len(case.lengths) == 1:
        return ()
    p_value = rises(recalled, missed)
    short = first_with(case.lengths, _ENOUGH)
    long = first_with(case.lengths[::-1], _ENOUGH)[::-1]
    fall = value_of(pooled(short)) - value_of(pooled(long))
    if fall < _LEAST_FALL:
        return (Suspicion(p_value=p_value),)
    diagnosis = _diagnosis(case, short, long)
    return (Suspicion(p_value=p_value, strength=fall, diagnosis=diagnosis),)


def longest_safe(lines: Sequence[CellSummary]) -> int | None:
    """The longest length up to which every lower end stays above the share; None without one."""
    safe = None
    for line in lines:
        interval = line.recall.interval()
        if interval is None or interval.low <= STILL_RECALLED:
            break
        safe = length_of(line)
    return safe


def _diagnosis(case: Case, short: Sequence[CellSummary], long: Sequence[CellSummary]) -> Diagnosis:
    safe = longest_safe(case.lengths)
    until = "no length" if safe is None else f"{tokens(safe)} as the longest length"
    where = (lengths_told([length_of(line) for line in lines]) for lines in (short, long))
    at_short, at_long = where
    return Diagnosis(
        pattern=Pattern.DECLINES_WITH_LENGTH,
        what=(
            f"Recall falls from {told(pooled(short))} at {at_short} to {told(pooled(long))} at "
            f"{at_long}, without a break. The lower end of the interval stays above "
            f"{STILL_RECALLED:.0%} up to {until}."
        ),
        why=_why(case, length_of(long[-1])),
        next_command=_next(case, safe),
        evidence=tuple(f"{tokens(length_of(line))}: {told(line.recall)}" for line in case.lengths),
    )


def _why(case: Case, longest: int) -> str:
    facts = case.facts
    if facts.rope_is_scaled:
        kind = "YaRN" if facts.rope_type == "yarn" else f"{facts.rope_type or 'RoPE'} scaling"
        wrong = f"{facts.wrong_original}; or " if facts.wrong_original else ""
        return (
            f"{wrong}what {kind} does to a model that was not trained with it, the more the higher "
            "its factor: take the smallest factor that the prompts need"
        )
    if facts.kv_cache_dtype or facts.quantization:
        return (
            f"{facts.kv_cache_dtype or facts.quantization} loses precision that long contexts need"
        )
    near = facts.native_length_tokens is None or longest <= facts.native_length_tokens
    return (
        "the model itself: many hold less than the length they were trained on"
        if near
        else f"prompts pass the trained length of {facts.native_length_tokens:,} tokens unscaled"
    )


def _next(case: Case, safe: int | None) -> str:
    past = next((length_of(line) for line in case.lengths if length_of(line) > (safe or 0)), None)
    lengths = [length for length in (safe, past) if length is not None]
    if len(lengths) > 1:
        lengths.insert(1, sum(lengths) // 2)
    asked = ",".join(map(str, lengths))
    return run_command(case.facts, case.variant, f"--length={asked}")
