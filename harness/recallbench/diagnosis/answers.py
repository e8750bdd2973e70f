"""Missed answers that are no answers: the vocabulary's first token, or any text, over and over.

NaN logits make token 0 the likeliest at every step, which reads ``!!!!`` with the vocabularies of
Qwen, Llama 3 and GPT-2 and ``<unk>`` with those of Llama 2 and Mistral. Where token 0 ends the text
(SmolLM2) such an answer is empty and cannot be told from a silent model. Source: vLLM issues 14126
and 13035, and recallbench's own runs past a cos/sin table.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from recallbench.diagnosis.case import Case
from recallbench.diagnosis.commands import check_command, run_command
from recallbench.diagnosis.exact import at_least
from recallbench.diagnosis.pattern import Diagnosis, Pattern
from recallbench.diagnosis.suspicion import Suspicion
from recallbench.diagnosis.wording import counts, example, told
from recallbench.domain import TrialRecord
from recallbench.stats import Proportion

_REPEATS = re.compile(r"(.{1,24}?)\1{3,}", re.DOTALL)
_MOST_OF_A_TEXT = 0.8
_TOKEN_ZERO = frozenset({"!", "<unk>", "<pad>", "<|endoftext|>", "\x00", "\ufffd"})
_STRAY, _FEWEST = 0.05, 3
"""Share of misses that may be token 0 without a cause, and how many make a pattern."""
_NEARLY_ALL_MISSES, _HALF = 0.8, 0.5


@lru_cache(maxsize=4096)
def repeated_piece(text: str) -> str | None:
    """The piece that most of a text repeats, four times at least; None where there is none."""
    longest = max(_REPEATS.finditer(text.strip()), key=lambda found: len(found[0]), default=None)
    if longest is None or len(longest[0]) < _MOST_OF_A_TEXT * len(text.strip()):
        return None
    piece: str = longest[1].strip()
    return piece or None


def is_token_zero(record: TrialRecord) -> bool:
    """Whether an answer is the text of token 0 over and over."""
    return repeated_piece(record.answer or "") in _TOKEN_ZERO


def is_repeated(record: TrialRecord) -> bool:
    """Whether an answer is any piece of text over and over."""
    return repeated_piece(record.answer or "") is not None


def suspect_answers(case: Case) -> tuple[Suspicion, ...]:
    """Token 0, and any repeated text, among the misses; () without a miss."""
    if not case.misses:
        return ()
    zeros = [miss for miss in case.misses if is_token_zero(miss)]
    repeated = [miss for miss in case.misses if is_repeated(miss) and not is_token_zero(miss)]
    return (_zeros(case, zeros), _repeated(case, repeated))


def answers_told(misses: Sequence[TrialRecord]) -> tuple[str, ...]:
    """How many of these misses are token 0 or repeated text, where there are any."""
    zeros = [miss for miss in misses if is_token_zero(miss)]
    repeated = [miss for miss in misses if is_repeated(miss) and not is_token_zero(miss)]
    kinds = ((zeros, "token 0 over and over"), (repeated, "one piece of text over and over"))
    return tuple(
        f"{counts(Proportion(k=len(found), n=len(misses)))} misses there are {kind}, "
        + "".join(example(found))
        for found, kind in kinds
        if found
    )


def _zeros(case: Case, zeros: Sequence[TrialRecord]) -> Suspicion:
    part = Proportion(k=len(zeros), n=len(case.misses))
    p_value, strength = at_least(part, _STRAY), part.k / part.n
    if part.k < _FEWEST:
        return Suspicion(p_value=p_value)
    squeezed = case.facts.kv_cache_dtype or case.facts.quantization
    at_fault = f"{squeezed} overflowing" if squeezed else "an overflow in the number type"
    diagnosis = Diagnosis(
        pattern=Pattern.TOKEN_ZERO_ANSWERS,
        what=f"{told(part)} of the missed answers are token 0 over and over.",
        why=(
            "NaN logits, of which the first token of the vocabulary comes out as the likeliest: "
            f"{at_fault}, positions past the cos/sin table, or a broken kernel"
        ),
        next_command=check_command(case.facts),
        evidence=example(zeros),
    )
    explains = strength >= _NEARLY_ALL_MISSES
    silences = frozenset({Pattern.LOW_EVERYWHERE}) if explains else frozenset[Pattern]()
    return Suspicion(p_value=p_value, strength=strength, diagnosis=diagnosis, silences=silences)


def _repeated(case: Case, repeated: Sequence[TrialRecord]) -> Suspicion:
    part = Proportion(k=len(repeated), n=len(case.misses))
    diagnosis = Diagnosis(
        pattern=Pattern.REPEATED_ANSWERS,
        what=f"{told(part)} of the missed answers are one piece of text over and over.",
        why=(
            "the model runs outside what it was trained for: another RoPE than its own, positions "
            "past its trained length, weights or KV cache in too few bits, or no chat template"
        ),
        next_command=run_command(case.facts, case.variant, "--length=512,1k", "--concurrency=1"),
        evidence=example(repeated),
    )
    p_value, strength = at_least(part, _HALF), part.k / part.n
    return Suspicion(p_value=p_value, strength=strength, diagnosis=diagnosis)
