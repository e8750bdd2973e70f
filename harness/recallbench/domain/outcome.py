"""What became of a trial: a closed set, of which only two members count in recall."""

from __future__ import annotations

from enum import StrEnum


class Outcome(StrEnum):
    """The outcome of one trial."""

    RECALLED = "recalled"
    """The answer holds the key."""
    MISSED = "missed"
    """The model answered, and the key is not in the answer."""
    TRUNCATED = "truncated"
    """The answer budget ended the text before there was an answer to score."""
    OVERFLOW = "overflow"
    """The server refused the length."""
    ERRORED = "errored"
    """The request failed, or the response cannot be trusted."""

    @property
    def is_measured(self) -> bool:
        """Whether the trial counts in recall, as a hit or as a miss."""
        return self is Outcome.RECALLED or self is Outcome.MISSED
