"""A suite in the core's own frozen values, with its digest."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from recallbench.domain import AnswerBudget, RopeRequest, Variant
from recallbench.domain.gate_rules import GateRules
from recallbench.suite.schema import PromptForm, SuiteFile, VariantForm

PROMPTS = 2
"""Raised when the same suite gives other prompts than before, so that their trials have other
names. 2: a prompt no longer depends on the longest one of its run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """A suite ready to be planned."""

    form: SuiteFile
    """The whole suite as written and overridden; what ``run.json`` keeps."""
    digest: str
    """SHA-256 of all of it, in hexadecimal."""
    recipe_digest: str
    """SHA-256 of seed, prompt, answer and ``PROMPTS``: what determines prompts and scoring."""
    variants: tuple[Variant, ...]
    """The serving configurations."""
    budget: AnswerBudget
    """What a model may generate."""
    gate: GateRules | None = None
    """What its variants are held against; None: no verdict."""


def resolve(form: SuiteFile) -> Suite:
    """Turn a checked suite file into frozen values."""
    thinking = form.prompt.thinking == "on"
    return Suite(
        form=form,
        digest=_digest(form.model_dump(mode="json")),
        recipe_digest=_digest(
            {
                "prompts": PROMPTS,
                "seed": form.seed,
                "prompt": _prompt_of_digest(form.prompt),
                "answer": form.answer.model_dump(mode="json"),
            }
        ),
        variants=tuple(_variant(variant, form) for variant in form.variants),
        budget=AnswerBudget(
            answer_tokens=form.answer.max_tokens,
            thinking_tokens=form.answer.thinking_tokens if thinking else 0,
        ),
        gate=form.gate.rules() if form.gate else None,
    )


def _prompt_of_digest(form: PromptForm) -> dict[str, Any]:
    """What a trial's name depends on of the recipe.

    Single needles in unlike haystacks are as they were before there was anything else, and so are
    the names of their trials: older runs can be resumed, asked again and compared.
    """
    content = form.model_dump(mode="json")
    if form.layout == "single" and form.haystacks == "trial":
        del content["layout"], content["haystacks"]
    return content


def _variant(form: VariantForm, suite: SuiteFile) -> Variant:
    return Variant(
        name=form.name,
        model=form.model or suite.model or "",
        rope=_rope(form),
        max_model_len=form.max_model_len,
        quantization=form.quantization,
        kv_cache_dtype=form.kv_cache_dtype,
        dtype=form.dtype,
        engine_args=(*suite.engine.args, *form.args),
        engine_env=tuple(sorted({**suite.engine.env, **form.env}.items())),
        allow=tuple(form.allow),
        lengths=tuple(form.lengths) if form.lengths else None,
    )


def _rope(form: VariantForm) -> RopeRequest:
    if form.hf_overrides is not None:
        return RopeRequest(hf_overrides=_canonical(form.hf_overrides))
    if isinstance(form.rope, dict):
        return RopeRequest(parameters=tuple(sorted(form.rope.items())))
    return RopeRequest() if form.rope == "native" else RopeRequest(factor=float(form.rope))


def _digest(content: object) -> str:
    return hashlib.sha256(_canonical(content).encode()).hexdigest()


def _canonical(content: object) -> str:
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
