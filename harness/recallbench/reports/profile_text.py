"""A variant's recall profile in sentences, the same on the terminal and in Markdown.

Guarantees that every number stands with its trials, that what is proven is never mixed up with what
was seen, and that no proof is told where trials were drawn until a verdict was settled: a number of
trials that depends on their outcome makes such proofs too easy.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil, log

from recallbench.reports.measure_words import recall_name
from recallbench.reports.notation import (
    counted,
    written_depth,
    written_hits,
    written_interval,
    written_length,
    written_share,
)
from recallbench.stats.curve import RecallArea
from recallbench.stats.depth_bias import DepthBias
from recallbench.stats.effective_length import EffectiveLength, LengthStep
from recallbench.stats.profile import RecallProfile

DRAWN_REMARK = (
    "trials were drawn until the verdict was settled: the intervals are those of a fixed number of "
    "trials and so a little too narrow, and proven effective lengths are left out as they would "
    "not hold"
)
"""What a reader has to know of such a run, without a full stop."""
_SIGNIFICANT = 0.05
_LEAST_P = 0.001
_WHOLE = 100.0


def profile_sentences(profile: RecallProfile, *, drawn: bool) -> tuple[str, ...]:
    """How far recall reaches, its mean over length, and its depths, without full stops.

    Args:
        profile: of one variant.
        drawn: whether trials were drawn until the verdict was settled; ``DRAWN_REMARK`` belongs
            beside the sentences then.
    """
    steps = profile.effective.steps
    if not any(step.recall.n for step in steps):
        return ()
    name = recall_name(profile.layout)
    sentences = [_reach(profile.effective, name, drawn=drawn)]
    if len(steps) > 1:
        sentences.append(_relative_reach(profile.relative, name, drawn=drawn))
        sentences.extend(_area(profile.area, name, len(steps)))
    return (*sentences, *_depths(profile.depth_bias, name))


def _reach(reach: EffectiveLength, name: str, *, drawn: bool) -> str:
    recall = f"{name} of at least {reach.asked:g}"
    if drawn:
        return f"{recall} {_seen(reach)}"
    level = f"{written_share(reach.confidence, decimals=0)}, one-sided"
    if reach.tokens is None:
        return f"{recall} proven at no length ({level}{_too_few(reach)}); {_seen(reach)}"
    return f"{recall} {_proven(reach, reach.tokens, level)}"


def _relative_reach(reach: EffectiveLength, name: str, *, drawn: bool) -> str:
    base = reach.steps[0]
    at = f"{_tokens(base.length_tokens)} ({written_hits(base.recall)})"
    if base.needed is None:
        return f"no hit at {at}, the shortest: no share of it to reach"
    share = f"{written_share(reach.asked, decimals=0)} of the {name} at {at}"
    if drawn or reach.tokens is None:
        return f"{share} {_seen(reach)}"
    level = f"{written_share(reach.confidence, decimals=0)}, one-sided"
    if reach.tokens == base.length_tokens:
        return f"{share} proven at no longer length ({level}); {_seen(reach)}"
    return f"{share} {_proven(reach, reach.tokens, level)}"


def _proven(reach: EffectiveLength, tokens: int, level: str) -> str:
    proven = f"proven up to {_tokens(tokens)} ({level}; {_hits_at(reach, tokens)})"
    if reach.observed_tokens != tokens:
        return f"{proven}; {_seen(reach)}"
    is_longest = tokens == reach.steps[-1].length_tokens
    return f"{proven}, {'the longest asked' if is_longest else 'and seen no further'}"


def _seen(reach: EffectiveLength) -> str:
    first, last = reach.steps[0], reach.steps[-1]
    seen = reach.observed_tokens
    if seen is None:
        at = _tokens(first.length_tokens)
        return f"not seen at {at}, the shortest ({written_hits(first.recall)})"
    if reach.is_relative and seen == first.length_tokens:
        return "seen at no longer length"
    longest = ", the longest asked" if seen == last.length_tokens else ""
    return f"seen up to {_tokens(seen)}{longest} ({_hits_at(reach, seen)})"


def _too_few(reach: EffectiveLength) -> str:
    """That no outcome of so few trials is a proof; empty where there were enough."""
    first = reach.steps[0]
    n = first.recall.n if first.haystacks is None else first.haystacks
    if reach.asked >= 1.0:
        return ""
    enough = ceil(log(1.0 - reach.confidence) / log(reach.asked))
    if n >= enough:
        return ""
    units = "trials" if first.haystacks is None else "haystacks"
    alike = "" if first.haystacks is None else ", as trials of one haystack may all be alike"
    at = _tokens(first.length_tokens)
    return f"; it takes at least {enough:,} {units} a length{alike}, and {at} had {n:,}"


def _hits_at(reach: EffectiveLength, length_tokens: int) -> str:
    step: LengthStep = next(s for s in reach.steps if s.length_tokens == length_tokens)
    return f"{written_hits(step.recall)} there"


def _area(area: RecallArea | None, name: str, lengths: int) -> Iterator[str]:
    if area is not None:
        yield (
            f"mean {name} over the logarithm of length {written_share(area.value)} (95% interval "
            f"{written_interval(area.interval)}; {counted(area.n, 'trial')} at {lengths:,} lengths)"
        )


def _depths(bias: DepthBias | None, name: str) -> Iterator[str]:
    if bias is None or bias.heterogeneity_p > _SIGNIFICANT:
        return
    within = f" in {counted(bias.haystacks, 'haystack')}" if bias.haystacks else ""
    trials = f"{counted(bias.n, 'trial')}{within}"
    worst, best = written_depth(bias.worst_depth), written_depth(bias.best_depth)
    yield (
        f"{name} differs with depth: {_points(bias.spread)} lower at {worst} than at {best} "
        f"({_p(bias.heterogeneity_p)}, {trials} at all lengths)"
    )
    if bias.trend_p <= _SIGNIFICANT:
        way = "rises" if bias.slope > 0 else "falls"
        yield (
            f"{name} {way} with depth, on a straight line by {_points(abs(bias.slope))} from the "
            f"start to the end ({_p(bias.trend_p)}, {trials})"
        )


def _tokens(length: int) -> str:
    return f"{written_length(length)} tokens"


def _points(difference: float) -> str:
    return f"{_WHOLE * difference:.1f} percentage points"


def _p(p_value: float) -> str:
    return f"p < {_LEAST_P:g}" if p_value < _LEAST_P else f"p = {p_value:.2g}"
