"""Recall that is near full up to a length and near none past it, and the limit that stands there.

A break is named by the fact that lies in its gap: the engine's cos/sin rows first, as they are read
from the engine and cannot be passed; then the trained length; otherwise only its place.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from recallbench.diagnosis.answers import answers_told
from recallbench.diagnosis.case import Case, length_of, pooled, value_of
from recallbench.diagnosis.commands import check_command, run_command, scaled_command
from recallbench.diagnosis.exact import Stratum, fewer_hits, lack_of_hits
from recallbench.diagnosis.pattern import Diagnosis, Pattern
from recallbench.diagnosis.suspicion import Suspicion
from recallbench.diagnosis.wording import lengths_told, tokens, told
from recallbench.stats import CellSummary, Proportion

_BELOW, _PAST = 0.8, 0.2
"""Recall of all lengths of a side together; between them it declines and does not break."""
_ONE_BELOW, _ONE_PAST = 0.7, 0.3
"""The same of each length by itself: with 10 trials of 95% or 5%, 1 in 1,000 falls outside."""
_STEP = 0.6
"""How much lower recall is right past a break than right before it, at least."""
_NOT_BORNE = (
    "the scaling that was asked for is proved to run: the model itself does not bear it at this "
    "factor. Serve shorter prompts, a smaller factor, or a model trained longer"
)
_SAID_ALREADY = frozenset(
    {Pattern.DECLINES_WITH_LENGTH, Pattern.LOW_EVERYWHERE, Pattern.REPEATED_ANSWERS}
)


class Break(NamedTuple):
    """A place between two neighbouring measured lengths."""

    below: tuple[CellSummary, ...]
    """Lines of the lengths before it."""
    past: tuple[CellSummary, ...]
    """Lines of the lengths after it."""

    @property
    def sides(self) -> Stratum:
        """Recall past it against recall before it."""
        return Stratum(suspect=pooled(self.past), other=pooled(self.below))

    @property
    def is_sharp(self) -> bool:
        """Whether recall is near full before it and near none after it, at every length."""
        past, below = self.sides
        return (
            value_of(below) >= _BELOW
            and value_of(past) <= _PAST
            and value_of(self.below[-1].recall) - value_of(self.past[0].recall) >= _STEP
            and all(value_of(line.recall) >= _ONE_BELOW for line in self.below)
            and all(value_of(line.recall) <= _ONE_PAST for line in self.past)
        )

    def holds(self, limit: int | None) -> bool:
        """Whether a limit lies in the gap: the last length before it fits, the first after not."""
        return limit is not None and length_of(self.below[-1]) <= limit < length_of(self.past[0])


def suspect_breaks(case: Case) -> tuple[Suspicion, ...]:
    """The sharpest break, corrected for all places where there could be one; () with one length."""
    lines = case.lengths
    places = [Break(lines[:index], lines[index:]) for index in range(1, len(lines))]
    if not places:
        return ()
    found = max(places, key=lambda place: lack_of_hits([place.sides]))
    p_value = min(1.0, len(places) * fewer_hits([found.sides]))
    if not found.is_sharp:
        return (Suspicion(p_value=p_value),)
    past, below = found.sides
    diagnosis = _diagnosis(case, found)
    explains_zeros = diagnosis.pattern is Pattern.PAST_POSITION_TABLE
    silences = _SAID_ALREADY | ({Pattern.TOKEN_ZERO_ANSWERS} if explains_zeros else frozenset())
    strength = value_of(below) - value_of(past)
    return (Suspicion(p_value=p_value, strength=strength, diagnosis=diagnosis, silences=silences),)


def _diagnosis(case: Case, found: Break) -> Diagnosis:
    if found.holds(case.facts.cos_sin_rows):
        return _past_table(case, found)
    if found.holds(case.facts.native_length_tokens):
        return _past_native(case, found)
    last, first = length_of(found.below[-1]), length_of(found.past[0])
    return Diagnosis(
        pattern=Pattern.BREAKS_AT_A_LENGTH,
        what=_seen(found),
        why=(
            f"something ends between {last:,} and {tokens(first)}: the trained length, the rows of "
            "the cos/sin table, an attention window, or the size of a prefill chunk. A length "
            "between the two narrows it down."
        ),
        next_command=run_command(case.facts, case.variant, f"--length={last},{_middle(found)}"),
        evidence=_evidence(case, found),
    )


def _past_table(case: Case, found: Break) -> Diagnosis:
    rows, native = case.facts.cos_sin_rows, case.facts.native_length_tokens
    assert rows is not None, "the break was found at the rows"  # noqa: S101 - an invariant
    unscaled = case.facts.rope_is_scaled and native is not None and rows <= native
    cause = (
        f"the table has no more rows than the trained length of {tokens(native or rows)}, so the "
        "scaling that was asked for is not in effect"
        if unscaled
        else f"the table has {rows:,} rows and longer prompts read past its end: nothing checks it"
    )
    return Diagnosis(
        pattern=Pattern.PAST_POSITION_TABLE,
        what=f"{_seen(found)} The engine's cos/sin table has {rows:,} rows.",
        why=(
            f"{cause}. Past it vLLM answers with NaN (the first token of the vocabulary again and "
            "again), with plausible text from neighbouring memory, or dies."
        ),
        next_command=check_command(case.facts),
        evidence=_evidence(case, found),
    )


def _past_native(case: Case, found: Break) -> Diagnosis:
    native = case.facts.native_length_tokens
    assert native is not None, "the break was found at the trained length"  # noqa: S101
    why, command = _native_cause(case, found, native)
    return Diagnosis(
        pattern=Pattern.BREAKS_AT_NATIVE_LENGTH,
        what=f"{_seen(found)} The model was trained on {tokens(native)}.",
        why=why,
        next_command=command,
        evidence=_evidence(case, found),
    )


def _native_cause(case: Case, found: Break, native: int) -> tuple[str, str]:
    facts, factor = case.facts, -(-length_of(found.past[-1]) // native)
    if not facts.rope_is_scaled:
        return (
            "no RoPE scaling was asked for, and the model was not trained on longer prompts",
            scaled_command(facts, case.variant, factor),
        )
    if facts.rope_proof == "proved":
        return (
            _NOT_BORNE,
            run_command(facts, case.variant, f"--length={native},{_middle(found)}"),
        )
    seen = (
        "the engine was seen to run another RoPE than was asked for"
        if facts.rope_proof == "mismatch"
        else "that the engine runs it is not proved"
    )
    return f"the scaling that was asked for is not in effect: {seen}", check_command(facts)


def _seen(found: Break) -> str:
    past, below = found.sides
    return (
        f"Recall is {told(below)} at {_lengths(found.below)} and {told(past)} at "
        f"{_lengths(found.past)}."
    )


def _evidence(case: Case, found: Break) -> tuple[str, ...]:
    first = length_of(found.past[0])
    nearest = (_line_told(found.below[-1]), _line_told(found.past[0]))
    misses = [miss for miss in case.misses if miss.length_tokens >= first]
    return (*nearest, *answers_told(misses))


def _line_told(line: CellSummary) -> str:
    recall: Proportion = line.recall
    return f"{tokens(length_of(line))}: {told(recall)}"


def _lengths(lines: Sequence[CellSummary]) -> str:
    return lengths_told([length_of(line) for line in lines])


def _middle(found: Break) -> int:
    return (length_of(found.below[-1]) + length_of(found.past[0])) // 2
