"""Suspicions, and which of them are named: all are tested together, the specific ones first.

Every suspicion that could be tested counts in the correction, whether its pattern shows or not, so
that looking for many patterns does not find one by chance.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from recallbench.diagnosis.pattern import Diagnosis, Pattern

FALSE_ALARMS = 0.01
"""Chance of any false pattern in one variant, by Holm: well below 5%, as trials of one run share
texts and are less independent than the tests hold them to be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspicion:
    """A pattern that was looked for."""

    p_value: float
    """Chance of numbers like these without the pattern; 1 or below, corrected for places tried."""
    strength: float = 0.0
    """Share of recall that the pattern takes, in [0, 1]; what diagnoses are ordered by."""
    diagnosis: Diagnosis | None = None
    """What to tell if it holds; None where the effect is too small or of another shape."""
    silences: frozenset[Pattern] = frozenset()
    """More general patterns that add nothing once this one is named."""


def named(suspicions: Sequence[Suspicion]) -> tuple[Diagnosis, ...]:
    """Diagnoses that hold, strongest first, without those that a more specific one says already."""
    holding = [
        suspicion
        for suspicion, p_value in zip(suspicions, _holm(suspicions), strict=True)
        if suspicion.diagnosis is not None and p_value <= FALSE_ALARMS
    ]
    silenced = frozenset[Pattern]().union(*(suspicion.silences for suspicion in holding))
    ordered = sorted(holding, key=lambda suspicion: -suspicion.strength)
    diagnoses = (suspicion.diagnosis for suspicion in ordered)
    return tuple(told for told in diagnoses if told is not None and told.pattern not in silenced)


def _holm(suspicions: Iterable[Suspicion]) -> list[float]:
    """p-values for all tests together, in the order given.

    Source: S. Holm, Scand. J. Statist. 6 (1979) 65-70.
    """
    p_values = [suspicion.p_value for suspicion in suspicions]
    adjusted = [1.0] * len(p_values)
    highest = 0.0
    for rank, index in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        highest = max(highest, (len(p_values) - rank) * p_values[index])
        adjusted[index] = min(1.0, highest)
    return adjusted
