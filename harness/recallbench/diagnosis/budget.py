"""Answers that ended before they could hold the key: by their budget, or by the context's end.

A miss that fills its budget is no proof: a model that has lost the key talks on. It counts as cut
only where nothing speaks against it: where recalled answers hold the key early, more tokens would
not have brought it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import median, quantiles

from recallbench.diagnosis.answers import is_repeated
from recallbench.diagnosis.case import Case
from recallbench.diagnosis.commands import run_command
from recallbench.diagnosis.exact import at_least
from recallbench.diagnosis.pattern import Diagnosis, Pattern
from recallbench.diagnosis.suspicion import Suspicion
from recallbench.diagnosis.wording import told
from recallbench.domain import Outcome, TrialRecord
from recallbench.stats import Proportion

_STRAY, _FEWEST = 0.05, 3
"""Share of answers that may be cut without a pattern, and how many make one."""
_EARLY = 0.7
"""Part of the budget by which 9 of 10 recalled answers have told the key, if it is large enough."""
_KNOWN = 5
"""Recalled answers it takes to know where the key stands in them."""
_MOST = 0.8
"""Share of misses that used their budget where the budget is suspected."""


def suspect_budget(case: Case) -> tuple[Suspicion, ...]:
    """Whether more answers are cut than now and then; () without an answer."""
    truncated = [record for record in case.records if record.outcome is Outcome.TRUNCATED]
    answered = len(case.measured) + len(truncated)
    if not answered:
        return ()
    by_context = [miss for miss in case.misses if _met_context(case, miss)]
    by_budget = _cut_misses(case, by_context)
    part = Proportion(k=len(truncated) + len(by_context) + len(by_budget), n=answered)
    p_value = at_least(part, _STRAY)
    if part.k < _FEWEST:
        return (Suspicion(p_value=p_value),)
    diagnosis = _diagnosis(case, part, truncated=len(truncated), by_context=len(by_context))
    return (Suspicion(p_value=p_value, strength=part.k / part.n, diagnosis=diagnosis),)


def _met_context(case: Case, miss: TrialRecord) -> bool:
    """Whether the server cut the answer's budget itself, as vLLM does from 0.32 on."""
    budget, generated = case.facts.answer_budget_tokens, miss.completion_tokens
    if miss.finish_reason != "length" or budget is None or generated is None:
        return False
    return generated < budget


def _cut_misses(case: Case, by_context: Sequence[TrialRecord]) -> list[TrialRecord]:
    """Misses that used their budget, where most misses did and the key may have come later."""
    others = [miss for miss in case.misses if miss not in by_context]
    full = [miss for miss in others if miss.finish_reason == "length" and not is_repeated(miss)]
    if not full or len(full) < _MOST * len(others) or _key_comes_early(case, full):
        return []
    return full


def key_end_chars(records: Iterable[TrialRecord]) -> int | None:
    """Where 9 of 10 recalled answers have told the key by; None where too few are known."""
    recalled = (record for record in records if record.outcome is Outcome.RECALLED)
    ends = [
        (record.answer or "").lower().find(record.key.lower()) + len(record.key)
        for record in recalled
    ]
    return None if len(ends) < _KNOWN else round(quantiles(ends, n=10)[-1])


def _key_comes_early(case: Case, full: Sequence[TrialRecord]) -> bool:
    """Held against the variant's own recalled answers, else against those of its siblings."""
    end = key_end_chars(case.measured)
    end = case.facts.siblings_key_end_chars if end is None else end
    if end is None:
        return False
    return end <= _EARLY * median(len(miss.answer or "") for miss in full)


def _diagnosis(case: Case, part: Proportion, *, truncated: int, by_context: int) -> Diagnosis:
    by_budget = part.k - truncated - by_context
    budget = case.facts.answer_budget_tokens
    limit = "the answer budget" if budget is None else f"the answer budget of {budget:,} tokens"
    kinds = (
        (truncated, f"ended by {limit} before there was an answer: in no recall"),
        (by_context, "missed and ended by the server short of that budget: the context was full"),
        (by_budget, "missed with the whole budget used: the key may have come later, or not"),
    )
    return Diagnosis(
        pattern=Pattern.ANSWERS_CUT,
        what=f"{told(part)} of the answers ended at a limit before they held the key.",
        why=f"the model was still talking when it was stopped: {_cure(part, by_context)}",
        next_command=run_command(case.facts, case.variant),
        evidence=tuple(f"{number:,} {kind}" for number, kind in kinds if number),
    )


def _cure(part: Proportion, by_context: int) -> str:
    if 2 * by_context > part.k:
        return "raise max_model_len, or ask shorter prompts, and ask again"
    return (
        "raise answer.max_tokens in the suite (answer.thinking_tokens for a thought), or give a "
        "prompt.answer_prefix, and ask again"
    )
