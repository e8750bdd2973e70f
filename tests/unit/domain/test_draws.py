"""A draw depends on nothing but its name, in every process and version."""

from __future__ import annotations

from recallbench.domain.draws import Draws


def numbers(*name: object) -> list[int]:
    seed, identity, purpose = name
    draws = Draws(int(str(seed)), str(identity), str(purpose))
    return [draws.below(1000) for _ in range(5)]


def test_a_name_gives_the_same_numbers_for_ever() -> None:
    assert numbers(7, "8000/0.5/0", "key") == [469, 995, 197, 950, 735]


def test_each_part_of_the_name_matters() -> None:
    drawn = [
        numbers(7, "a", "key"),
        numbers(8, "a", "key"),
        numbers(7, "b", "key"),
        numbers(7, "a", "label"),
    ]

    assert len({tuple(five) for five in drawn}) == 4


def test_all_items_are_picked() -> None:
    draws = Draws(1, "", "")

    assert {draws.pick("abcd") for _ in range(200)} == set("abcd")
