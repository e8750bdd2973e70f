"""Colours say recall by lightness alone, and text on them can be read."""

from __future__ import annotations

from itertools import pairwise

import pytest

from recallbench.reports.palette import (
    FAINT,
    GAIN_SCALE,
    INK,
    LOSS_SCALE,
    NO_DATA,
    SCALE,
    WARNING,
    contrast,
    difference_colour,
    luminance,
    recall_colour,
    text_colour,
)

SHARES = [number / 200 for number in range(201)]


def test_more_recall_is_lighter() -> None:
    lightness = [luminance(recall_colour(share)) for share in SHARES]

    assert all(less < more for less, more in pairwise(lightness))


def test_the_ends_and_the_anchors_are_met() -> None:
    assert [recall_colour(number / 8) for number in range(9)] == list(SCALE)


def test_between_two_anchors_the_colour_is_mixed() -> None:
    assert recall_colour(1 / 16) == "#221e45"


def test_text_on_any_recall_has_contrast_for_small_type() -> None:
    assert min(contrast(text_colour(ground), ground) for ground in map(recall_colour, SHARES)) > 4.5


@pytest.mark.parametrize(
    ("text", "ground"),
    [(INK, "#ffffff"), (FAINT, "#ffffff"), (FAINT, NO_DATA), (WARNING, "#ffffff")],
)
def test_other_text_has_contrast_for_small_type(text: str, ground: str) -> None:
    assert contrast(text, ground) > 4.5


def test_contrast_is_as_wcag_defines_it() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)


def test_no_data_is_grey_and_no_recall_is() -> None:
    def is_grey(colour: str) -> bool:
        return len(set(bytes.fromhex(colour[1:]))) == 1

    assert is_grey(NO_DATA)
    assert not any(is_grey(recall_colour(share)) for share in SHARES)


@pytest.mark.parametrize("sign", [-1, 1])
def test_a_larger_difference_is_darker(sign: int) -> None:
    lightness = [luminance(difference_colour(sign * share, 1.0)) for share in SHARES]

    assert all(less > more for less, more in pairwise(lightness))


def test_a_loss_is_as_dark_as_a_gain_and_of_another_hue() -> None:
    for share in SHARES[1:]:
        loss, gain = difference_colour(-share, 1.0), difference_colour(share, 1.0)
        assert contrast(loss, gain) < 1.35
        assert loss > gain, "more red than blue"


def test_no_difference_is_near_white_and_one_beyond_the_limit_is_the_end() -> None:
    assert difference_colour(0.0, 0.1) == LOSS_SCALE[0] == GAIN_SCALE[0]
    assert contrast(LOSS_SCALE[0], "#ffffff") < 1.1
    assert difference_colour(-0.3, 0.1) == difference_colour(-0.1, 0.1) == LOSS_SCALE[-1]
    assert difference_colour(0.3, 0.1) == GAIN_SCALE[-1]


def test_text_on_any_difference_has_contrast_for_small_type() -> None:
    grounds = [difference_colour(sign * share, 1.0) for sign in (-1, 1) for share in SHARES]

    assert min(contrast(text_colour(ground), ground) for ground in grounds) > 4.5
