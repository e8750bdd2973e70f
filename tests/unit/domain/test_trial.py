"""A trial's draws are named after its coordinates."""

from __future__ import annotations

from recallbench.domain import Trial


def identity(length: int = 8000, depth: float = 0.25, repeat: int = 0, name: str = "a") -> str:
    return Trial(trial_id=name, length_tokens=length, depth=depth, repeat=repeat).identity


def test_the_identity_holds_the_coordinates_and_not_the_name() -> None:
    assert identity() == "8000/0.25/0"
    assert identity(name="b") == identity()


def test_each_coordinate_has_an_identity_of_its_own() -> None:
    places = [identity(), identity(8001), identity(depth=0.2500001), identity(repeat=1)]

    assert len(set(places)) == 4
