"""What a variant was served with, held against and asked, and what of it changed from run to run.

Guarantees that only known values are held against each other: an engine that did not come up, or an
older recallbench that kept fewer facts, changes nothing; the next known value is held against the
last one. Knows no run but by its place.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from recallbench.reports.arms import arm_of

ROPE, ROPE_PARAMETERS = "RoPE", "RoPE parameters"
_OF_ARM = (
    "model", "rope", "max_model_len", "version",
    "dtype", "quantization", "kv_cache_dtype", "attention_backend",
)  # fmt: skip
_LONGEST = 24
_FINGERPRINTS = {
    "tokenizer_fingerprint": "tokenizer",
    "frame_head": "chat template",
    "frame_tail": "chat template's end",
    "haystack_sha256": "haystack",
}


def settings_of(entry: Mapping[str, Any], facts: Mapping[str, Any]) -> dict[str, str]:
    """What a variant was served with and held against, by label; empty without an engine.

    Args:
        entry: the variant's entry in ``run.json``.
        facts: all of it.
    """
    engine: Mapping[str, Any] | None = entry.get("engine")
    if not engine:
        return {}
    arm = arm_of(entry, "", None)
    told = {fact.label: fact.text for fact in arm.facts if fact.key in _OF_ARM}
    if parameters := entry.get("rope_parameters"):
        told[ROPE_PARAMETERS] = ", ".join(f"{key} {parameters[key]}" for key in sorted(parameters))
    if engine.get("kind") == "vllm":
        # Of an own engine all is known: what is not set is none.
        told["quantization"] = told["quantization"] or "none"
        told["engine arguments"] = shlex.join(entry.get("engine_args") or ()) or "none"
        told["GPU"] = "; ".join((facts.get("host") or {}).get("gpus") or ()) or None
    told["recallbench"] = facts.get("recallbench")
    gate = facts["suite"].get("gate") or {}
    told |= {f"gate.{key}": _text(value) for key, value in gate.items() if value is not None}
    return {label: text for label, text in told.items() if text is not None}


def recipe_of(facts: Mapping[str, Any]) -> dict[str, str]:
    """What a run's prompts were made of, by label."""
    suite, prompts = facts["suite"], facts["prompts"]
    told: dict[str, object] = {"seed": suite.get("seed")}
    for part in ("prompt", "answer"):
        told |= {f"{part}.{key}": value for key, value in (suite.get(part) or {}).items()}
    told |= {label: prompts.get(key) for key, label in _FINGERPRINTS.items()}
    return {label: _text(value) for label, value in told.items() if value is not None}


def changes(held: Sequence[Mapping[str, str]]) -> tuple[tuple[str, ...], ...]:
    """For each of some runs, oldest first, what is another than before it: short phrases.

    Args:
        held: settings or recipes of the runs.
    """
    last: dict[str, str] = {}
    found = []
    for now in held:
        found.append(tuple(_differing(last, now)))
        last |= now
    return tuple(found)


def _differing(last: Mapping[str, str], now: Mapping[str, str]) -> Iterator[str]:
    for label, text in now.items():
        before = last.get(label, text)
        if label == ROPE_PARAMETERS and last.get(ROPE) != now.get(ROPE):
            continue  # its name says it already
        if before != text:
            yield _phrase(label, before, text)


def _phrase(label: str, before: str, after: str) -> str:
    """Such as ``vLLM 0.26.0 -> 0.32.0``; long texts are named alone."""
    is_long = label not in {ROPE_PARAMETERS, "GPU", "engine arguments", "checkpoint"} and (
        max(len(before), len(after)) > _LONGEST
    )
    return f"another {label}" if is_long else f"{label} {before} -> {after}"


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True)
