"""Lines are told apart with any colour vision and in grey, and so are their colours."""

from __future__ import annotations

import re
from collections.abc import Sequence
from importlib.resources import files
from itertools import combinations
from math import dist
from xml.etree import ElementTree as ET

import pytest

from recallbench.reports.page.series_style import COLOURS, marker_outline, series_style
from recallbench.reports.palette import contrast

STYLE = (files("recallbench.reports.page") / "assets" / "chart.css").read_text(encoding="utf-8")
GROUNDS = {"light": "#ffffff", "dark": "#16181d"}
# Source: G. M. Machado et al., IEEE Trans. Vis. Comput. Graph. 15 (2009) 1291-1298, severity 1.
VISIONS = {
    "full": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protan": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deutan": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritan": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}
TO_CONES = (
    (0.4122214708, 0.5363325363, 0.0514459929),
    (0.2119034982, 0.6806995451, 0.1073969566),
    (0.0883024619, 0.2817188376, 0.6299787005),
)
TO_OKLAB = (
    (0.2104542553, 0.7936177850, -0.0040720468),
    (1.9779984951, -2.4285922050, 0.4505937099),
    (0.0259040371, 0.7827717662, -0.8086757660),
)


def palettes() -> dict[str, list[list[str]]]:
    """The colours of each block of the stylesheet that defines them."""
    blocks = re.findall(r"(:root[^{]*)\{([^}]*)\}", STYLE)
    found: dict[str, list[list[str]]] = {"light": [], "dark": []}
    for selector, rules in blocks:
        theme = "light" if selector.strip() == ":root" else "dark"
        found[theme].append(re.findall(r"--series-\d: (#\w{6});", rules))
    return found


def seen(colour: str, vision: str) -> tuple[float, ...]:
    """The colour as OKLAB has it, seen with that vision."""
    channels = [channel / 255 for channel in bytes.fromhex(colour[1:])]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    left = [min(1.0, max(0.0, each)) for each in times(VISIONS[vision], linear)]
    return times(TO_OKLAB, [each ** (1 / 3) for each in times(TO_CONES, left)])


def times(matrix: Sequence[Sequence[float]], vector: Sequence[float]) -> tuple[float, ...]:
    return tuple(sum(a * b for a, b in zip(row, vector, strict=True)) for row in matrix)


def test_no_two_of_36_lines_are_alike_and_the_next_begins_anew() -> None:
    styles = [series_style(number) for number in range(36)]

    assert len({(style.colour, style.shape) for style in styles}) == 36
    assert len({(style.shape, style.dashes) for style in styles}) == 36
    assert series_style(36) == styles[0]


def test_six_lines_differ_in_colour_in_shape_and_in_dashes() -> None:
    styles = [series_style(number) for number in range(COLOURS)]

    assert len({style.colour for style in styles}) == COLOURS
    assert len({style.shape for style in styles}) == COLOURS
    assert len({style.dashes for style in styles}) == COLOURS


def test_shapes_are_different_paths_around_their_middle() -> None:
    paths = [marker_outline(shape, 100.0, 50.0, 4.0) for shape in range(COLOURS)]

    assert len(set(paths)) == COLOURS
    for path in paths[1:]:
        corners = [tuple(map(float, pair.split())) for pair in path[1:-1].split("L")]
        assert all(abs(x - 100) <= 6 and abs(y - 50) <= 6 for x, y in corners)
    ET.fromstring(f'<path d="{paths[0]}"/>')  # noqa: S314 - our own text


def test_the_stylesheet_has_each_colour_in_both_themes() -> None:
    found = palettes()

    assert [len(colours) for colours in found["light"]] == [COLOURS]
    assert [len(colours) for colours in found["dark"]] == [COLOURS, COLOURS]
    # Chosen by hand or by the system, dark is the same.
    assert found["dark"][0] == found["dark"][1]
    assert all(f".series-{number}" in STYLE for number in range(COLOURS))


@pytest.mark.parametrize("theme", GROUNDS)
def test_colours_have_the_contrast_of_graphics(theme: str) -> None:
    """Source: WCAG 2.2, success criterion 1.4.11."""
    assert min(contrast(colour, GROUNDS[theme]) for colour in palettes()[theme][0]) >= 3


@pytest.mark.parametrize("vision", VISIONS)
@pytest.mark.parametrize("theme", GROUNDS)
def test_colours_are_told_apart_with_any_colour_vision(theme: str, vision: str) -> None:
    colours = [seen(colour, vision) for colour in palettes()[theme][0]]

    # Three times what is just seen side by side.
    assert min(dist(first, second) for first, second in combinations(colours, 2)) > 0.06
