"""Markdown says the verdict first, and no name escapes its place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from recallbench.gate.comparison import Comparison
from recallbench.reports.arms import Arm, arm_of
from recallbench.reports.comparison_markdown import comparison_markdown

Make = Callable[..., Comparison]
CELLS = {
    (8000, 0.5): ("r" * 20, "r" * 20),
    (131_072, 0.5): ("r" * 20, "r" * 12 + "m" * 8),
}


@pytest.fixture
def arms(run_entry: dict[str, Any]) -> tuple[Arm, Arm]:
    return arm_of({**run_entry, "engine": None}, "base", None), arm_of(run_entry, "fp8", None)


def lines(comparison: Comparison, arms: tuple[Arm, Arm]) -> list[str]:
    return comparison_markdown(comparison, arms, run="runs/b").splitlines()


def test_names_then_the_verdict(make_comparison: Make, arms: tuple[Arm, Arm]) -> None:
    found = lines(make_comparison(CELLS), arms)

    assert found[0] == "### fp8 against base"
    assert found[2].startswith("**fp8 is INFERIOR to base by more than 5 points (p = ")
    assert found[2].endswith(", 95% one-sided, 40 pairs)**")


def test_a_table_by_length(make_comparison: Make, arms: tuple[Arm, Arm]) -> None:
    found = lines(make_comparison(CELLS), arms)

    start = next(n for n, line in enumerate(found) if line.startswith("| length"))
    assert [line.count("|") for line in found[start : start + 5]] == [10] * 5
    assert found[start + 3].startswith("| 131,072 | 20/20 | 12/20 | -40.0 | ")
    assert found[start + 3].endswith(" | -8/+0 | 0.0078 | 0.0156 | inferior |")
    assert found[start + 4].startswith("| overall | 40/40 | 32/40 | -20.0 | ")
    assert found[start + 5] == ""


def test_settings_and_cost_are_folded(make_comparison: Make, arms: tuple[Arm, Arm]) -> None:
    found = lines(make_comparison(CELLS), arms)

    start = found.index("<details><summary>Settings and cost</summary>")
    inside = found[start : found.index("</details>")]
    assert inside[1] == ""
    assert "| vLLM | - | 0.12.0 |" in inside


def test_lost_trials_have_a_command(make_comparison: Make, arms: tuple[Arm, Arm]) -> None:
    found = lines(make_comparison(CELLS), arms)

    assert "8 trials lost, recalled by A and missed by B, the first 5 again:" in found
    command = found[-2]
    assert command.startswith("recallbench run runs/b --variant fp8 --trial 131072-0.5-12 ")
    assert command.count("--trial ") == 5


def test_without_a_loss_there_is_no_command(make_comparison: Make, arms: tuple[Arm, Arm]) -> None:
    text = "\n".join(lines(make_comparison({(8000, 0.5): ("rr", "rr")}), arms))

    assert "recallbench run" not in text
    assert '- "no significant difference" (McNemar p = 1) is not "equivalent"' in text


def test_notes_of_an_arm_stand_below_its_cost(make_comparison: Make, arms: tuple[Arm, Arm]) -> None:
    noted = Arm(title="fp8", facts=arms[1].facts, notes=("not alone",))

    assert "- fp8: not alone" in lines(make_comparison(CELLS), (arms[0], noted))


def test_a_hostile_name_stays_in_its_place(
    make_comparison: Make, run_entry: dict[str, Any]
) -> None:
    hostile = "a|b\n# <script> `x` **y** [z](u)"
    arm = arm_of({**run_entry, "model": hostile}, hostile, None)
    found = make_comparison(CELLS, names=(hostile, "fp8"))

    text = comparison_markdown(found, (arm, arm), run="r`" + "`" * 3)

    assert "<script>" not in text
    assert "a|b" not in text
    assert "**y**" not in text
    assert "\n# " not in text
    assert text.splitlines()[-1] == "`" * 5


def test_a_comparison_of_ladders_is_of_multi_key_recall(
    make_comparison: Make, arms: tuple[Arm, Arm]
) -> None:
    ladder = make_comparison(CELLS, shared_by="repeat", layout="ladder")

    assert lines(ladder, arms)[2] == "Multi-key recall: 2 other needles in each prompt."
