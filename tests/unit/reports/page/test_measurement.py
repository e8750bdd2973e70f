"""How a run was measured, from its own facts."""

from __future__ import annotations

import json
from pathlib import Path

from recallbench.journal import RunFolder
from recallbench.reports.page.measurement import measurement
from support.records import HIT, always, records
from support.stored_runs import PUBLISHED, stored_run


def test_a_published_run_tells_its_host_its_versions_and_its_prompts() -> None:
    facts = json.loads((PUBLISHED / "quantization-h200" / "run.json").read_text())

    told = dict(measurement(facts))

    assert told["lengths, tokens"] == "512, 1,024, 2,048, 4,096"
    assert told["depths"] == "0%, 25%, 50%, 75%, 100%"
    assert told["trials in each cell"] == "40"
    assert told["haystack"] == "prose, 27,580 tokens"
    assert told["GPU"].startswith("NVIDIA H200")
    assert "vllm 0.26.0" in told["versions"]
    assert told["suite digest"] == facts["suite_digest"][:12]


def test_what_was_not_kept_is_left_out(tmp_path: Path) -> None:
    run = RunFolder(stored_run(tmp_path / "run", {"v": records(always(HIT))}))

    told = dict(measurement(run.read_facts()))

    assert "GPU" not in told
    assert "versions" not in told
    assert all(told.values())
