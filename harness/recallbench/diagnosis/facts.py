"""What is known of the engine that was asked, as far as it bears on why recall falls."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from recallbench.domain.layout import CONCURRENCY

RopeProof = Literal["proved", "mismatch", "unverified"]
_NO_SUITE = "recall"
"""What a run by options alone is called."""
_TRAINED = "original_max_position_embeddings"
_UNSCALED = frozenset({None, "default", "mrope"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ServingFacts:
    """One variant as it was served and asked; None is unknown."""

    model: str
    """Hub id, folder or served name, as it is written on a command line."""
    suite: str | None = None
    """File or name of the suite as it is written on a command line; None is a run by --model."""
    endpoint: str | None = None
    """URL of a server that stood already; None where the run started its own."""
    tokenizer: str | None = None
    """The tokenizer given, where it is not the model's own."""
    engine_args: tuple[str, ...] = ()
    """Further arguments of vLLM's server."""
    native_length_tokens: int | None = None
    """Length that the model was trained on."""
    scaled_from_tokens: int | None = None
    """Length that the scaling takes it to be trained on, where it names one."""
    cos_sin_rows: int | None = None
    """Rows of the engine's cos/sin table: the positions it can turn."""
    max_model_len: int | None = None
    """Context length that the engine serves."""
    rope_proof: RopeProof = "unverified"
    """Whether the engine was seen to run the RoPE that was asked for."""
    rope_is_scaled: bool = False
    """Whether a scaled RoPE was asked for."""
    rope_type: str | None = None
    """Its type in vLLM's words: ``yarn``, ``linear``, ..."""
    hf_overrides: str | None = None
    """What was given as ``--hf-overrides``, as JSON; None is nothing."""
    quantization: str | None = None
    """vLLM's ``--quantization``."""
    kv_cache_dtype: str | None = None
    """vLLM's ``--kv-cache-dtype``."""
    layout: str = "single"
    """``single`` or ``ladder``."""
    concurrency: int | None = None
    """Requests in flight at most."""
    answer_budget_tokens: int | None = None
    """Tokens that an answer may take, a thought included."""
    siblings_key_end_chars: int | None = None
    """Where 9 of 10 recalled answers of the run's other variants have told the key by."""

    @property
    def wrong_original(self) -> str | None:
        """That the scaling starts from another length than the trained one, in words."""
        start, trained = self.scaled_from_tokens, self.native_length_tokens
        if self.rope_type != "yarn" or start is None or trained is None or start == trained:
            return None
        return (
            f"a scaling that starts from {start:,} tokens, while the model was trained on "
            f"{trained:,} (original_max_position_embeddings)"
        )


def serving_facts(run: Mapping[str, Any], variant: str) -> ServingFacts:
    """The facts of one variant from the contents of ``run.json``.

    A suite from a file is known there by its name, and not by its path: who knows the path sets it
    with ``dataclasses.replace``. Rows are those of the smallest table that the proof read.

    Raises:
        KeyError: ``run.json`` has no such variant.
    """
    asked = next((entry for entry in run["variants"] if entry["name"] == variant), None)
    if asked is None:
        raise KeyError(f"run.json has no variant {variant!r}")
    return _asked_by(_served(asked), run["suite"])


def _served(asked: Mapping[str, Any]) -> ServingFacts:
    """The facts with what a variant's entry says of serving."""
    rope, overrides = asked.get("rope_parameters") or {}, asked.get("hf_overrides")
    effective = asked.get("rope_effective")
    # Runs from before there was a proof say no more than "unverified".
    proof = effective if isinstance(effective, Mapping) else {}
    engine = asked.get("engine") or {}
    return ServingFacts(
        model=asked.get("model") or "",
        engine_args=tuple(asked.get("engine_args") or ()),
        native_length_tokens=_trained(asked, rope),
        scaled_from_tokens=rope.get(_TRAINED),
        cos_sin_rows=min((table["rows"] for table in proof.get("tables", ())), default=None),
        max_model_len=engine.get("max_model_len") or asked.get("max_model_len"),
        rope_proof=_proof(proof.get("status")),
        rope_is_scaled=rope.get("rope_type") not in _UNSCALED,
        rope_type=rope.get("rope_type"),
        hf_overrides=json.dumps(overrides) if overrides else None,
        quantization=asked.get("quantization"),
        kv_cache_dtype=asked.get("kv_cache_dtype"),
    )


def _trained(asked: Mapping[str, Any], rope: Mapping[str, Any]) -> int | None:
    """The checkpoint's trained length; runs from before it was kept name that of the scaling."""
    kept = asked.get("trained_length")
    length = kept or rope.get(_TRAINED) or asked.get("native_length")
    return None if length is None else int(length)


def _asked_by(served: ServingFacts, suite: Mapping[str, Any]) -> ServingFacts:
    """The facts with what the suite says of asking."""
    answer = suite["answer"]
    thought = answer["thinking_tokens"] if suite["prompt"]["thinking"] == "on" else 0
    return replace(
        served,
        model=served.model or suite.get("model") or "",
        suite=None if suite["suite"] == _NO_SUITE else suite["suite"],
        endpoint=(suite.get("endpoint") or {}).get("url"),
        tokenizer=suite.get("tokenizer"),
        layout=suite["prompt"].get("layout", "single"),
        concurrency=suite["engine"]["concurrency"]
        or CONCURRENCY[suite["prompt"].get("layout", "single")],
        answer_budget_tokens=int(answer["max_tokens"]) + int(thought),
    )


def _proof(told: object) -> RopeProof:
    # Whatever a later version writes there besides these two is no proof.
    if told == "proved":
        return "proved"
    return "mismatch" if told == "mismatch" else "unverified"
