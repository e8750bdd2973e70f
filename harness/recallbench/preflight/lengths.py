"""Rules about the served length: refused, shorter than meant, or past the rotary table."""

from __future__ import annotations

from collections.abc import Iterator

from recallbench.preflight.case import ALLOW_LONG, Case
from recallbench.preflight.finding import Finding, Severity
from recallbench.preflight.spelling import fixed_arguments
from recallbench.rope import versions


def refused(case: Case) -> Iterator[Finding]:
    """What the engine itself refuses, by the name of its kind."""
    failure = case.effect.failure
    if failure is None or "'rope_type'" in failure:
        return
    if "greater than the derived" in failure:
        yield _too_long(case)
        return
    rule = "missing-original" if "original_max_position_embeddings" in failure else "refused"
    yield Finding(
        rule=rule,
        severity=Severity.ERROR,
        what=f"vLLM {case.version} does not start with these RoPE parameters: {failure}",
        why="nothing is served",
        fix=f"use {fixed_arguments(case)}",
        setting="hf_overrides",
    )


def _too_long(case: Case) -> Finding:
    asked, derived = case.deployment.max_model_len or 0, case.effect.derived_length or 0
    target = case.target_length
    if target is not None and target >= asked:
        stopped = case.engine.version >= versions.YARN_STOPPED_EXTENDING
        cause = "from 0.30 on YaRN's factor does not extend the context"
        why = f"{cause if stopped else 'the scaling is not in effect'}: the server does not start"
        fix = f"use {fixed_arguments(case)}"
    else:
        why = "the server does not start"
        fix = f"serve at most {derived:,} tokens, or scale the RoPE to {asked:,}"
    return Finding(
        rule="longer-than-derived",
        severity=Severity.ERROR,
        what=f"--max-model-len {asked} is more than the {derived:,} tokens that vLLM "
        f"{case.version} derives",
        why=why,
        fix=fix,
        setting="max_model_len",
    )


def not_extended(case: Case) -> Iterator[Finding]:
    """YaRN that leaves the served length where it was."""
    served, target = case.effect.max_model_len, case.target_length
    asked = case.deployment.max_model_len
    if served is None or target is None or asked not in {None, -1} or served >= target:
        return
    if case.engine.version >= versions.YARN_STOPPED_EXTENDING:
        yield Finding(
            rule="length-not-extended",
            severity=Severity.ERROR,
            what=f"the scaling is for {target:,} tokens and vLLM {case.version} serves {served:,}",
            why="from 0.30 on the factor does not extend the context: longer prompts are refused, "
            "and short ones pay for the scaling",
            fix=f"use {fixed_arguments(case)}",
            setting="hf_overrides",
        )


def unknown_length(case: Case) -> Iterator[Finding]:
    """The same where the checkpoint's length is not at hand."""
    target, asked = case.target_length, case.deployment.max_model_len
    raised = "max_position_embeddings" in {**case.overrides, **_nested(case)}
    new = case.engine.version >= versions.YARN_STOPPED_EXTENDING
    if case.is_known or not new or target is None or raised or "yarn" not in _kind(case):
        return
    if case.allows_long:
        return
    yield Finding(
        rule="length-not-extended",
        severity=Severity.WARNING,
        what=f"the scaling is for {target:,} tokens and the overrides leave "
        "max_position_embeddings as the checkpoint has it",
        why=f"from 0.30 on the factor does not extend the context: unless the checkpoint says "
        f"{asked or target:,} already, vLLM {case.version} "
        + ("does not start" if asked else "serves no more than it says"),
        fix=f'add "max_position_embeddings": {target} to the overrides',
        setting="hf_overrides",
    )


def _kind(case: Case) -> str:
    return str(case.intended.get("rope_type"))


def _nested(case: Case) -> dict[str, object]:
    nested = case.overrides.get("text_config")
    return dict(nested) if isinstance(nested, dict) else {}


def past_the_table(case: Case) -> Iterator[Finding]:
    """Positions behind the cos/sin table, which nothing in vLLM checks."""
    served, rows = case.effect.max_model_len, case.effect.rows
    if served is None or rows is None or served <= rows:
        return
    yield Finding(
        rule="past-the-table",
        severity=Severity.ERROR,
        what=f"vLLM would serve {served:,} tokens with a cos/sin table of {rows:,} positions",
        why="behind the table it reads foreign memory: garbage or token 0 in eager mode, a dead "
        "engine when compiled; the answer is 200 until then",
        fix=f"serve at most {rows:,} tokens, or scale the RoPE to {served:,}",
        setting=ALLOW_LONG if case.allows_long else "max_model_len",
    )


def allowed_long(case: Case) -> Iterator[Finding]:
    """The switch that silences vLLM's own check."""
    derived, served = case.effect.derived_length, case.effect.max_model_len
    asked, target = case.deployment.max_model_len, case.target_length
    if not case.allows_long or (derived is None and asked and (target or 0) >= asked):
        return
    if derived is None or served is None:
        yield Finding(
            rule="allow-long",
            severity=Severity.WARNING,
            what=f"{ALLOW_LONG}=1 is set, and the checkpoint's length is not at hand",
            why="vLLM no longer refuses a length that its rotary table does not reach",
            fix=f"leave out {ALLOW_LONG}; scale the RoPE where more is needed",
            setting=ALLOW_LONG,
        )
    elif served <= derived:
        yield Finding(
            rule="allow-long",
            severity=Severity.ADVICE,
            what=f"{ALLOW_LONG}=1 is set and not needed: {served:,} of {derived:,} tokens",
            why="the next longer --max-model-len would run past the table without a word",
            fix=f"leave out {ALLOW_LONG}",
            setting=ALLOW_LONG,
        )
    elif served > derived and (case.effect.rows or 0) >= served:
        yield Finding(
            rule="allow-long",
            severity=Severity.ADVICE,
            what=f"{ALLOW_LONG}=1 serves {served:,} tokens where vLLM derives {derived:,}",
            why="the table is long enough; vLLM's own check is off all the same",
            fix=f"use {fixed_arguments(case)} and leave out {ALLOW_LONG}",
            setting=ALLOW_LONG,
        )
