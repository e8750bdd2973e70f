"""Charts in a page: well-formed, all text is text, nothing that the page's policy forbids."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest

from recallbench.reports.page.line_chart import Point, Series, line_chart
from recallbench.reports.page.rendering import _environment
from recallbench.reports.page.time_bars import time_bars

HOSTILE = (
    "<script>alert('x')</script>",
    '"onload="x" &amp;',
    "x" * 80,
    "\u05e9\u05dc\u05d5\u05dd\u202e",
    "a\x00b\ud800",
)
TIME = {
    "waited_s": 40.0, "prefill_s": 50.0, "decode_s": 5.0, "idle_s": 4.0, "shutdown_s": 1.0,
    "busy_s": 55.0, "asking_s": 59.0,
}  # fmt: skip


def chart(name: str) -> str:
    """A chart in which every text from outside is that name."""
    told = line_chart(
        name,
        [name, "8,000", "32,768"],
        [
            Series(
                name=name,
                points=(
                    Point(value=1.0, low=0.5, high=2.0, n=3, told=f"{name} 3 trials"),
                    None,
                    None,
                ),
            ),
            Series(name="other", points=(None, None, None)),
        ],
        axis=name,
        across=name,
        written=lambda value: f"{name[:5]}{value:g}",
    )
    return _rendered("line_chart", told)


def times(name: str) -> str:
    facts = {
        "variants": [
            {"name": name, "time": TIME},
            {"name": "other", "time": {**TIME, "decode_s": None}},
        ]
    }
    return _rendered("time_bars", time_bars(facts))


def _rendered(macro: str, value: object) -> str:
    text = f'{{% from "chart.html.j2" import {macro} %}}{{{{ {macro}(value) }}}}'
    return _environment().from_string(text).render(value=value)


class Texts(HTMLParser):
    """Tags, attributes and texts of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.texts = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.texts += data


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("draw", [chart, times])
def test_names_stay_text_and_the_page_well_formed(draw: object, name: str) -> None:
    assert callable(draw)
    page = draw(name)
    page.encode()
    ET.fromstring(page)  # noqa: S314 - our own page
    told = Texts(page)

    assert "script" not in told.tags
    assert not {name for name in told.attributes if name.startswith("on") or name == "style"}
    assert "\x00" not in page
    assert "\u202e" not in page
    if name.isprintable():
        assert name in told.texts


def test_a_chart_is_told_in_words_too() -> None:
    page = ET.fromstring(chart("fp8"))  # noqa: S314 - our own page

    drawing = page.find("svg")
    assert drawing is not None
    assert drawing.get("role") == "img"
    assert drawing.get("aria-label", "").startswith("fp8: fp8 by fp8, 2 lines over 3 columns")
    caption = page.find("figcaption")
    assert caption is not None
    assert "fp8" in "".join(caption.itertext())
    cells = ["".join(cell.itertext()) for cell in page.iter("td")]
    assert cells == ["fp8", "fp8 3 trials", "other", "no data"] + 2 * [
        "fp8", "no data", "other", "no data",
    ]  # fmt: skip
    assert [head.get("scope") for head in page.iter("th")] == 3 * ["col"] + 3 * ["rowgroup"]


def test_a_point_says_its_numbers() -> None:
    page = ET.fromstring(chart("fp8"))  # noqa: S314 - our own page

    assert [title.text for title in page.iter("title")] == ["fp8\nfp8: fp8 3 trials"]


def test_every_pattern_of_a_bar_is_defined_once() -> None:
    page = times("fp8")

    used, defined = set(re.findall(r"url\(#([\w-]+)\)", page)), re.findall(r' id="([\w-]+)"', page)
    assert used <= set(defined)
    assert len(defined) == len(set(defined)) == 6


def test_bars_are_told_in_words_and_not_read_twice() -> None:
    page = ET.fromstring(times("fp8"))  # noqa: S314 - our own page

    assert {drawing.get("aria-hidden") for drawing in page.iter("svg")} == {"true"}
    assert "start-up 40.0, prefill about 50.0" in "".join(page.itertext())
