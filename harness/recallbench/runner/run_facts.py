"""What ``run.json`` says before the first request, and whether a resumed run is still the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

from recallbench.engines.host import host_facts
from recallbench.errors import RunFolderError
from recallbench.journal import RunFolder
from recallbench.preflight import is_allowed
from recallbench.rope import RopeProof
from recallbench.rope.asked import trained_tokens
from recallbench.rope.proof import unverified
from recallbench.runner.preflight import CheckedVariant
from recallbench.runner.prompt_kit import PromptKit
from recallbench.suite import PlannedVariant, RunPlan, differing_keys, parse_suite

_SAME_PROMPTS = (
    "tokenizer_fingerprint",
    "frame_head",
    "frame_tail",
    "haystack_sha256",
    "instruction",
    "needle",
    "question",
    "answer_prefix",
)


def first_facts(
    plan: RunPlan, kit: PromptKit, checked: Sequence[CheckedVariant], command: str
) -> dict[str, Any]:
    """The contents of ``run.json`` of a new run.

    Args:
        plan: what is to be asked.
        kit: what prompts are made with.
        checked: what was found in the variants; none of an endpoint.
        command: as typed.
    """
    return {
        "recallbench": version("recallbench"),
        "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": command,
        "suite": plan.suite.form.model_dump(mode="json"),
        "suite_digest": plan.suite.digest,
        "grid": {
            "lengths": list(plan.grid.lengths),
            "depths": list(plan.grid.depths),
            "trials": plan.grid.trials,
            "only": plan.grid.only and [list(cell) for cell in plan.grid.only],
        },
        "prompts": kit.facts,
        "notes": list(kit.notes),
        "host": host_facts(),
        "variants": [_variant_facts(planned, checked) for planned in plan.variants],
    }


def refuse_another(folder: RunFolder, facts: Mapping[str, Any], plan: RunPlan) -> None:
    """Hold the suite of a resumed run against the one it began with.

    Raises:
        RunFolderError: they differ; the message names the keys.
    """
    now = plan.suite.form.model_dump(mode="json")
    # A run of an older recallbench lacks keys that have come since: they have their defaults.
    before = parse_suite(facts["suite"], str(folder.facts_path)).model_dump(mode="json")
    differing = differing_keys(_without_allowed(before), _without_allowed(now))
    if differing:
        raise RunFolderError(
            f"{folder.path}: cannot be resumed with another suite; these keys differ:\n  "
            + "\n  ".join(differing)
            + "\nResume without a suite and options to take the run's own, or begin a new run"
        )
    lengths = list(plan.grid.lengths)
    if facts["grid"]["lengths"] != lengths:
        raise RunFolderError(
            f"{folder.path}: lengths were {facts['grid']['lengths']} and are {lengths} now, as the "
            "model's context is another one; begin a new run"
        )


def _without_allowed(suite: dict[str, Any]) -> dict[str, Any]:
    """Without what changes no measurement: what is allowed, and when engines start."""
    variants = [
        {key: value for key, value in variant.items() if key != "allow"}
        for variant in suite["variants"]
    ]
    engine = {key: value for key, value in suite["engine"].items() if key != "overlap"}
    return {**suite, "variants": variants, "engine": engine}


def refuse_other_prompts(folder: RunFolder, facts: Mapping[str, Any], kit: PromptKit) -> None:
    """Hold the prompts' parts of a resumed run against those it began with.

    Raises:
        RunFolderError: tokenizer, template, haystack or recipe differ.
    """
    before = facts["prompts"]
    differing = [key for key in _SAME_PROMPTS if before.get(key) != kit.facts[key]]
    if differing:
        raise RunFolderError(
            f"{folder.path}: prompts would no longer be the same, as these differ: "
            f"{', '.join(differing)}; restore them, or begin a new run"
        )


def proof_facts(proof: RopeProof) -> dict[str, Any]:
    """What ``run.json`` keeps of a proof."""
    reading = proof.reading
    return {
        "status": str(proof.status),
        "reasons": list(proof.reasons),
        "tables": [asdict(table) for table in reading.tables] if reading else [],
        "against_asked": [error and asdict(error) for error in reading.against_asked]
        if reading
        else [],
        "settings": dict(reading.settings) if reading else {},
    }


def preflight_facts(checked: Sequence[CheckedVariant], name: str) -> list[dict[str, Any]]:
    """What ``run.json`` keeps of the check of a variant, worst first; empty if it was not checked.

    ``allowed`` says whether the user has named the finding's rule, so that it stops nothing.
    """
    return [
        {
            **asdict(finding),
            "severity": str(finding.severity),
            "allowed": is_allowed(finding, each.variant.allow),
        }
        for each in checked
        if each.variant.name == name
        for finding in each.findings
    ]


def _variant_facts(planned: PlannedVariant, checked: Sequence[CheckedVariant]) -> dict[str, Any]:
    override = planned.override
    variant = planned.variant
    return {
        "name": variant.name,
        "model": variant.model or None,
        "rope_label": "as deployed" if override is None else variant.rope.label,
        "rope_parameters": dict(override.rope_parameters) if override else None,
        "hf_overrides": dict(override.hf_overrides) if override and override.hf_overrides else None,
        "rope_effective": proof_facts(unverified("not started yet")),
        "max_model_len": planned.max_model_len,
        "native_length": planned.config.max_position_embeddings if planned.config else None,
        "trained_length": trained_tokens(planned.config) if planned.config else None,
        "allow": list(variant.allow),
        "lengths": list(planned.lengths),
        "left_out": list(planned.left_out),
        "quantization": variant.quantization,
        "kv_cache_dtype": variant.kv_cache_dtype,
        "dtype": variant.dtype,
        "engine_args": list(variant.engine_args),
        "reasons": list(planned.reasons),
        "preflight": preflight_facts(checked, variant.name),
        "state": "owed",
        "engine": None,
        "cost": None,
        "time": None,
        "error": None,
    }
