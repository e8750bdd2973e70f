"""The gate of a suite file: its form, and the core's own values made of it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator

from recallbench.domain.gate_rules import BaselineRule, EffectiveLengthRule, Floor, GateRules
from recallbench.suite.form import Form, Length, Name

Recall = Annotated[float, Field(gt=0, le=1)]
Share = Annotated[float, Field(gt=0, lt=1)]


def _lengths_as_numbers(value: object) -> object:
    """JSON writes the keys of a mapping as text; ``run.json`` holds suites."""
    if not isinstance(value, dict):
        return value
    numbers = {
        int(key) if isinstance(key, str) and key.isdecimal() else key: held
        for key, held in value.items()
    }
    if len(numbers) < len(value):
        raise ValueError("a length stands here twice")
    return numbers


def _floor_tag(value: object) -> str | None:
    if isinstance(value, dict):
        return "[by length]"
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return "[level]" if is_number else None


FloorForm = Annotated[
    Annotated[Recall, Tag("[level]")]
    | Annotated[
        dict[Length, Recall],
        BeforeValidator(_lengths_as_numbers),
        Field(min_length=1),
        Tag("[by length]"),
    ],
    Discriminator(
        _floor_tag,
        custom_error_type="floor",
        custom_error_message="allowed are a recall such as 0.95, and recalls up to lengths such as "
        "{32000: 0.99, 64000: 0.93}",
    ),
]


class BaselineForm(Form):
    """What a variant's recall is compared with, trial by trial."""

    run: str | None = None
    """Folder of a stored run, a relative one from the suite file's; null is this run."""
    variant: Name | None = None
    """Its variant; null is its only one, or the one of the same name."""
    max_drop: Share = 0.05
    """Difference of recalls that is too much."""


class EffectiveLengthForm(Form):
    """How far a variant has to reach."""

    tokens: Length
    """At every asked length up to this one"""
    recall: Share = 0.85
    """its recall is above this."""


class GateForm(Form):
    """What every variant is held against."""

    floor: FloorForm | None = None
    """Healthy recall: one for all lengths, or by the longest prompt each is for."""
    tolerance: Share = 0.08
    """A recall so far below its floor is broken."""
    baseline: BaselineForm | None = None
    """Another variant, whose recall may not be lost."""
    effective_length: EffectiveLengthForm | None = None
    """Demanded reach."""
    errors: Annotated[int, Field(ge=0)] | None = None
    """Errored and refused trials of a variant at most; null: any leave the run incomplete."""
    until: Literal["asked", "decided"] = "asked"
    """``decided``: trials are drawn until the verdict is settled."""
    max_trials: Annotated[int, Field(ge=1)] = 40
    """Trials in each cell at most, with ``until: decided``."""
    confidence: Annotated[float, Field(ge=0.5, lt=1)] = 0.95
    """One less the chance of a wrong fail, and of a wrong pass, of one variant."""
    inconclusive: Literal["inconclusive", "pass", "fail"] = "inconclusive"
    """What an inconclusive verdict counts as."""

    @model_validator(mode="after")
    def _says_something(self) -> GateForm:
        if self.floor is None and self.baseline is None and self.effective_length is None:
            raise ValueError("no rule about recall: give floor, baseline or effective_length")
        return self

    @model_validator(mode="after")
    def _floors_leave_room(self) -> GateForm:
        lowest = min((floor.recall for floor in self._floors()), default=1.0)
        if lowest <= self.tolerance:
            raise ValueError(
                f"the floor {lowest:g} less the tolerance {self.tolerance:g} is no recall; lower "
                "the tolerance"
            )
        return self

    def rules(self) -> GateRules:
        """The core's own values."""
        baseline, reach = self.baseline, self.effective_length
        return GateRules(
            floors=self._floors(),
            tolerance=self.tolerance,
            baseline=BaselineRule(**baseline.model_dump()) if baseline else None,
            effective_length=EffectiveLengthRule(**reach.model_dump()) if reach else None,
            errors=self.errors,
            until_decided=self.until == "decided",
            max_trials=self.max_trials,
            confidence=self.confidence,
            on_inconclusive=self.inconclusive,
        )

    def _floors(self) -> tuple[Floor, ...]:
        if self.floor is None:
            return ()
        if isinstance(self.floor, dict):
            return tuple(
                Floor(up_to_tokens=length, recall=recall)
                for length, recall in sorted(self.floor.items())
            )
        return (Floor(up_to_tokens=None, recall=self.floor),)
