"""A comparison can be read on any console, and its command can be copied."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from rich.console import Console

from recallbench.gate.comparison import Comparison
from recallbench.reports.arms import Arm, arm_of
from recallbench.reports.comparison_text import print_comparison

Make = Callable[..., Comparison]
CELLS = {
    (8000, 0.5): ("r" * 20, "r" * 20),
    (131_072, 0.5): ("r" * 20 + "e", "r" * 12 + "m" * 8 + "r"),
}


def printed(
    comparison: Comparison, arms: tuple[Arm, Arm], *, width: int = 100, encoding: str = "utf-8"
) -> list[str]:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding, newline="")
    console = Console(file=stream, width=width)
    print_comparison(comparison, arms, console, run="runs/b 1", variant="fp8")
    stream.flush()
    return raw.getvalue().decode(encoding).splitlines()


@pytest.fixture
def arms(run_entry: dict[str, Any]) -> tuple[Arm, Arm]:
    return arm_of({**run_entry, "engine": None}, "base", None), arm_of(run_entry, "fp8", None)


def test_names_margin_and_level_come_first(make_comparison: Make, arms: tuple[Arm, Arm]) -> None:
    assert printed(make_comparison(CELLS), arms)[:2] == [
        "fp8 against base",
        "margin 5 points, 95% one-sided; A is base, B is fp8",
    ]


def test_settings_stand_side_by_side(make_comparison: Make, arms: tuple[Arm, Arm]) -> None:
    rows = [line.split() for line in printed(make_comparison(CELLS), arms)]

    assert ["vLLM", "-", "0.12.0"] in rows
    assert ["start-up,", "s", "-", "62"] in rows
    assert not any(row[:2] == ["median", "latency,"] for row in rows)


def test_each_length_and_all_have_a_row(make_comparison: Make, arms: tuple[Arm, Arm]) -> None:
    rows = [" ".join(line.split()) for line in printed(make_comparison(CELLS), arms)]

    assert any(row.startswith("8,000 20/20 20/20 0.0 ") for row in rows)
    assert any(
        row.startswith("131,072 20/20 12/20 -40.0 ")
        and row.endswith("-8/+0 0.0078 0.0156 inferior")
        for row in rows
    )
    assert any(row.startswith("overall 40/40 32/40 -20.0 ") for row in rows)


def test_verdict_warnings_and_corrections_follow(
    make_comparison: Make, arms: tuple[Arm, Arm]
) -> None:
    text = " ".join(" ".join(printed(make_comparison(CELLS), arms)).split())

    assert "fp8 is INFERIOR to base by more than 5 points (p " in text
    assert "warning: 1 pair is not counted" in text
    assert "corrected by Holm over the 2 lengths" in text


def test_the_first_lost_trials_have_a_command_on_one_line(
    make_comparison: Make, arms: tuple[Arm, Arm]
) -> None:
    lines = printed(make_comparison(CELLS), arms, width=60)

    names = [f"131072-0.5-{number}" for number in range(12, 17)]
    assert "  lost, recalled by A and missed by B: 8; 3 more are not" in lines
    assert [f"  - {name}" for name in names] == lines[-6:-1]
    trials = " ".join(f"--trial {name}" for name in names)
    assert lines[-1] == f"  ask again: recallbench run 'runs/b 1' --variant fp8 {trials}"


def test_without_a_loss_there_is_no_command(make_comparison: Make, arms: tuple[Arm, Arm]) -> None:
    lines = printed(make_comparison({(8000, 0.5): ("rr", "rr")}), arms)

    assert not any("ask again" in line or "lost," in line for line in lines)


@pytest.mark.parametrize("width", [30, 60, 78, 120])
def test_lines_fit_but_the_command(
    make_comparison: Make, arms: tuple[Arm, Arm], width: int
) -> None:
    lines = printed(make_comparison(CELLS), arms, width=width)

    assert [line for line in lines[:-1] if len(line) > width] == []


@pytest.mark.parametrize("width", [40, 78, 120])
def test_no_number_is_cut_apart_on_a_narrow_console(
    make_comparison: Make, arms: tuple[Arm, Arm], width: int
) -> None:
    words = " ".join(printed(make_comparison(CELLS), arms, width=width)).split()

    assert {"20/20", "12/20", "-40.0", "-8/+0"} <= {word.strip(",") for word in words}


def test_names_are_neither_markup_nor_control_sequences(
    make_comparison: Make, run_entry: dict[str, Any]
) -> None:
    hostile = "[red]x[/red]\x1b[31m\n:boom:"
    found = make_comparison(CELLS, names=(hostile, "fp8"))
    arm = arm_of({**run_entry, "model": hostile}, hostile, None)

    text = "\n".join(printed(found, (arm, arm), width=200))

    assert r"[red]x[/red]\x1b[31m\n:boom:" in text
    assert "\x1b" not in text


def test_ascii_consoles_get_ascii(make_comparison: Make, arms: tuple[Arm, Arm]) -> None:
    found = make_comparison(CELLS, names=("数", "fp8"))

    assert printed(found, arms, encoding="ascii")[0] == r"fp8 against \u6570"


def test_the_variant_is_named_as_its_run_names_it(
    make_comparison: Make, arms: tuple[Arm, Arm]
) -> None:
    console = Console(file=io.StringIO(), width=100)

    print_comparison(make_comparison(CELLS), arms, console, run="r")

    assert isinstance(console.file, io.StringIO)
    assert "recallbench run r --variant fp8 --trial" in console.file.getvalue()


def test_a_comparison_of_ladders_is_of_multi_key_recall_and_counts_haystacks(
    make_comparison: Make, arms: tuple[Arm, Arm]
) -> None:
    cells = {(8000, 0.0): ("r" * 20, "r" * 20), (8000, 1.0): ("r" * 20, "r" * 19 + "m")}
    found = printed(make_comparison(cells, shared_by="repeat", layout="ladder"), arms)

    assert found[2] == "multi-key recall: 2 other needles in each prompt"
    assert "p and intervals count the 20 haystacks that pairs share" in " ".join(
        " ".join(found).split()
    )
