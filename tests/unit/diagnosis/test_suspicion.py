"""Suspicions are corrected for one another, ordered by strength, and the specific one is told."""

from __future__ import annotations

from recallbench.diagnosis.pattern import Diagnosis, Pattern
from recallbench.diagnosis.suspicion import FALSE_ALARMS, Suspicion, named


def suspicion(
    pattern: Pattern, p_value: float, strength: float = 0.5, *silences: Pattern
) -> Suspicion:
    return Suspicion(
        p_value=p_value,
        strength=strength,
        diagnosis=Diagnosis(pattern=pattern, what="", why="", next_command=""),
        silences=frozenset(silences),
    )


def patterns(*suspicions: Suspicion) -> list[Pattern]:
    return [diagnosis.pattern for diagnosis in named(suspicions)]


DEEP, SHALLOW = Pattern.MISSES_DEEP, Pattern.MISSES_SHALLOW


def test_nothing_looked_for_is_nothing_named() -> None:
    assert named(()) == ()


def test_each_look_makes_the_others_harder() -> None:
    found = suspicion(DEEP, FALSE_ALARMS / 2)
    nothing = Suspicion(p_value=0.9)

    assert patterns(found) == [DEEP]
    assert patterns(found, nothing) == [DEEP]
    assert patterns(found, nothing, nothing) == []


def test_the_correction_steps_down_and_never_back() -> None:
    """Holm: 3 x 0.002 and 2 x 0.005 pass, 1 x 0.02 does not; were 0.002 higher, none would."""
    first, second = suspicion(DEEP, 0.002, 0.9), suspicion(SHALLOW, 0.005, 0.8)

    assert patterns(first, second, suspicion(Pattern.ANSWERS_CUT, 0.02)) == [DEEP, SHALLOW]
    assert patterns(second, suspicion(DEEP, 0.004), suspicion(Pattern.ANSWERS_CUT, 0.02)) == []


def test_an_effect_too_small_is_not_named_and_still_counts() -> None:
    small = Suspicion(p_value=1e-9)

    assert patterns(small) == []
    assert patterns(small, suspicion(DEEP, FALSE_ALARMS)) == [DEEP]


def test_the_strongest_comes_first_whatever_its_p_value() -> None:
    assert patterns(suspicion(DEEP, 1e-9, 0.3), suspicion(SHALLOW, 1e-5, 0.8)) == [SHALLOW, DEEP]


def test_a_silenced_pattern_is_not_told_while_its_silencer_holds() -> None:
    general = suspicion(DEEP, 1e-9, 0.9)

    assert patterns(general, suspicion(SHALLOW, 1e-9, 0.2, DEEP)) == [SHALLOW]
    assert patterns(general, suspicion(SHALLOW, 0.9, 0.2, DEEP)) == [DEEP]
