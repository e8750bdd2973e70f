"""The main job on real parts: a server of our own, killed half-way, gone on with, reported."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest

from support import runs
from support.program import Program, recallbench

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.mark.usefixtures("checkpoint")
def test_a_smoke_run_survives_kill_9_leaves_no_orphan_and_resumes_to_full_recall(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "run"
    program = Program("run", "smoke", "--out", folder)
    program.wait_for(r"native: \d+/30 trials")
    assert program.descendants()

    program.send(signal.SIGKILL)

    assert program.end().code == -signal.SIGKILL
    assert program.survivors() == []
    before = runs.trials(folder)
    assert 1 <= len(before) < 30

    resumed = recallbench("run", "--resume", folder)

    assert resumed.code == 0, resumed.err
    assert "leaked" not in resumed.err
    trials = runs.trials(folder)
    assert trials[: len(before)] == before
    assert len(trials) == len({trial["trial_id"] for trial in trials}) == 30
    overall = runs.summary(folder, "overall")[0]
    assert int(overall["n"]) == 30
    assert float(overall["recall"]) >= 0.95
    assert float(overall["wilson_low"]) < float(overall["recall"])
    assert (folder / "heatmap-native.png").read_bytes().startswith(PNG)
    for trial in trials:
        assert trial["prompt_tokens"] == trial["length_tokens"]
        assert trial["cached_tokens"] is not None
        assert trial["finish_reason"] in {"stop", "length"}
        assert trial["fingerprint"].startswith("vllm-")
    variant = runs.facts(folder)["variants"][0]
    assert variant["engine"]["max_model_len"] == variant["max_model_len"] == 1040
    assert variant["engine"]["kv_cache_tokens"] > 1040

    made = {path.name: path.read_bytes() for path in made_of(folder)}
    for name in made:
        (folder / name).unlink()
    again = recallbench("report", folder)

    assert again.code == 0
    assert {path.name: path.read_bytes() for path in made_of(folder)} == made
    assert "30/30" in again.out or "29/30" in again.out


def made_of(folder: Path) -> list[Path]:
    """What a run's journal and facts are made into."""
    kinds = {".csv", ".html", ".md", ".png", ".svg", ".xml"}
    return [path for path in folder.iterdir() if path.suffix in kinds]


@pytest.mark.usefixtures("checkpoint")
def test_a_server_that_cannot_start_is_told_of_with_cause_and_log(tmp_path: Path) -> None:
    folder = tmp_path / "run"

    ended = recallbench("run", "smoke", "--engine-arg=--quantization=fp9", "--out", folder)

    assert ended.code == 3
    assert "fp9" in ended.err
    assert str(folder / "server-native.log") in ended.err
    assert f"--resume {folder}" in ended.err
    assert runs.trials(folder) == []
    assert runs.facts(folder)["variants"][0]["state"] == "failed"


@pytest.mark.usefixtures("checkpoint")
def test_ctrl_c_during_the_start_stops_the_server_and_leaves_a_run_that_resumes(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "run"
    program = Program("run", "smoke", "--out", folder)
    program.wait_for(r"native: (starting the engine|context of)")

    program.send(signal.SIGINT)
    ended = program.end()

    assert ended.code == 130
    assert program.survivors() == []
    assert f"--resume {folder}" in ended.err


@pytest.mark.usefixtures("checkpoint")
def test_an_engine_that_dies_ends_the_variant_and_gives_no_misses(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    program = Program("run", "smoke", "--trials=6", "--out", folder)
    program.wait_for(r"native: \d+/90 trials")

    program.kill("EngineCore")
    ended = program.end()

    assert ended.code == 3
    assert set(runs.outcomes(folder)) <= {"recalled"}
    assert 3 <= len(runs.trials(folder)) < 90
    assert str(folder / "server-native.log") in ended.err
    assert "trials not asked yet" in ended.out
    assert f"--resume {folder}" in ended.err
    assert program.survivors() == []


@pytest.mark.usefixtures("checkpoint")
def test_a_rope_that_lost_its_theta_is_measured_only_where_that_is_allowed(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    rope = {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 8192}
    suite = ("--length=300", "--depths=0.5", "--trials=2", "--engine-arg=--enforce-eager")
    overrides = ("--hf-overrides", json.dumps({"rope_parameters": rope}))

    # The preflight foresees it: without this, nothing would be started at all.
    refused = recallbench("run", "smoke", *suite, *overrides, "--allow=theta-lost", "--out", folder)

    assert refused.code == 3
    assert "overrides: RoPE mismatch: asked for yarn x4 over 8,192 tokens" in refused.err
    assert "base 10,000" in refused.err
    assert "--allow rope-mismatch" in refused.err
    assert runs.trials(folder) == []
    (variant,) = runs.facts(folder)["variants"]
    assert (variant["state"], variant["rope_effective"]["status"]) == ("failed", "mismatch")

    measured = recallbench("run", "--resume", folder, "--allow=rope-mismatch")

    assert measured.code == 0, measured.err
    assert len(runs.trials(folder)) == 2
    (variant,) = runs.facts(folder)["variants"]
    assert (variant["state"], variant["error"]) == ("asked", None)
    assert variant["hf_overrides"] == {"rope_parameters": rope}
    assert variant["rope_parameters"] == {**rope, "rope_theta": 100_000}
    effective = variant["rope_effective"]
    assert effective["status"] == "mismatch"
    (table,) = effective["tables"]
    assert table["base"] == 10_000
    assert table["rows"] == 32_768
    assert effective["against_asked"][0]["first_row"] == 1
