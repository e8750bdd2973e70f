"""A gate's verdicts as plain values for JSON.

Guarantees the keys below in every object, None where there are no data, and no NaN or infinity.

Top: ``schema``; ``run``; ``verdict`` (pass, fail, inconclusive; of all variants together);
``drawn`` (whether trials were drawn until the verdict was settled); ``variants``.

A variant: ``variant``; ``verdict``; ``judgements``; ``incomplete`` (trials errored, refused or
owed beyond what the rules allow); ``cut_short`` (whether its drawing was stopped before a verdict);
``notes``; ``what_helps`` (sentences, where it is inconclusive);
``replay`` (commands) and ``replay_left_out`` (trials against it that they do not name).

A judgement: ``rule``; ``length_tokens``; ``verdict``; ``demanded``; ``what``; ``k``, ``n``,
``recall`` and its 95% interval ``wilson_low``, ``wilson_high``; ``haystacks`` (that count in place
of trials or pairs, in that interval too; None where these do); ``pairs`` (``n``, ``both``,
``lost``, ``gained``, ``neither``, ``difference``) or None; ``unanswered``; ``lean``;
``trials_needed``; ``against`` (all names).
"""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import Any

from recallbench.gate.verdict import Judgement, VariantVerdict, together
from recallbench.reports.replay import replay
from recallbench.reports.verdict_advice import advice
from recallbench.stats.paired import PairedCounts

SCHEMA = 1
"""Raised when a key changes its meaning."""


def verdict_value(
    verdicts: Sequence[VariantVerdict], *, run: str, drawn: bool = False
) -> dict[str, Any]:
    """What the gate says of a run, made of dicts, lists, strings, numbers and None.

    Args:
        verdicts: one for each variant.
        run: folder of the run.
        drawn: whether trials were drawn until the verdict was settled.
    """
    return {
        "schema": SCHEMA,
        "run": run,
        "verdict": together(each.verdict for each in verdicts).value,
        "drawn": drawn,
        "variants": [_variant(each, run) for each in verdicts],
    }


def _variant(verdict: VariantVerdict, run: str) -> dict[str, Any]:
    again = replay(verdict.variant, verdict.judgements, run)
    return {
        "variant": verdict.variant,
        "verdict": verdict.verdict.value,
        "judgements": [_judgement(each) for each in verdict.judgements],
        "incomplete": verdict.incomplete,
        "cut_short": verdict.is_cut_short,
        "notes": list(verdict.notes),
        "what_helps": list(advice(verdict)),
        "replay": [again.command] if again else [],
        "replay_left_out": again.left_out if again else 0,
    }


def _judgement(judgement: Judgement) -> dict[str, Any]:
    recall, interval = judgement.recall, judgement.interval
    return {
        "rule": judgement.rule,
        "length_tokens": judgement.length_tokens,
        "verdict": judgement.verdict.value,
        "demanded": _finite(judgement.demanded),
        "what": judgement.what,
        "k": recall.k if recall else None,
        "n": recall.n if recall else None,
        "recall": recall.value if recall else None,
        "wilson_low": interval.low if interval else None,
        "wilson_high": interval.high if interval else None,
        "haystacks": judgement.haystacks,
        "pairs": _pairs(judgement.pairs) if judgement.pairs else None,
        "unanswered": judgement.unanswered,
        "lean": _finite(judgement.lean),
        "trials_needed": judgement.trials_needed,
        "against": list(judgement.against),
    }


def _pairs(pairs: PairedCounts) -> dict[str, Any]:
    return {
        "n": pairs.n,
        "both": pairs.both,
        "lost": pairs.lost,
        "gained": pairs.gained,
        "neither": pairs.neither,
        "difference": pairs.difference,
    }


def _finite(value: float | None) -> float | None:
    # Python writes NaN, which is no JSON, without a word.
    return value if value is not None and isfinite(value) else None
