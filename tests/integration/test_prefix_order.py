"""Prompts that begin alike, asked in their order: a real server caches what is reckoned with.

All runs go to one server. Their seeds differ, so that none finds what another has left there: what
all have in common, chat template and instruction, is shorter than a block of its KV cache.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from recallbench.engines.vllm_process import ServerFacts
from support import runs
from support.program import Ended, recallbench

SUITE = """
suite: prefix-order
model: smollm2-135m
seed: {seed}
grid: {{lengths: [512, 1024], depths: [0, 0.5, 1], trials: 2}}
prompt:
  layout: {layout}
  haystacks: {haystacks}
  answer_prefix: The pass key for {{label}} is
answer: {{max_tokens: 12}}
engine: {{concurrency: {concurrency}, cache: {cache}}}
"""
TRIALS = 12


def asked(
    server: ServerFacts,
    folder: Path,
    *,
    seed: int,
    layout: str = "single",
    haystacks: str = "repeat",
    cache: str = "shared",
    concurrency: int = 4,
) -> Ended:
    """A run of the suite against the server, to its end."""
    suite = folder.with_suffix(".yaml")
    suite.write_text(
        SUITE.format(
            seed=seed, layout=layout, haystacks=haystacks, cache=cache, concurrency=concurrency
        ),
        encoding="utf-8",
    )
    ended = recallbench("run", suite, "--endpoint", server.base_url, "--out", folder)
    assert ended.code == 0, ended.err
    return ended


def hold_forecast(folder: Path) -> list[dict[str, Any]]:
    """The run's trials, each with as many cached tokens as were expected, but for one block."""
    block = runs.facts(folder)["variants"][0]["engine"]["block_size"]
    trials = runs.trials(folder)

    assert len(trials) == TRIALS
    assert runs.outcomes(folder).keys() <= {"recalled", "missed"}
    for trial in trials:
        off = abs(trial["cached_tokens"] - trial["expected_cached_tokens"])
        assert off <= block, trial
        assert trial["prompt_tokens"] == trial["length_tokens"]
    return trials


def by_name(trials: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {trial["trial_id"]: trial for trial in trials}


@pytest.mark.usefixtures("checkpoint")
def test_trials_with_haystacks_of_their_own_find_nothing_of_each_other(
    vllm: ServerFacts, tmp_path: Path
) -> None:
    asked(vllm, tmp_path / "run", seed=101, haystacks="trial")

    trials = hold_forecast(tmp_path / "run")

    assert {trial["cached_tokens"] for trial in trials} == {0}


@pytest.mark.usefixtures("checkpoint")
def test_a_shared_haystack_is_found_again_and_changes_no_outcome(
    vllm: ServerFacts, tmp_path: Path
) -> None:
    shared_folder, cold_folder = tmp_path / "shared", tmp_path / "cold"
    asked(vllm, shared_folder, seed=102)
    asked(vllm, cold_folder, seed=102, cache="cold", concurrency=1)

    shared, cold = hold_forecast(shared_folder), runs.trials(cold_folder)
    found = sum(trial["cached_tokens"] for trial in shared)
    assert found >= 0.1 * sum(trial["prompt_tokens"] for trial in shared)
    assert [trial["cached_tokens"] for trial in cold] == [0] * TRIALS
    one, other = by_name(shared), by_name(cold)
    assert one.keys() == other.keys()
    for name, trial in one.items():
        assert trial["prompt_sha256"] == other[name]["prompt_sha256"]
        assert trial["outcome"] == other[name]["outcome"], name
    assert {trial["distractors"] for trial in shared} == {0}


@pytest.mark.usefixtures("checkpoint")
def test_a_ladders_prompts_are_its_longest_ones_beginning_and_count_as_multi_key_recall(
    vllm: ServerFacts, tmp_path: Path
) -> None:
    folder = tmp_path / "run"

    ended = asked(vllm, folder, seed=103, layout="ladder")

    trials = hold_forecast(folder)
    found = sum(trial["cached_tokens"] for trial in trials)
    assert found >= 0.4 * sum(trial["prompt_tokens"] for trial in trials)
    distractors = {trial["length_tokens"]: trial["distractors"] for trial in trials}
    assert distractors[512] >= 2
    assert distractors[1024] > distractors[512]
    assert "multi-key recall" in ended.out
    summary = (folder / "summary.md").read_text(encoding="utf-8")
    assert re.search(r"Multi-key recall: \d+ to \d+ other needles", summary)
    assert {row["layout"] for row in runs.summary(folder, "overall")} == {"ladder"}
