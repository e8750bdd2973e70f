"""Text from outside is drawn as it is, stays on the picture, and reads no settings."""

from __future__ import annotations

import io

import matplotlib as mpl
import pytest
from matplotlib.colors import to_hex
from matplotlib.text import Text
from PIL import Image

from recallbench.reports.heatmap_layout import MARGIN, WIDTH, Box
from recallbench.reports.heatmap_page import HeatmapPage, fixed_style, points


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
        page = HeatmapPage.blank(100)
        page.write("recall", top=20, size_px=30)
        return page.png()
