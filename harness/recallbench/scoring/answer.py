"""Scores an answer by the key alone: no judge, no wording, no case of a uuid.

An answer recalls when it holds the key with nothing of the key's own kind touching it: ``12345678``
is not in ``123456789``. Only what follows the thought is scored.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from recallbench.domain import Completion, Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoringRule:
    """What counts as an answer."""

    thinking: bool = False
    """Whether a thought is expected before the answer; one that never ends is no answer."""
    thinking_end: str = "</think>"
    """What closes a thought in the model's own text."""
    thinking_start: str = "<think>"
    """What opens it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """An outcome and the text it was judged on."""

    outcome: Outcome
    """``recalled``, ``missed`` or ``truncated``."""
    answer: str
    """What was scored."""
    thought: str | None
    """What came before it, where there was a thought."""


def score(completion: Completion, key: str, rule: ScoringRule) -> Scored:
    """Judge one completion.

    ``truncated`` is kept for texts that the budget ended before there was an answer to judge: a
    thought without an end, no text at all, or a text that stops inside the key. A model that fills
    its budget with other words has answered, and missed.
    """
    answer, thought, open_thought = _split(completion, rule)
    if holds_key(answer, key):
        return Scored(outcome=Outcome.RECALLED, answer=answer, thought=thought)
    at_budget = completion.finish_reason == "length"
    cut = open_thought or not answer.strip() or _stops_inside(answer, key)
    outcome = Outcome.TRUNCATED if at_budget and cut else Outcome.MISSED
    return Scored(outcome=outcome, answer=answer, thought=thought)


def holds_key(answer: str, key: str) -> bool:
    """Whether ``answer`` holds ``key`` by itself, letter case aside where keys have none."""
    flags = re.IGNORECASE if key in {key.lower(), key.upper()} else 0
    return re.search(rf"(?<![0-9A-Za-z]){re.escape(key)}(?![0-9A-Za-z])", answer, flags) is not None


def _split(completion: Completion, rule: ScoringRule) -> tuple[str, str | None, bool]:
    """Answer, thought, and whether the thought never ended."""
    if completion.reasoning is not None:
        return completion.text, completion.reasoning, not completion.text
    thought, end, answer = completion.text.rpartition(rule.thinking_end)
    if end:
        return answer, thought.removeprefix(rule.thinking_start).strip(), False
    begun = completion.text.lstrip().startswith(rule.thinking_start)
    if rule.thinking or begun:
        return "", completion.text, True
    return completion.text, None, False


def _stops_inside(answer: str, key: str) -> bool:
    """Whether the text ends with a beginning of the key that is not all of it."""
    return any(answer.endswith(key[:length]) for length in range(1, len(key)))
