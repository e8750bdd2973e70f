"""A plan shows what sharing haystacks saves beside what it costs in proof."""

from __future__ import annotations

import io
from typing import Any

import pytest
from rich.console import Console

from recallbench.reports.plan_table import PlanView, print_plan
from recallbench.rope import parse_config
from recallbench.suite import Serving, parse_suite, plan_run, resolve

RAW: dict[str, Any] = {
    "model_type": "qwen3",
    "num_hidden_layers": 36,
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
    "head_dim": 128,
    "dtype": "bfloat16",
    "max_position_embeddings": 40960,
    "rope_theta": 1e6,
}
GRID = {"lengths": [8000, 16_000], "depths": [0.0, 0.5, 1.0], "trials": 4}


def printed(prompt: dict[str, Any] | None = None, **keys: Any) -> list[str]:
    form = {"suite": "s", "model": "m", "grid": GRID, "prompt": prompt or {}, **keys}
    plan = plan_run(
        resolve(parse_suite(form, "test")),
        {"m": parse_config(RAW, "m")},
        Serving(vllm_version="0.32.0"),
    )
    stream = io.StringIO()
    view = PlanView(plan=plan, prefill_rate=10_000.0, commands=(), notes=("a note",))
    print_plan(view, Console(file=stream, width=110))
    return stream.getvalue().splitlines()


def row(lines: list[str]) -> dict[str, str]:
    """The table's only row; no cell of it holds two blanks."""
    at = next(i for i, line in enumerate(lines) if line.startswith("variant"))
    head, cells = (
        [part.strip() for part in line.split("  ") if part.strip()] for line in lines[at : at + 2]
    )
    return dict(zip(head, cells, strict=True))


def said(lines: list[str], start: str) -> str:
    (found,) = [line for line in lines if line.startswith(start)]
    return found.removeprefix(start).strip()


def test_trials_of_their_own_haystacks_are_computed_whole() -> None:
    lines = printed({"haystacks": "trial"})

    assert said(lines, "layout") == "single: one needle a prompt"
    assert said(lines, "haystacks").startswith("one a trial: each trial counts for itself")
    assert (row(lines)["prompt tokens"], row(lines)["to compute"]) == ("288,000", "288,000")
    assert row(lines)["time"] == "29 s"
    assert said(lines, "to compute:") == "all of every prompt, as no two share a haystack."


def test_shared_haystacks_are_computed_once_and_say_their_price() -> None:
    """Of each repeat 16,000 tokens once; of the other prompts what stands behind the needle."""
    lines = printed({"haystacks": "repeat"})

    assert said(lines, "haystacks") == (
        "4, one a repeat: the trials of a repeat count as one where they agree; "
        "prompt.haystacks: trial gives each its own"
    )
    assert row(lines)["prompt tokens"] == "288,000"
    computed = 4 * (16_000 + (8000 + 4000 + 0) + (16_000 + 8000))
    assert row(lines)["to compute"] == f"{computed:,}"
    assert row(lines)["time"] == "21 s"


def test_fewer_haystacks_than_repeats_are_named() -> None:
    assert said(printed({"haystacks": 3}), "haystacks").startswith(
        "3, for all repeats in turn: the trials of a haystack count as one where they agree"
    )


def test_a_ladder_is_multi_key_recall_and_has_no_haystacks_to_choose() -> None:
    lines = printed({"layout": "ladder"})

    assert said(lines, "layout").startswith("ladder: multi-key recall, one haystack a repeat")
    assert said(lines, "haystacks").endswith(
        "layout: single with prompt.haystacks: trial gives each its own"
    )
    assert row(lines)["to compute"] == "64,000", "each repeat's longest prompt, once"


def test_a_cold_cache_computes_everything() -> None:
    lines = printed({"haystacks": "repeat"}, engine={"cache": "cold"})

    assert row(lines)["to compute"] == "288,000"
    assert said(lines, "to compute:") == "all of every prompt, as engine.cache is cold."


@pytest.mark.parametrize("haystacks", ["trial", "repeat"])
def test_what_requests_in_flight_share_is_counted_once_in_the_kv_cache(haystacks: str) -> None:
    told = said(printed({"haystacks": haystacks}), "KV cache:")

    assert ("what they share counted once" in told) is (haystacks == "repeat")


def test_a_drawing_has_at_most_so_many_haystacks() -> None:
    gate = {"floor": 0.9, "until": "decided", "max_trials": 12}

    assert said(printed({"haystacks": "repeat"}, gate=gate), "haystacks").startswith(
        "at most 12, one a repeat"
    )


def test_notes_stand_below() -> None:
    assert printed()[-1] == "a note"
