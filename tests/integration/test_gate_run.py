"""The gate on a real engine: what is broken fails in few trials, what is healthy passes in some."""

from __future__ import annotations

import shlex
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from support import runs
from support.program import recallbench

SUITE = """
suite: gate-embedded
model: smollm2-135m
seed: 1
grid: {lengths: [256, 512], depths: [0, 0.5, 1], trials: 1}
prompt:
  answer_prefix: The pass key for {label} is
answer: {max_tokens: 16}
engine: {concurrency: 4, args: [--enforce-eager]}
gate: {floor: 0.9, tolerance: 0.2, until: decided, max_trials: 20}
variants:
  - {name: native, rope: native}
  # Served as asked, and of no use without training: a server that answers every request with 200.
  - {name: linear4, rope: {rope_type: linear, factor: 4}}
"""


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    path = tmp_path / "gate.yaml"
    path.write_text(SUITE, encoding="utf-8")
    return path


@pytest.mark.usefixtures("checkpoint")
def test_linear_scaling_without_training_fails_within_40_trials(
    suite: Path, tmp_path: Path
) -> None:
    folder, page = tmp_path / "run", tmp_path / "job.md"

    ended = recallbench(
        "run", suite, "--variant", "linear4", "--out", folder, GITHUB_STEP_SUMMARY=str(page)
    )

    assert ended.code == 1, ended.err
    assert 3 <= len(runs.trials(folder)) <= 40
    assert "linear4: FAIL" in ended.out
    assert "**FAIL**" in page.read_text(encoding="utf-8")
    junit = ET.parse(folder / "junit.xml").getroot()  # noqa: S314 - our own file
    assert int(junit.get("failures", "0")) >= 1
    (again,) = [
        line.strip()
        for line in ended.out.splitlines()
        if line.strip().startswith("recallbench run")
    ]
    planned = recallbench("plan", *shlex.split(again)[2:])
    assert planned.code == 0, planned.err
    assert "chosen by name" in planned.out
    # The verdict is made of the folder alone: nothing else is left of the engine.
    assert recallbench("gate", folder).code == 1


@pytest.mark.usefixtures("checkpoint")
def test_the_native_rope_passes_with_a_part_of_its_trials(suite: Path, tmp_path: Path) -> None:
    folder = tmp_path / "run"

    ended = recallbench("run", suite, "--variant", "native", "--out", folder)

    assert ended.code == 0, ended.err + ended.out
    assert "native: PASS" in ended.out
    assert len(runs.trials(folder)) < 120
    assert recallbench("gate", folder).code == 0
    (entry,) = runs.facts(folder)["variants"]
    assert entry["cost"]["requests"] == len(runs.trials(folder))
