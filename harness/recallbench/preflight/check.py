"""All rules over one deployment."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from recallbench.errors import RopeError
from recallbench.preflight import keys, lengths, scaling
from recallbench.preflight.arguments import REST
from recallbench.preflight.case import Case
from recallbench.preflight.deployment import Deployment
from recallbench.preflight.finding import Finding, Severity
from recallbench.preflight.rule_names import MISMATCHES, ROPE_MISMATCH
from recallbench.rope.cos_sin import TableShape, expected_table, is_by_layer

_RULES: tuple[Callable[[Case], Iterator[Finding]], ...] = (
    keys.removed_flags,
    keys.ignored_keys,
    keys.deprecated_key,
    keys.lost_keys,
    keys.legacy_type,
    keys.typos,
    keys.magnitude_keys,
    keys.stray_lengths,
    lengths.refused,
    lengths.not_extended,
    lengths.unknown_length,
    lengths.past_the_table,
    lengths.allowed_long,
    scaling.wrong_original,
    scaling.wrong_base,
    scaling.not_needed,
    scaling.longer_than_asked,
    scaling.dynamic_does_nothing,
    scaling.multimodal_blend,
    scaling.double_scaling,
    scaling.extrapolated,
)
_BLIND = {
    "hf_overrides": frozenset(_RULES) - {keys.removed_flags},
    "rope_scaling": frozenset(_RULES) - {keys.removed_flags},
    "max_model_len": frozenset(
        {
            lengths.refused,
            lengths.not_extended,
            lengths.unknown_length,
            lengths.past_the_table,
            lengths.allowed_long,
            scaling.not_needed,
            scaling.double_scaling,
            keys.stray_lengths,
        }
    ),
}
"""Rules that can say nothing where a setting's value is only known to the running system."""
_ORDER = tuple(Severity)


def rope_findings(case: Case) -> tuple[Finding, ...]:
    """What is wrong with a deployment's RoPE and length, worst first."""
    blind = {rule for setting in _unknown(case.deployment) for rule in _BLIND.get(setting, ())}
    if case.odd:
        return worst_first([*case.odd, *keys.removed_flags(case)])
    found = [finding for rule in _RULES if rule not in blind for finding in rule(case)]
    if not blind:
        found += _other_mismatch(case, found)
    return worst_first(found)


def _unknown(deployment: Deployment) -> set[str]:
    """Settings of which nothing can be said: hidden settings may be any that is not seen."""
    unknown = {*deployment.unread, *deployment.malformed}
    if not unknown & {REST, "config"}:
        return unknown
    has_rope = deployment.hf_overrides is not None or deployment.rope_scaling is not None
    unknown |= set() if has_rope else {"hf_overrides"}
    return unknown | (set() if deployment.max_model_len is not None else {"max_model_len"})


def worst_first(findings: list[Finding]) -> tuple[Finding, ...]:
    """Errors, then warnings, then advice, each in the order they were found."""
    return tuple(sorted(findings, key=lambda finding: _ORDER.index(finding.severity)))


def is_allowed(finding: Finding, allow: tuple[str, ...]) -> bool:
    """Whether a user has said that a finding is to stop nothing."""
    return finding.rule in allow or (finding.rule in MISMATCHES and ROPE_MISMATCH in allow)


def _other_mismatch(case: Case, found: list[Finding]) -> Iterator[Finding]:
    """Another table than the intended one, for a reason that no rule has named."""
    if any(f.severity is Severity.ERROR for f in found) or case.config.head_dim is None:
        return
    effective = case.effect.parameters
    if is_by_layer(case.intended) or not effective:
        return
    length = case.effect.effective.lengths.get("max_position_embeddings")
    shape = TableShape(head_dim=case.config.head_dim, max_position_embeddings=length)
    try:
        same = expected_table(effective, shape) == expected_table(case.intended, shape)
    except RopeError:
        return
    if not same:
        yield Finding(
            rule=ROPE_MISMATCH,
            severity=Severity.ERROR,
            what=f"vLLM {case.version} would run {dict(effective)}, {case.intended} is meant",
            why="the rotation is another one than was asked for",
            fix="give the whole set in hf_overrides.rope_parameters",
            setting="hf_overrides",
        )
