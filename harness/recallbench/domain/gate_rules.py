"""What a gate demands of a variant: frozen values, checked where a suite or an option is read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

OnInconclusive = Literal["inconclusive", "pass", "fail"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Floor:
    """The recall that is healthy up to a length, and how far below it is broken."""

    up_to_tokens: int | None
    """Longest prompt it is for; None is every length."""
    recall: float
    """Recall that is healthy, in (0, 1]."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BaselineRule:
    """Recall may be lower than another variant's by less than ``max_drop``, at every length."""

    run: str | None
    """Folder of a stored run; None is the run itself."""
    variant: str | None
    """Its variant; None is the only one, or the one of the same name."""
    max_drop: float
    """Difference of recalls that is too much, in (0, 1)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectiveLengthRule:
    """Recall is above a level at every asked length up to so many tokens."""

    tokens: int
    """Prompt length."""
    recall: float
    """Level, in (0, 1)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GateRules:
    """All that a run is held against; a verdict needs at least one rule about recall."""

    floors: tuple[Floor, ...] = ()
    """Ascending by length; a length takes the first that reaches it, and none beyond the last."""
    tolerance: float = 0.08
    """How far below its floor a recall is broken; between the two either verdict may fall."""
    baseline: BaselineRule | None = None
    """Paired comparison with another variant."""
    effective_length: EffectiveLengthRule | None = None
    """Demanded reach."""
    errors: int | None = None
    """Errored and refused trials of a variant at most; None: any leave it incomplete."""
    until_decided: bool = False
    """Whether trials are drawn until the verdict is settled."""
    max_trials: int = 40
    """Trials in each cell at most, where they are drawn until the verdict is settled."""
    confidence: float = 0.95
    """One less the chance of a wrong fail, and of a wrong pass, of one variant."""
    on_inconclusive: OnInconclusive = "inconclusive"
    """What an inconclusive verdict counts as."""

    def floor_at(self, length_tokens: int) -> float | None:
        """The floor of a length; None where the rules have none."""
        for floor in self.floors:
            if floor.up_to_tokens is None or length_tokens <= floor.up_to_tokens:
                return floor.recall
        return None

    @property
    def says_anything(self) -> bool:
        """Whether there is a rule about recall."""
        return bool(self.floors or self.baseline or self.effective_length)
