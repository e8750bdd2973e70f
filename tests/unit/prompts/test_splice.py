"""Known and fresh tokens meet where they are proved to be the same, and nowhere else."""

from __future__ import annotations

from array import array

import pytest

from recallbench.domain import Encoding
from recallbench.prompts.splice import MARGIN, RUN, Meeting, clean_cut, meet_left, meet_right


def letters(text: str, first_id: int = 0) -> Encoding:
    """One token for each character, told apart by position modulo 64."""
    places = range(len(text))
    return Encoding(
        ids=array("I", [first_id + ord(character) for character in text]),
        starts=array("I", places),
        ends=array("I", [place + 1 for place in places]),
    )


ALPHABET = "".join(map(chr, range(0x4E00, 0x4E00 + 300)))
KNOWN = letters(ALPHABET)


def test_fresh_tokens_take_over_from_the_left_as_early_as_a_run_allows() -> None:
    fresh = letters(ALPHABET[100:200] + "something else")

    assert meet_left(KNOWN, fresh, 100, until=100) == Meeting(
        known=100 + MARGIN + RUN, fresh=MARGIN + RUN
    )


def test_known_tokens_take_over_on_the_right_as_late_as_the_margin_allows() -> None:
    fresh = letters("something else" + ALPHABET[100:200])

    assert meet_right(KNOWN, fresh, 100 - 14, since=14) == Meeting(
        known=200 - MARGIN, fresh=114 - MARGIN
    )


def test_tokens_with_other_ids_do_not_meet() -> None:
    fresh = letters(ALPHABET[100:200], first_id=1)

    assert meet_left(KNOWN, fresh, 100, until=100) is None
    assert meet_right(KNOWN, fresh, 100, since=0) is None


def test_the_same_ids_at_other_characters_do_not_meet() -> None:
    fresh = letters(ALPHABET[100:200])

    assert meet_left(KNOWN, fresh, 101, until=100) is None
    assert meet_right(KNOWN, fresh, 99, since=0) is None


def test_the_same_ids_over_other_characters_do_not_meet() -> None:
    """One unknown character and two of them are the same token."""
    count = 2 * (MARGIN + RUN)
    ids, places = array("I", [7] * count), list(range(count))
    single = Encoding(
        ids=ids, starts=array("I", places), ends=array("I", [place + 1 for place in places])
    )
    double = Encoding(
        ids=ids, starts=array("I", places), ends=array("I", [place + 2 for place in places])
    )
    double.ends[-MARGIN - 1] = single.ends[-MARGIN - 1]

    assert meet_left(single, double, 0, until=count + 2) is None
    assert meet_right(single, double, 0, since=0) is None


def test_a_run_that_is_too_short_is_no_meeting() -> None:
    for length in (RUN - 1, RUN):
        text = "-" * MARGIN + ALPHABET[100 : 100 + length] + "-" * MARGIN
        offset = 100 - MARGIN
        behind = Meeting(known=100 + length, fresh=MARGIN + length) if length == RUN else None

        assert meet_left(KNOWN, letters(text), offset, until=len(text)) == behind
        assert meet_right(KNOWN, letters(text), offset, since=0) == behind


def test_an_agreement_outside_of_the_shared_stretch_is_none() -> None:
    fresh = letters(ALPHABET[100:200])

    assert meet_left(KNOWN, fresh, 100, until=MARGIN + RUN - 1) is None
    assert meet_right(KNOWN, fresh, 100, since=100 - MARGIN - RUN) is None


def test_runs_meet_behind_whole_characters_only() -> None:
    """Every character is three bytes, each of them a token."""
    count = 40
    spans = [place // 3 for place in range(3 * count)]
    bytes_ = Encoding(
        ids=array("I", range(3 * count)),
        starts=array("I", spans),
        ends=array("I", [place + 1 for place in spans]),
    )

    left = meet_left(bytes_, bytes_, 0, until=count)
    right = meet_right(bytes_, bytes_, 0, since=0)

    assert left == Meeting(known=21, fresh=21)
    assert right == Meeting(known=111, fresh=111)
    assert left.known % 3 == right.known % 3 == 0


@pytest.mark.parametrize(("position", "cut"), [(0, 0), (1, 1), (2, 1), (3, 1), (4, 4), (5, 5)])
def test_a_cut_inside_a_character_moves_before_it(position: int, cut: int) -> None:
    emoji = Encoding(
        ids=array("I", range(5)),
        starts=array("I", [0, 1, 1, 1, 2]),
        ends=array("I", [1, 2, 2, 2, 3]),
    )

    assert clean_cut(emoji, position) == cut
