"""What is told when recall falls: a pattern by name, its numbers, its likely cause, what to do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Pattern(StrEnum):
    """How misses lie; the names are stable, for scripts."""

    PAST_POSITION_TABLE = "past-position-table"
    """Near full up to the last row of the engine's cos/sin table, near none past it."""
    BREAKS_AT_NATIVE_LENGTH = "breaks-at-native-length"
    """Near full up to the trained length, near none past it."""
    BREAKS_AT_A_LENGTH = "breaks-at-a-length"
    """Near full up to some length, near none past it, and no known limit stands there."""
    DECLINES_WITH_LENGTH = "declines-with-length"
    """Falls with length, without a break."""
    LOW_EVERYWHERE = "low-everywhere"
    """Low at every length, the shortest included."""
    MISSES_SHALLOW = "misses-shallow"
    """Misses stand at the first depths only."""
    MISSES_DEEP = "misses-deep"
    """Misses stand at the last depths only."""
    MISSES_MIDDLE = "misses-middle"
    """Misses stand in the middle only."""
    MISSES_UNDER_CONCURRENCY = "misses-under-concurrency"
    """Misses stand where other requests were in flight, and not where a request was alone."""
    MISSES_WITH_WARM_CACHE = "misses-with-warm-cache"
    """Misses stand where tokens came from the prefix cache, and not where none did."""
    ANSWERS_CUT = "answers-cut"
    """Answers end at their budget before they could hold the key."""
    TOKEN_ZERO_ANSWERS = "token-zero-answers"  # noqa: S105 - a token of text
    """Missed answers are the first token of the vocabulary again and again, such as ``!!!!``."""
    REPEATED_ANSWERS = "repeated-answers"
    """Missed answers are one piece of text again and again."""
    UNANSWERED_LENGTHS = "unanswered-lengths"
    """No request at the longest lengths was answered: nothing about recall."""
    TOO_FEW_TRIALS = "too-few-trials"
    """Recall looks low, and there are too few trials to say how it falls."""
    NO_PATTERN = "no-pattern"
    """Recall is low, and no pattern fits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """One pattern that the numbers of a variant bear out."""

    pattern: Pattern
    """Its name."""
    what: str
    """What was seen, with hits, trials and 95% Wilson intervals."""
    why: str
    """The likely cause."""
    next_command: str
    """What to run next: one line for a POSIX shell."""
    evidence: tuple[str, ...] = ()
    """Further numbers, a short line each."""
