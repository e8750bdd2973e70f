"""The picture shows the counts, the same bytes each time, and takes any name."""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from PIL import Image

from recallbench.reports import heatmap
from recallbench.reports.heatmap import HeatmapLabels, draw_heatmap, heatmap_png, heatmap_svg
from recallbench.reports.heatmap_layout import fitting_layout
from recallbench.reports.heatmap_page import HeatmapPage
from recallbench.reports.palette import NO_DATA, recall_colour
from recallbench.stats import VariantSummary

Make = Callable[..., VariantSummary]
Pixel = tuple[int, ...]

LABELS = HeatmapLabels(model="Qwen/Qwen3-8B", variant="fp8-kv", rope="yarn x4", extra="vLLM 0.12.0")
CELLS = {
    (8000, 0.0): "rrrrr",
    (8000, 1.0): "mmmmm",
    (16000, 0.0): "eeeee",
    (16000, 1.0): "",
}


def lines(summary: VariantSummary, labels: HeatmapLabels = LABELS) -> list[str]:
    return [text.get_text() for text in heatmap._page(summary, labels).figure.texts]


def corner_of_cell(summary: VariantSummary, column: int, row: int) -> set[Pixel]:
    """Colours in the upper left part of a cell, away from its text and its edges."""
    layout = fitting_layout(summary)
    picture = Image.open(io.BytesIO(heatmap_png(summary, LABELS))).convert("RGB")
    left = round(layout.heat.left + column * layout.column) + 5
    top = round(layout.heat.top + row * layout.row) + 5
    colours = picture.crop((left, top, left + 100, top + 30)).getcolors()
    assert colours is not None, "fewer than 256 colours in a corner"
    return {tuple(colour) for _, colour in colours if isinstance(colour, tuple)}


def rgb(colour: str) -> Pixel:
    return tuple(bytes.fromhex(colour[1:]))


def is_grey(pixels: Iterable[Pixel]) -> bool:
    return all(len(set(pixel)) == 1 for pixel in pixels)


@pytest.mark.parametrize(("row", "recall"), [(0, 1.0), (1, 0.0)])
def test_a_cell_with_recall_is_one_colour(make_summary: Make, row: int, recall: float) -> None:
    assert corner_of_cell(make_summary(CELLS), 0, row) == {rgb(recall_colour(recall))}


@pytest.mark.parametrize("row", [0, 1])
def test_a_cell_without_recall_is_grey_and_hatched(make_summary: Make, row: int) -> None:
    pixels = corner_of_cell(make_summary(CELLS), 1, row)

    assert is_grey(pixels)
    assert len(pixels) > 2


def test_the_picture_is_1600_pixels_wide(make_summary: Make) -> None:
    width, height = Image.open(io.BytesIO(heatmap_png(make_summary(CELLS), LABELS))).size

    assert width == 1600
    assert 900 <= height <= 1200


def test_the_title_says_model_variant_rope_and_n(make_summary: Make) -> None:
    summary = make_summary({(8000, 0.0): "rrrrm", (8000, 1.0): "rrrre"})

    assert lines(summary)[:3] == [
        "Qwen/Qwen3-8B",
        "fp8-kv · RoPE yarn x4 · vLLM 0.12.0",
        "10 trials: recalled 8 of 9, 88.9% (95% interval 56.5-98.0%)",
    ]


def test_a_run_without_recall_says_so(make_summary: Make) -> None:
    assert lines(make_summary({(8000, 0.0): "eee"}))[2] == "3 trials, no recall measured"


def test_an_empty_extra_leaves_no_gap(make_summary: Make) -> None:
    labels = HeatmapLabels(model="m", variant="v", rope="native")

    assert lines(make_summary(CELLS), labels)[1] == "v · RoPE native"


def test_the_caption_warns_and_explains(make_summary: Make) -> None:
    summary = make_summary({(8000, 0.0): "rrrrb", (8000, 1.0): "eeeee"})

    assert lines(summary)[3:] == [
        "the only miss used the whole answer budget: their key may have come yet",
        "5 trials errored: not counted as missed",
        "bars: Wilson 95% interval · hatched: no recall measured · err: request failed",
    ]


def test_a_clean_run_needs_one_line_of_caption(make_summary: Make) -> None:
    assert lines(make_summary({(8000, 0.0): "rrrrr"}))[3:] == ["bars: Wilson 95% interval"]


def test_the_caption_explains_a_number_without_words(make_summary: Make) -> None:
    grid = {(1000 * number, depth / 10): "rrr" for number in range(1, 9) for depth in range(11)}

    summary = make_summary(grid | {(1000, 0.0): "rrtoe"}, trials=3)

    assert "+n: n more trials without recall" in lines(summary)[-1]


def test_the_caption_says_that_hits_have_no_room(make_summary: Make) -> None:
    grid = {(1000 * number, 0.5): "r" * 10 for number in range(1, 41)}

    summary = make_summary(grid, trials=10)

    assert lines(summary)[-1] == (
        "bars: Wilson 95% interval · 10 trials a cell, k/n left out for want of room"
    )


def test_a_long_caption_breaks_between_its_parts(make_summary: Make) -> None:
    summary = make_summary({(8000, 0.0): "rrrrr", (8000, 1.0): "toee"})

    assert lines(summary)[-2:] == [
        (
            "bars: Wilson 95% interval · hatched: no recall measured · err: request failed · "
            "over: length refused · cut: cut off before an answer"
        ),
        "owed: not asked yet",
    ]


@pytest.mark.parametrize(
    "name",
    ["$\\frac{a}{$", "数据/模型", "a\nb\0c\x1b[31m", "x" * 5000, "", "½ {} %s <b>&", "\ud800"],
)
def test_any_name_is_drawn_without_a_warning(make_summary: Make, name: str) -> None:
    labels = HeatmapLabels(model=name, variant=name, rope=name, extra=name)

    assert heatmap_png(make_summary(CELLS), labels).startswith(b"\x89PNG")
    assert svg_texts(heatmap_svg(make_summary(CELLS), labels))


def svg_texts(raw: bytes) -> list[str]:
    return [each.text or "" for each in ET.fromstring(raw).iter("{http://www.w3.org/2000/svg}text")]  # noqa: S314 - our own


def test_the_svg_says_all_that_the_png_says(make_summary: Make) -> None:
    summary = make_summary(CELLS)
    figure = heatmap._page(summary, LABELS).figure

    drawn = [text.get_text() for text in figure.texts]
    drawn += [text.get_text() for axes in figure.axes for text in axes.texts]
    assert len(drawn) > 10
    assert set("\n".join(drawn).split("\n")) <= set(svg_texts(heatmap_svg(summary, LABELS)))


def test_the_svg_has_the_colours_of_the_png(make_summary: Make) -> None:
    raw = heatmap_svg(make_summary(CELLS), LABELS).decode()

    colours = [recall_colour(1), recall_colour(0), NO_DATA]
    assert [raw.count(f'style="fill: {colour}"') for colour in colours] == [1, 1, 2]


def test_the_svg_is_told_by_its_result_and_names(make_summary: Make) -> None:
    root = ET.fromstring(heatmap_svg(make_summary(CELLS), LABELS))  # noqa: S314 - our own

    assert root.findtext("{http://www.w3.org/2000/svg}title") == (
        "15 trials: recalled 5 of 10, 50.0% (95% interval 23.7-76.3%) · fp8-kv · RoPE yarn x4 · "
        "vLLM 0.12.0 · Qwen/Qwen3-8B"
    )


def test_the_picture_is_written_to_its_paths(make_summary: Make, tmp_path: Path) -> None:
    summary = make_summary(CELLS)

    draw_heatmap(summary, LABELS, tmp_path / "heatmap-fp8.png", tmp_path / "heatmap-fp8.svg")

    assert (tmp_path / "heatmap-fp8.png").read_bytes() == heatmap_png(summary, LABELS)
    assert (tmp_path / "heatmap-fp8.svg").read_bytes() == heatmap_svg(summary, LABELS)


def test_the_picture_is_drawn_once_for_all_paths(
    make_summary: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = []
    page_of = heatmap._page

    def counting(summary: VariantSummary, labels: HeatmapLabels) -> HeatmapPage:
        drawn.append(labels)
        return page_of(summary, labels)

    monkeypatch.setattr(heatmap, "_page", counting)

    draw_heatmap(make_summary(CELLS), LABELS, tmp_path / "a.png", tmp_path / "a.svg")

    assert drawn == [LABELS]


PROGRAM = """
import hashlib, sys
from recallbench.domain import Grid
from recallbench.reports.heatmap import HeatmapLabels, heatmap_png, heatmap_svg
from recallbench.stats import summarize
assert "matplotlib" not in sys.modules, "importing the module must be cheap"
grid = Grid(lengths=(8000, 16000), depths=(0.0, 1.0), trials=5)
labels = HeatmapLabels(model="Qwen/Qwen3-8B", variant="fp8-kv", rope="yarn x4", extra="vLLM 0.12.0")
summary = summarize([], variant="base", grid=grid)
drawn = heatmap_png(summary, labels) + heatmap_svg(summary, labels)
assert "matplotlib.pyplot" not in sys.modules, "pyplot has global state"
print(hashlib.sha256(drawn).hexdigest())
"""


def test_another_process_draws_the_same_bytes_without_pyplot(make_summary: Make) -> None:
    summary = make_summary(dict.fromkeys(CELLS, ""))
    environment = os.environ | {"PYTHONHASHSEED": "7", "MPLBACKEND": "svg"}

    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, check=True, env=environment, text=True
    )

    drawn = heatmap_png(summary, LABELS) + heatmap_svg(summary, LABELS)
    assert done.stdout.strip() == hashlib.sha256(drawn).hexdigest()


SHARED = {(length, depth): "rrrrm" for length in (8000, 16_000) for depth in (0.0, 1.0)}


def test_a_ladders_picture_is_of_multi_key_recall(make_summary: Make) -> None:
    found = lines(make_summary(SHARED, shared_by="repeat", layout="ladder"))

    assert found[2].startswith("multi-key recall, 20 trials: recalled 16 of 20")
    assert "multi-key recall: 1 to 3 other needles in each prompt" in " ".join(found)


def test_bars_say_what_they_count(make_summary: Make) -> None:
    shared = " ".join(lines(make_summary(SHARED, shared_by="repeat")))

    assert "bars: 95% interval" in shared
    assert "(95% interval 28.4-99.5%)" in shared, "4 of 5 haystacks, exact"
    assert shared.count("intervals count the 5 haystacks that the trials share") == 1
    assert "Wilson" not in shared


def test_the_axes_of_a_ladder_are_named(make_summary: Make) -> None:
    page = heatmap._page(make_summary(SHARED, layout="ladder"), LABELS)

    labels = [axes.get_ylabel() for axes in page.figure.axes]
    assert "recall" not in labels
    assert "multi-key recall" in labels
