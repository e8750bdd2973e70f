"""Recall that is low at every length, the shortest included: no matter of length at all."""

from __future__ import annotations

from recallbench.diagnosis.answers import answers_told
from recallbench.diagnosis.case import Case, first_with, length_of, pooled, value_of
from recallbench.diagnosis.commands import check_command, run_command
from recallbench.diagnosis.conditions import not_compared
from recallbench.diagnosis.exact import at_most
from recallbench.diagnosis.pattern import Diagnosis, Pattern
from recallbench.diagnosis.suspicion import Suspicion
from recallbench.diagnosis.wording import lengths_told, tokens, told
from recallbench.stats import CellSummary

_EXPECTED = 0.95
"""Recall that a healthy model has at its shortest length, at least."""
_LOW = 0.8
_HIGH_AFTER_ALL = 0.85
"""A length whose interval lies above this speaks against low recall everywhere."""
_ENOUGH = 20


def suspect_everywhere(case: Case) -> tuple[Suspicion, ...]:
    """Whether recall is too low for a healthy model at the shortest lengths already."""
    short = first_with(case.lengths, _ENOUGH)
    if not short:
        return ()
    recall = pooled(short)
    p_value = at_most(recall, _EXPECTED)
    low = max(value_of(case.recall), value_of(recall), value_of(short[0].recall)) <= _LOW
    if not low or any(_is_high(line) for line in case.lengths):
        return (Suspicion(p_value=p_value),)
    return (
        Suspicion(
            p_value=p_value,
            strength=1.0 - value_of(recall),
            diagnosis=_diagnosis(case, short),
            silences=frozenset({Pattern.DECLINES_WITH_LENGTH}),
        ),
    )


def _is_high(line: CellSummary) -> bool:
    interval = line.recall.interval()
    return interval is not None and interval.low > _HIGH_AFTER_ALL


def _diagnosis(case: Case, short: tuple[CellSummary, ...]) -> Diagnosis:
    where = lengths_told([length_of(line) for line in short])
    return Diagnosis(
        pattern=Pattern.LOW_EVERYWHERE,
        what=(
            f"Recall is low at the shortest lengths already: {told(pooled(short))} at {where}, "
            f"and {told(case.recall)} over all."
        ),
        why="; ".join(_causes(case)),
        next_command=_next(case),
        evidence=(
            *(f"{tokens(length_of(line))}: {told(line.recall)}" for line in case.lengths),
            *answers_told(case.misses),
            *not_compared(case),
        ),
    )


def _causes(case: Case) -> list[str]:
    """Likely ones first, by what is known: length cannot be the cause."""
    facts = case.facts
    causes = []
    if facts.rope_proof == "mismatch":
        causes.append("the engine was seen to run another RoPE than was asked for")
    if facts.wrong_original:
        causes.append(facts.wrong_original)
    if facts.rope_type == "linear":
        causes.append("linear scaling, which a model must be trained with")
    if facts.rope_proof == "unverified":
        causes.append("rope_theta lost by an override that does not restate it, or a wrong factor")
    squeezed = [kind for kind in (facts.quantization, facts.kv_cache_dtype) if kind]
    if squeezed:
        causes.append(f"too few bits ({', '.join(squeezed)})")
    causes.append("a chat template that is not the model's, or none")
    if not squeezed:
        causes.append("a checkpoint quantized too far")
    return causes


def _next(case: Case) -> str:
    if case.facts.rope_proof == "proved":
        shortest = length_of(case.lengths[0])
        return run_command(case.facts, case.variant, f"--length={shortest}", "--concurrency=1")
    return check_command(case.facts)
