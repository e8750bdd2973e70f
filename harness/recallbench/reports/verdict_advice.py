"""What would settle a verdict that is inconclusive, in a few words, the same in every report.

Says only what can help: more trials do not where none is answered or none was asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from recallbench.gate.verdict import Judgement, VariantVerdict, Verdict
from recallbench.reports.notation import counted, written_length

_MANY = "where recall is near what is demanded it takes very many"


def advice(verdict: VariantVerdict) -> tuple[str, ...]:
    """What would help, to stand after ``what helps:``, without a full stop.

    () where the verdict is a pass or a fail.
    """
    if verdict.verdict is not Verdict.INCONCLUSIVE:
        return ()
    return tuple(dict.fromkeys(_sentences(verdict)))


def written_incomplete(number: int) -> str:
    """How many trials have no answer, in a sentence without a full stop."""
    return f"{counted(number, 'trial')} errored, refused or not asked yet"


def _sentences(verdict: VariantVerdict) -> Iterator[str]:
    if not verdict.judgements:
        yield "a rule: the gate holds this variant against none"
    if verdict.incomplete:
        yield (
            f"ask the {counted(verdict.incomplete, 'trial')} without an answer again with "
            "recallbench run --resume RUN; refused ones need a longer context"
        )
    if verdict.is_cut_short:
        yield "the rest of its trials: it was stopped before its verdict (run --resume RUN)"
        return
    counting = [j for j in verdict.deciding if _counts(j) is not None]
    yield from _uncounted(j for j in verdict.deciding if _counts(j) is None)
    empty = [j.length_tokens for j in counting if not _counts(j)]
    if empty:
        at = ", ".join(written_length(length) for length in sorted({n for n in empty if n}))
        yield f"answers: nothing was counted at {at} tokens, more trials alone do not help there"
    yield from _more_trials([j for j in counting if _counts(j)])


def _counts(judgement: Judgement) -> int | None:
    counts = judgement.pairs or judgement.recall
    return None if counts is None else counts.n


def _uncounted(judgements: Iterable[Judgement]) -> Iterator[str]:
    for each in judgements:
        if each.length_tokens is None:
            yield "a rule for the lengths that were asked: the gate has none"
        else:
            yield f"prompts of {written_length(each.length_tokens)} tokens or more (--length)"


def _more_trials(judgements: list[Judgement]) -> Iterator[str]:
    shared = max((each.haystacks or 0 for each in judgements), default=0)
    if shared:
        yield (
            f"more haystacks: {shared:,} count, as the trials of one may all be alike; with "
            "prompt.haystacks: trial (in layout: single) every trial counts"
        )
    drawn = [each for each in judgements if each.lean is not None]
    if drawn:
        yield f"more trials (raise max_trials in the gate); {_MANY}"
    if len(drawn) < len(judgements):
        yield f"more trials (raise --trials, or set until: decided in the gate); {_MANY}"
