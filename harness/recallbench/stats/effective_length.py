"""The longest prompt up to which recall is proven, beside the longest where it was seen.

Guarantees that the proven length is longer than the true one at most as often as one test errs,
however many lengths are asked: they are tested from the shortest on, and the first that fails ends
it; that holds also where lengths share haystacks. A share of the shortest length's recall is tested
as if lengths had haystacks of their own: sharing them makes that test stricter, not laxer, as long
as a haystack that is easy at one length is not hard at another. Knows nothing about why recall
ends.

Source: W. Maurer, L. A. Hothorn and W. Lehmacher, in Biometrie in der chemisch-pharmazeutischen
Industrie 6 (1995) 3-18, fixed-sequence testing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise, takewhile
from math import floor

from recallbench.stats.bounds import check_confidence, p_at_most
from recallbench.stats.clusters import Clusters
from recallbench.stats.haystack_recall import Recall, haystacks_of, proportion_of
from recallbench.stats.proportion import Proportion
from recallbench.stats.recall_ratio import p_at_most_share


@dataclass(frozen=True, slots=True, kw_only=True)
class LengthStep:
    """What was found at one length, whatever was found before it."""

    length_tokens: int
    """Asked prompt length."""
    recall: Proportion
    """Of all its trials."""
    needed: float | None
    """Recall that it takes, in [0, 1]; None where the base that it is a share of has none."""
    p_value: float | None
    """Of "the true recall is at most the needed"; None without data, and at the base itself."""
    is_proven: bool
    """Whether the needed recall is proven here."""
    is_observed: bool
    """Whether the needed recall was seen here, proven or not."""
    haystacks: int | None = None
    """Haystacks that count in place of trials; None where trials do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectiveLength:
    """How far recall reaches."""

    tokens: int | None
    """Longest length up to which the needed recall is proven at every asked one; None if none."""
    observed_tokens: int | None
    """The same for the recall that was seen; None if none."""
    asked: float
    """The recall asked for, or the share of the shortest length's recall, in (0, 1]."""
    is_relative: bool
    """Whether ``asked`` is a share of the shortest length's recall."""
    confidence: float
    """One-sided confidence level of the proofs."""
    steps: tuple[LengthStep, ...]
    """Shape (n_lengths,): every asked length, the shortest first."""


def effective_length(
    lengths: Sequence[tuple[int, Recall]], recall: float, confidence: float = 0.95
) -> EffectiveLength:
    """How far a recall reaches.

    Args:
        lengths: prompt lengths in tokens, each once, and what was recalled there.
        recall: the recall that it takes, in (0, 1]; that it is 1 is never proven.
        confidence: one-sided confidence level in (0, 1).

    Raises:
        ValueError: a length stands twice, or ``recall`` or ``confidence`` is out of range.
    """
    _check("recall", recall, confidence)
    steps = []
    for length, found in _ascending(lengths):
        p_value = _p_at_most(found, recall)
        steps.append(_step(length, found, needed=recall, p_value=p_value, confidence=confidence))
    return _walked(steps, asked=recall, is_relative=False, confidence=confidence)


def relative_effective_length(
    lengths: Sequence[tuple[int, Recall]], share: float = 0.85, confidence: float = 0.95
) -> EffectiveLength:
    """How far a share of the shortest length's own recall reaches.

    The shortest length is the base: it is reached wherever it has a hit.

    Args:
        lengths: prompt lengths in tokens, each once, and what was recalled there.
        share: of the base's recall, in (0, 1].
        confidence: one-sided confidence level in (0, 1).

    Raises:
        ValueError: a length stands twice, or ``share`` or ``confidence`` is out of range.

    Source: A. Modarressi et al., NoLiMa, arXiv 2502.05167, with 85% of the base score.
    """
    _check("share", share, confidence)
    ordered = _ascending(lengths)
    steps = []
    for place, (length, found) in enumerate(ordered):
        base = ordered[0][1]
        value = proportion_of(base).value
        needed = share * value if value else None
        p_value = _p_of_share(found, base, share) if place and value else None
        step = _step(length, found, needed=needed, p_value=p_value, confidence=confidence)
        steps.append(step if place else _base_step(step))
    return _walked(steps, asked=share, is_relative=True, confidence=confidence)


def _check(name: str, asked: float, confidence: float) -> None:
    check_confidence(confidence)
    if not 0.0 < asked <= 1.0:
        raise ValueError(f"{name} must be in (0, 1], got {asked}")


def _ascending(lengths: Sequence[tuple[int, Recall]]) -> list[tuple[int, Recall]]:
    ordered = sorted(lengths, key=lambda pair: pair[0])
    for (length, _), (after, _) in pairwise(ordered):
        if length == after:
            raise ValueError(f"a length must stand once, got {length} twice")
    return ordered


def _p_at_most(found: Recall, recall: float) -> float | None:
    return found.p_at_most(recall) if isinstance(found, Clusters) else p_at_most(found, recall)


def _whole(found: Recall) -> tuple[float, int]:
    # Hits and trials of what the trials are worth; whole trials, for an exact tail.
    counts = proportion_of(found)
    worth = found.effective_n if isinstance(found, Clusters) else counts.n
    n = floor(worth or 0)
    return (counts.k * n / counts.n if counts.n else 0.0), n


def _p_of_share(found: Recall, base: Recall, share: float) -> float | None:
    (hits, n), (base_hits, base_n) = _whole(found), _whole(base)
    if not n:
        return None
    return p_at_most_share(hits=hits, n=n, base_hits=base_hits, base_n=base_n, share=share)


def _step(
    length: int, found: Recall, *, needed: float | None, p_value: float | None, confidence: float
) -> LengthStep:
    recall = proportion_of(found)
    is_observed = recall.value is not None and needed is not None and recall.value >= needed
    return LengthStep(
        length_tokens=length,
        recall=recall,
        needed=needed,
        p_value=p_value,
        is_proven=p_value is not None and p_value <= 1.0 - confidence,
        is_observed=is_observed,
        haystacks=haystacks_of(found),
    )


def _base_step(step: LengthStep) -> LengthStep:
    is_base = step.needed is not None
    return LengthStep(
        length_tokens=step.length_tokens,
        recall=step.recall,
        needed=step.needed,
        p_value=None,
        is_proven=is_base,
        is_observed=is_base,
        haystacks=step.haystacks,
    )


def _walked(
    steps: Sequence[LengthStep], *, asked: float, is_relative: bool, confidence: float
) -> EffectiveLength:
    proven = [step.length_tokens for step in takewhile(lambda step: step.is_proven, steps)]
    observed = [step.length_tokens for step in takewhile(lambda step: step.is_observed, steps)]
    return EffectiveLength(
        tokens=proven[-1] if proven else None,
        observed_tokens=observed[-1] if observed else None,
        asked=asked,
        is_relative=is_relative,
        confidence=confidence,
        steps=tuple(steps),
    )
