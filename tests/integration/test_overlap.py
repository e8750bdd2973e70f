"""The next variant's engine comes up while the present one is asked: real servers, side by side."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

import pytest

from support import runs
from support.program import Program

SUITE = """
suite: overlap-embedded
model: smollm2-135m
seed: 1
grid: {lengths: [256], depths: [0, 0.5, 1], trials: 12}
prompt:
  answer_prefix: The pass key for {label} is
answer: {max_tokens: 16}
engine: {concurrency: 4, args: [--enforce-eager]}
variants:
  - {name: native, rope: native}
  - {name: linear4, rope: {rope_type: linear, factor: 4}}
"""
PARTS = {
    *("startup_s", "waited_s", "asking_s", "busy_s", "idle_s", "prefill_s", "decode_s"),
    *("client_s", "shutdown_s"),
}


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    path = tmp_path / "overlap.yaml"
    path.write_text(SUITE, encoding="utf-8")
    return path


@pytest.mark.usefixtures("checkpoint")
def test_two_variants_overlap_both_are_asked_in_full_and_none_is_left_up(
    suite: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "run"
    program = Program("run", suite, "--overlap", "--out", folder)

    ended = program.end()

    assert ended.code == 0, ended.err
    assert program.survivors() == []
    assert "not overlapped" not in ended.err
    lines = ended.err.splitlines()
    begun = next(place for place, line in enumerate(lines) if "linear4: starting vLLM" in line)
    assert any("native: 36/36 trials" in line for line in lines[begun:])
    trials = runs.trials(folder)
    for name in ("native", "linear4"):
        own = [trial for trial in trials if trial["variant"] == name]
        assert len(own) == len({trial["trial_id"] for trial in own}) == 36
        assert {trial["outcome"] for trial in own} <= {"recalled", "missed"}
    for entry in runs.facts(folder)["variants"]:
        time = entry["time"]
        assert set(time) == PARTS
        assert None not in time.values()
        assert time["busy_s"] + time["idle_s"] == pytest.approx(time["asking_s"], abs=1e-3)
        assert time["prefill_s"] + time["decode_s"] == pytest.approx(time["busy_s"], abs=1e-3)
        assert time["startup_s"] >= entry["engine"]["startup_s"] + entry["engine"]["rope_s"]
        assert f"{entry['name']}: " in ended.out
        saved_s = time["startup_s"] - time["waited_s"]
        sys.stdout.write(f"{entry['name']}: {saved_s:.1f} s behind the other's trials; {time}\n")
    assert "prefill about" in ended.out
    assert "more beside another variant)" in ended.out
    assert "Where the time went" in (folder / "summary.md").read_text(encoding="utf-8")


@pytest.mark.usefixtures("checkpoint")
def test_ctrl_c_ends_the_engine_at_work_and_the_one_that_comes_up(
    suite: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "run"
    program = Program("run", suite, "--overlap", "--out", folder)
    program.wait_for(r"linear4: starting vLLM")
    assert program.descendants()

    program.send(signal.SIGINT)
    ended = program.end()

    assert ended.code == 130, ended.err
    assert program.survivors() == []
    assert len(runs.trials(folder)) < 36
    assert {trial["variant"] for trial in runs.trials(folder)} == {"native"}
    assert runs.facts(folder)["variants"][1]["state"] == "owed"
