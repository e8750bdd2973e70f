"""What a check found: a value that says what, why it hurts recall, and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How bad a finding is; in this order, worst first."""

    ERROR = "error"
    """Recall will be wrong, or the engine will not start."""
    WARNING = "warning"
    """It works here and now, and costs recall or breaks elsewhere."""
    ADVICE = "advice"
    """Nothing is wrong; it could be better."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is wrong with a serving configuration."""

    rule: str
    """Its name in lower case with hyphens, such as ``theta-lost``; stable, for ``--allow``."""
    severity: Severity
    """How bad it is."""
    what: str
    """What was found, with the values."""
    why: str
    """What it does to recall, or to the engine."""
    fix: str
    """What to do."""
    setting: str | None = None
    """The setting at fault by its vLLM name (``hf_overrides``, ``max_model_len``) or variable."""
