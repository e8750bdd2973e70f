"""What an engine that is up must not be asked, and why: every refusal names the way on."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from recallbench.domain import Prompt, Trial, TrialRecord
from recallbench.engines.opened import OpenedEngine
from recallbench.errors import EngineError, RopeMismatchError
from recallbench.preflight import ROPE_MISMATCH
from recallbench.rope import ProofStatus, RopeProof
from recallbench.runner.baseline import baseline_records, check_questions
from recallbench.suite import PlannedVariant, RunPlan


def refuse_mismatch(planned: PlannedVariant, proof: RopeProof) -> None:
    """A variant that runs another RoPE is not measured unless that is allowed.

    Raises:
        RopeMismatchError: it does.
    """
    if proof.status is ProofStatus.MISMATCH and ROPE_MISMATCH not in planned.variant.allow:
        raise RopeMismatchError(
            "not measured, as it runs another RoPE than was asked for: "
            f"{'; '.join(proof.reasons)}. Mend the variant (recallbench check), or measure it all "
            f"the same (--allow {ROPE_MISMATCH})"
        )


def refuse_another_engine(
    entry: Mapping[str, Any], opened: OpenedEngine, records: Collection[TrialRecord]
) -> None:
    """One variant's trials are all of one engine: half of each would be neither's recall.

    Args:
        entry: the variant's in ``run.json``, of the last session.
        opened: the engine that is up now.
        records: of earlier sessions.

    Raises:
        EngineError: it is of another version than the one that was asked before.
    """
    if not any(record.variant == entry["name"] for record in records):
        return
    then, now = (entry["engine"] or {}).get("version"), opened.facts.version
    if then and now and then != now:
        raise EngineError(
            f"its first trials were asked of vLLM {then} and this is {now}; go on with {then}, "
            "or begin a new run"
        )


def refuse_other_questions(
    plan: RunPlan, planned: PlannedVariant, build: Callable[[Trial], Prompt] | None
) -> None:
    """A stored baseline is of these trials, and of the prompts that are sent now.

    Args:
        plan: of the run.
        planned: the variant.
        build: makes the prompts; None where they are not known before a server is connected.

    Raises:
        ComparisonError: it was asked other questions.
        RunFolderError: it cannot be read.
    """
    gate = plan.suite.gate
    if gate and gate.baseline and gate.baseline.run:
        stored = baseline_records(gate.baseline, planned.variant.name, ())
        check_questions(stored or (), plan.trials_for(planned), build)
