"""What is known of one trial after it was asked: the unit of the journal."""

from __future__ import annotations

from dataclasses import dataclass

from recallbench.domain.outcome import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialRecord:
    """One trial of one variant with its outcome; the only source of every number reported."""

    variant: str
    """Name of the variant that was asked."""
    trial_id: str
    """Same for the same trial of every variant."""
    length_tokens: int
    """Asked length of the whole prompt."""
    depth: float
    """Asked needle depth in [0, 1]."""
    repeat: int
    """Number of the trial in its cell, from 0."""
    outcome: Outcome
    """What became of it."""
    key: str
    """The value that was planted."""
    achieved_depth: float | None = None
    """Where the needle starts, as a fraction of the haystack's tokens; None without a prompt."""
    prompt_sha256: str | None = None
    """SHA-256 of the prompt's token ids as little-endian uint32; equal prompts have equal ones."""
    answer: str | None = None
    """The text that was scored, thought removed; None where there was none."""
    thought: str | None = None
    """The model's thought, where it had one."""
    finish_reason: str | None = None
    """As the server gave it: ``stop``, ``length``, ..."""
    prompt_tokens: int | None = None
    """Prompt length as the server counted it."""
    cached_tokens: int | None = None
    """Prompt tokens the server took from its prefix cache; None where it does not say."""
    expected_cached_tokens: int | None = None
    """Prompt tokens that its prefix cache should have held when the request was sent: whole blocks
    of what earlier prompts begin with too. None where the size of a block is not known."""
    distractors: int = 0
    """Other needles in the prompt: more than 0 is multi-key recall."""
    needle_context: tuple[str, str, str] | None = None
    """The end of the text before the needle, the needle, and the beginning of the text behind it,
    for people to look at; None without a prompt, and in runs that did not keep it."""
    completion_tokens: int | None = None
    """Tokens generated, as the server counted them."""
    latency_s: float | None = None
    """From sending the request to the whole response, last attempt only."""
    attempts: int = 0
    """Requests sent for this trial."""
    fingerprint: str | None = None
    """The server's ``system_fingerprint``."""
    error: str | None = None
    """Why the trial is errored or overflowed; None for the others."""
    finished_at: str | None = None
    """UTC time in ISO 8601 when the outcome was known."""
