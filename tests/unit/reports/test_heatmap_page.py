"""Text from outside is drawn as it is, stays on the picture, and reads no settings."""

from __future__ import annotations

import io
from pathlib import Path
from xml.etree import ElementTree as ET

import matplotlib as mpl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from matplotlib.colors import to_hex
from matplotlib.text import Text
from PIL import Image

from recallbench.reports.heatmap_layout import MARGIN, WIDTH, Box
from recallbench.reports.heatmap_page import HeatmapPage, fixed_style, points
from recallbench.reports.notation import printable

SVG = "{http://www.w3.org/2000/svg}"


def written(line: str, *, keep_end: bool = False, bold: bool = False) -> Text:
    with fixed_style():
        page = HeatmapPage.blank(300)
        page.write(line, top=40, size_px=38, keep_end=keep_end, bold=bold)
        page.png()
    (text,) = page.figure.texts
    return text


def test_a_picture_has_the_asked_size() -> None:
    picture = Image.open(io.BytesIO(HeatmapPage.blank(321).png()))

    assert picture.size == (WIDTH, 321)
    assert picture.format == "PNG"


def test_a_picture_says_nothing_of_software_or_date() -> None:
    picture = Image.open(io.BytesIO(HeatmapPage.blank(50).png()))

    assert set(picture.info) == {"dpi"}


def test_axes_fill_their_box() -> None:
    page = HeatmapPage.blank(400)

    extent = page.axes(Box(100, 50, 800, 250)).get_window_extent()

    assert (extent.x0, extent.x1) == pytest.approx((100, 900))
    assert (400 - extent.y1, 400 - extent.y0) == pytest.approx((50, 300))


def test_points_become_pixels_again() -> None:
    page = HeatmapPage.blank(100)

    assert points(25) / 72 * page.figure.dpi == pytest.approx(25)


@pytest.mark.parametrize("line", ["Qwen/Qwen3-8B", "a$_b$c^2$", r"\frac{1}{2}", "naïve π Ж", ""])
def test_text_is_drawn_as_it_is(line: str) -> None:
    text = written(line)

    assert text.get_text() == line
    assert not text.get_parse_math()
    assert not text.get_usetex()


@pytest.mark.parametrize("bold", [True, False])
def test_characters_without_a_glyph_are_spelled(bold: bool) -> None:  # noqa: FBT001
    assert written("数/\U0001f9ed", bold=bold).get_text() == r"\u6570/\U0001f9ed"


def test_characters_without_a_shape_are_spelled() -> None:
    assert written("a\nb\x1b\u202e").get_text() == r"a\nb\x1b\u202e"


def test_a_long_path_keeps_its_end() -> None:
    text = written("/mnt/checkpoints" * 20 + "/step-12000", keep_end=True)

    assert text.get_text().startswith("…")
    assert text.get_text().endswith("nts/step-12000")
    assert WIDTH - 3 * MARGIN < text.get_window_extent().x1 <= WIDTH - MARGIN


def test_a_long_line_keeps_its_start() -> None:
    text = written("yarn x4 " * 40)

    assert text.get_text().startswith("yarn x4 yarn x4")
    assert text.get_text().endswith("…")
    assert WIDTH - 3 * MARGIN < text.get_window_extent().x1 <= WIDTH - MARGIN


@pytest.mark.timeout(10)
def test_a_text_of_a_million_characters_is_shortened_at_once() -> None:
    assert written("W" * 1_000_000).get_window_extent().x1 <= WIDTH - MARGIN


def test_text_has_its_colour_and_place() -> None:
    page = HeatmapPage.blank(300)
    page.write("x", top=40, size_px=30, colour="#a3341c")

    (text,) = page.figure.texts
    assert to_hex(text.get_color()) == "#a3341c"
    assert text.get_window_extent().x0 == pytest.approx(MARGIN, abs=3)
    assert 300 - text.get_window_extent().y1 == pytest.approx(40, abs=12)


def test_a_users_settings_are_not_read_and_not_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = written_png()
    monkeypatch.setitem(mpl.rcParams, "font.family", ["serif"])
    monkeypatch.setitem(mpl.rcParams, "text.color", "red")
    monkeypatch.setitem(mpl.rcParams, "savefig.bbox", "tight")
    before = dict(mpl.rcParams)

    assert written_png() == plain
    assert dict(mpl.rcParams) == before


def written_png() -> bytes:
    with fixed_style():
        return page_of("recall").png()


def page_of(line: str) -> HeatmapPage:
    page = HeatmapPage.blank(100)
    page.write(line, top=20, size_px=30)
    return page


def svg_of(line: str, title: str = "a title") -> ET.Element:
    with fixed_style():
        return ET.fromstring(page_of(line).svg(title))  # noqa: S314 - our own


@given(st.text(min_size=1, max_size=40), st.text(min_size=1, max_size=40))
@example("<script>alert(1)</script>", "</title><script>alert(1)</script>")
@example("--><b onload='x'>&amp;", "]]>\"'&")
@example("nul \0, lone \ud800, last \uffff", "nul \0, lone \udfff, last \ufffe")
@example("right to left \u05d0\u202e", "right to left \u05d0\u202e")
def test_an_svg_holds_any_text_as_text(line: str, title: str) -> None:
    with fixed_style():
        page = page_of(line)
        root = ET.fromstring(page.svg(title))  # noqa: S314 - our own

    (drawn,) = page.figure.texts
    shown = "".join(element.text or "" for element in root.iter(f"{SVG}text"))
    assert shown.strip() == drawn.get_text().strip()
    assert root.findtext(f"{SVG}title") == printable(title)
    assert not list(root.iter(f"{SVG}script"))
    assert not [name for each in root.iter() for name in each.attrib if name.startswith("on")]


def test_an_svgs_title_is_not_of_any_length() -> None:
    assert len(svg_of("x", title="W" * 1_000_000).findtext(f"{SVG}title") or "") == 400


def test_an_svg_names_fonts_for_readers_without_the_first() -> None:
    (text,) = svg_of("recall").iter(f"{SVG}text")

    assert "'DejaVu Sans', 'Verdana', sans-serif" in text.attrib["style"]


def test_an_svg_has_the_shape_of_the_png() -> None:
    root = ET.fromstring(HeatmapPage.blank(400).svg("x"))  # noqa: S314 - our own

    _, _, width, height = map(float, root.attrib["viewBox"].split())
    assert width / height == pytest.approx(WIDTH / 400)


def test_an_svg_says_nothing_of_software_or_date() -> None:
    raw = HeatmapPage.blank(50).svg("x").decode()

    assert "matplotlib" not in raw.lower().replace("matplotlib.axis", "")
    assert "<dc:date>" not in raw


def test_neither_form_changes_the_other() -> None:
    with fixed_style():
        svg, png = page_of("recall").svg("x"), page_of("recall").png()
        page = page_of("recall")

        assert (page.png(), page.svg("x"), page.png()) == (png, svg, png)


def test_a_picture_is_saved_in_the_form_of_its_suffix(tmp_path: Path) -> None:
    page = page_of("recall")

    page.save([tmp_path / "v1.5.svg", tmp_path / "v1.5.png"], "x")

    assert ET.parse(tmp_path / "v1.5.svg").getroot().tag == f"{SVG}svg"  # noqa: S314 - our own
    assert (tmp_path / "v1.5.png").read_bytes() == page.png()


def test_another_suffix_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"\.png or \.svg, got '\.pdf'"):
        page_of("recall").save([tmp_path / "a.png", tmp_path / "a.pdf"], "x")

    assert not list(tmp_path.iterdir())
