"""Keys are random text of the asked kind; only the two place holders of a recipe are replaced."""

from __future__ import annotations

import string
import uuid

import pytest

from recallbench.domain.draws import Draws
from recallbench.prompts.needle import LABELS, KeyFormat, filled


def keys(form: KeyFormat, count: int = 300) -> list[str]:
    return [form.draw(Draws(1, str(number), "key")) for number in range(count)]


def test_a_key_is_eight_digits_and_never_begins_with_0() -> None:
    drawn = keys(KeyFormat())

    assert {len(key) for key in drawn} == {8}
    assert set("".join(drawn)) == set(string.digits)
    assert {key[0] for key in drawn} == set("123456789")
    assert len(set(drawn)) == 300


@pytest.mark.parametrize("alphabet", ["ab", "0123456789abcdef", "\u0430\u0431\u0432", "01"])
def test_length_and_alphabet_are_settable(alphabet: str) -> None:
    drawn = keys(KeyFormat(length=12, alphabet=alphabet))

    assert {len(key) for key in drawn} == {12}
    assert set("".join(drawn)) == set(alphabet)


def test_a_uuid_is_a_random_one_of_version_4() -> None:
    drawn = [uuid.UUID(key) for key in keys(KeyFormat(kind="uuid"))]

    assert {key.version for key in drawn} == {4}
    assert len(set(drawn)) == 300
    assert [str(key) for key in drawn] == keys(KeyFormat(kind="uuid"))


def test_only_the_two_place_holders_are_replaced() -> None:
    text = filled("{label}: {key} {other} {{key}} %s", key="7{label}", label="Falcon")

    assert text == "Falcon: 7{label} {other} {7{label}} %s"


def test_labels_are_single_words_and_no_two_are_alike() -> None:
    assert len(set(LABELS)) == len(LABELS) >= 50
    assert all(label.isalpha() for label in LABELS)
