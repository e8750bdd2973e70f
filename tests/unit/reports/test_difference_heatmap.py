"""The picture of a comparison shows its verdict, the same bytes each time, and takes any name."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import matplotlib as mpl
import pytest
from PIL import Image

from recallbench.gate.comparison import Comparison
from recallbench.reports import difference_heatmap
from recallbench.reports.arms import Arm, arm_of
from recallbench.reports.difference_heatmap import difference_png, difference_svg, draw_difference
from recallbench.reports.palette import INK, WARNING

Make = Callable[..., Comparison]
SVG = "{http://www.w3.org/2000/svg}"
CELLS = {
    (8000, 0.5): ("r" * 20, "r" * 20),
    (131_072, 0.5): ("r" * 20 + "e", "r" * 12 + "m" * 8 + "r"),
}


@pytest.fixture
def arms(run_entry: dict[str, Any]) -> tuple[Arm, Arm]:
    return arm_of({**run_entry, "engine": None}, "base", None), arm_of(run_entry, "fp8", None)


def lines(comparison: Comparison, arms: tuple[Arm, Arm]) -> list[str]:
    return [text.get_text() for text in difference_heatmap._page(comparison, arms).figure.texts]


def test_the_title_says_names_settings_and_verdict(
    make_comparison: Make, arms: tuple[Arm, Arm]
) -> None:
    found = lines(make_comparison(CELLS), arms)

    assert found[:3] == [
        "fp8 against base",
        (
            "A: base · RoPE yarn x4, proved · weights fp8 asked · KV cache auto asked · "
            "Qwen/Qwen3-8B"
        ),
        (
            "B: fp8 · RoPE yarn x4, proved · weights fp8 · KV cache auto asked, bfloat16 runs · "
            "Qwen/Qwen3-8B · vLLM 0.…"
        ),
    ]
    assert found[3].startswith("INFERIOR by more than 5 points (p = ")
    assert found[3].endswith(", 95% one-sided, 40 pairs)")


def test_only_an_inferior_verdict_is_in_the_colour_of_a_warning(
    make_comparison: Make, arms: tuple[Arm, Arm]
) -> None:
    def colour(comparison: Comparison) -> object:
        return difference_heatmap._page(comparison, arms).figure.texts[3].get_color()

    assert colour(make_comparison(CELLS)) == WARNING
    assert colour(make_comparison({(8000, 0.5): ("r", "r")})) == INK


def test_the_caption_says_numbers_warnings_and_meanings(
    make_comparison: Make, arms: tuple[Arm, Arm]
) -> None:
    found = lines(make_comparison(CELLS), arms)[4:]

    assert found[0].startswith("overall -20.0 points (95% interval ")
    assert found[1:] == [
        "proven over all lengths together, and singly at 131,072 tokens",
        "1 pair is not counted: at least one of the two gave no answer to score",
        (
            "B \N{MINUS SIGN} A: difference of recall in percentage points, pairs -lost/+gained · "
            "bars: 95% interval · dashed: a drop of 5 points"
        ),
    ]


def test_the_caption_explains_what_is_hatched_or_left_out(
    make_comparison: Make, arms: tuple[Arm, Arm]
) -> None:
    hatched = lines(make_comparison({(8000, 0.5): ("r", "e")}), arms)
    wide = lines(make_comparison({(1000 * n, 0.5): ("rr", "rr") for n in range(1, 36)}), arms)

    assert "hatched: no pair answered by both" in hatched[-1]
    assert wide[-1] == (
        "2 pairs a cell · lost and gained left out of cells for want of room · "
        "numbers of the lengths left out for want of room"
    )


def test_a_verdict_without_room_for_its_proof_has_it_in_the_caption(
    make_comparison: Make, arms: tuple[Arm, Arm]
) -> None:
    good = {(length, 0.5): ("r" * 80, "r" * 80) for length in (1000, 2000, 4000, 8000, 16_000)}
    found = lines(make_comparison(good | {(32_000, 0.5): ("r" * 40, "r" * 31 + "m" * 9)}), arms)

    assert found[3] == "INFERIOR by more than 5 points at 32,000 tokens"
    assert found[4].startswith(f"{found[3]} (p = ")


def test_long_names_keep_both_ends_and_leave_room_for_the_rest(
    make_comparison: Make, run_entry: dict[str, Any]
) -> None:
    names = "a-first" + "x" * 90 + "last-a", "b-first" + "x" * 90 + "last-b"
    arms = arm_of(run_entry, names[0], None), arm_of(run_entry, names[1], None)

    found = lines(make_comparison(CELLS, names=names), arms)

    assert found[0].startswith("b-first")
    assert found[0].endswith("last-a")
    assert "…" in found[0]
    assert "RoPE yarn x4, proved" in found[1]
    assert "RoPE yarn x4, proved" in found[2]


def test_the_picture_is_1600_pixels_wide_and_written_to_its_paths(
    make_comparison: Make, arms: tuple[Arm, Arm], tmp_path: Path
) -> None:
    comparison = make_comparison(CELLS)

    draw_difference(comparison, arms, *(tmp_path / f"difference.{form}" for form in ("png", "svg")))

    assert (tmp_path / "difference.svg").read_bytes() == difference_svg(comparison, arms)
    raw = (tmp_path / "difference.png").read_bytes()
    assert raw == difference_png(comparison, arms)
    width, height = Image.open(io.BytesIO(raw)).size
    assert width == 1600
    assert 900 <= height <= 1300


def test_the_users_settings_are_neither_read_nor_changed(
    make_comparison: Make, arms: tuple[Arm, Arm]
) -> None:
    comparison = make_comparison({(8000, 0.5): ("r", "m")})
    plain = difference_png(comparison, arms)

    with mpl.rc_context({"font.size": 33.0, "axes.facecolor": "red"}):
        assert difference_png(comparison, arms) == plain
        assert mpl.rcParams["font.size"] == 33.0


@pytest.mark.parametrize(
    "name",
    ["$\\frac{a}{$", "数据/模型", "a\nb\0c\x1b[31m", "x" * 5000, "", "½ {} %s <b>&", "\ud800"],
)
def test_any_name_is_drawn_without_a_warning(
    make_comparison: Make, run_entry: dict[str, Any], name: str
) -> None:
    arm = arm_of({**run_entry, "model": name, "quantization": name}, name, None)
    comparison = make_comparison({(8000, 0.5): ("rm", "mr")}, names=(name, name))

    assert difference_png(comparison, (arm, arm)).startswith(b"\x89PNG")
    assert ET.fromstring(difference_svg(comparison, (arm, arm))).tag == f"{SVG}svg"  # noqa: S314 - our own


def test_the_svg_says_all_that_the_png_says(make_comparison: Make, arms: tuple[Arm, Arm]) -> None:
    comparison = make_comparison(CELLS)
    figure = difference_heatmap._page(comparison, arms).figure

    root = ET.fromstring(difference_svg(comparison, arms))  # noqa: S314 - our own

    drawn = [text.get_text() for text in figure.texts]
    drawn += [text.get_text() for axes in figure.axes for text in axes.texts]
    assert len(drawn) > 10
    assert set(drawn) <= {each.text for each in root.iter(f"{SVG}text")}


def test_the_svg_is_told_by_its_names_and_verdict(
    make_comparison: Make, arms: tuple[Arm, Arm]
) -> None:
    root = ET.fromstring(difference_svg(make_comparison(CELLS), arms))  # noqa: S314 - our own

    told = root.findtext(f"{SVG}title") or ""
    assert told.startswith("fp8 against base · INFERIOR by more than 5 points (p = ")


@pytest.mark.parametrize("cells", [{(8000, 0.5): ("e", "r")}, {(8000, 0.5): ("r", "r")}])
def test_one_cell_is_drawn_with_pairs_or_without(
    make_comparison: Make,
    arms: tuple[Arm, Arm],
    cells: dict[tuple[int, float], tuple[str, str]],
) -> None:
    assert difference_png(make_comparison(cells), arms).startswith(b"\x89PNG")


def test_a_picture_of_ladders_is_of_multi_key_recall_and_counts_haystacks(
    make_comparison: Make, arms: tuple[Arm, Arm]
) -> None:
    cells = {(8000, 0.0): ("r" * 20, "r" * 20), (8000, 1.0): ("r" * 20, "r" * 19 + "m")}

    text = " ".join(lines(make_comparison(cells, shared_by="repeat", layout="ladder"), arms))

    assert "difference of multi-key recall in percentage points" in text
    assert "multi-key recall: 2 other needles in each prompt" in text
    assert "counting the 20 haystacks that pairs share" in text
