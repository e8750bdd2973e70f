"""One value holds all that a run's reports tell, counted from its folder alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from recallbench.artifacts.run_results import cache_sentences, read_results
from recallbench.domain import Outcome
from recallbench.domain.gate_rules import Floor, GateRules
from recallbench.errors import RunFolderError
from recallbench.gate.verdict import Verdict
from recallbench.journal import RunFolder
from support.records import HIT, MISS, always, records
from support.stored_runs import published, stored_run


def test_a_published_run_is_counted_whole(tmp_path: Path) -> None:
    results = read_results(RunFolder(published("quantization-h200", tmp_path / "run")))

    assert list(results.entries) == ["bf16", "fp8", "fp8-kv", "w4a16"]
    assert [summary.variant for summary in results.summaries] == list(results.entries)
    assert len(results.records) == 3200
    assert all(results.costs[name].answered == 800 for name in results.entries)
    assert set(results.caches) == set(cache_sentences(results)) == set(results.entries)
    assert results.rules is None
    assert results.verdicts == ()
    assert not results.is_drawn
    assert results.is_complete


def test_a_runs_own_gate_judges_it_unless_other_rules_are_given(tmp_path: Path) -> None:
    good = records(always(HIT), repeats=range(20))
    run = RunFolder(stored_run(tmp_path / "run", {"v": good}, trials=20, gate={"floor": 0.9}))

    own = read_results(run)
    other = read_results(run, GateRules(floors=(Floor(up_to_tokens=None, recall=0.5),)))

    assert own.verdicts[0].verdict is Verdict.PASS
    assert own.verdicts[0].judgements[0].demanded == 0.9
    assert other.verdicts[0].judgements[0].demanded == 0.5


@pytest.mark.parametrize("outcome", [Outcome.ERRORED, Outcome.OVERFLOW])
def test_a_trial_without_an_answer_leaves_a_run_incomplete(
    tmp_path: Path, outcome: Outcome
) -> None:
    held = (*records(always(MISS), repeats=range(9)), *records(always(outcome), repeats=[9]))

    assert not read_results(RunFolder(stored_run(tmp_path / "run", {"v": held}))).is_complete


def test_a_folder_without_a_run_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(RunFolderError, match="no run here"):
        read_results(RunFolder(tmp_path))
