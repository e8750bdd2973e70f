"""Rules about the scaling itself: the wrong one, one too much, or one that does nothing."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil

from recallbench.preflight.case import Case
from recallbench.preflight.finding import Finding, Severity
from recallbench.preflight.spelling import fixed_arguments
from recallbench.rope import versions
from recallbench.rope.asked import original_length
from recallbench.rope.reach import EXTENDING_TYPES, YARN_TYPES

_TRAINED_IN = frozenset({"llama3", "longrope", "su"})
_MUCH = 1.5
_LONG_ALREADY = 100_000


def wrong_original(case: Case) -> Iterator[Finding]:
    """YaRN blends frequencies by the trained length: another one spoils all of them."""
    written, known = case.written, original_length(case.config)
    given = written[1].get("original_max_position_embeddings") if written else None
    kind = str(case.intended.get("rope_type"))
    if not isinstance(given, int) or known is None or kind not in YARN_TYPES or given == known[0]:
        return
    trained, source = known
    as_config = given == case.native_length
    yield Finding(
        rule="original-wrong",
        severity=Severity.WARNING if as_config else Severity.ERROR,
        what=f"original_max_position_embeddings is {given:,}; the checkpoint's is {trained:,} "
        f"({source})",
        why="YaRN decides by it which frequencies are stretched: with another one the model sees "
        "positions it was not trained on, at every length",
        fix=f"write original_max_position_embeddings: {trained}, and a factor of the wanted length "
        "over that",
        setting="hf_overrides",
    )


def wrong_base(case: Case) -> Iterator[Finding]:
    """Scaling that replaces what was trained in, or aims below or far above what is served."""
    written, native = case.written, case.native_length
    if written is None or case.target_length is None or native is None:
        return
    own = str(case.config.rope_parameters.get("rope_type", "default"))
    if own in _TRAINED_IN and case.intended.get("rope_type") != own:
        yield Finding(
            rule="trained-scaling-replaced",
            severity=Severity.ERROR,
            what=f"the checkpoint was trained with {own} scaling for {native:,} tokens; the "
            f"override replaces it by {case.intended.get('rope_type')}",
            why="the frequencies are no longer the trained ones, and recall falls at every length",
            fix=f"leave out the override: {native:,} tokens are native",
            setting="hf_overrides",
        )
    elif native >= _LONG_ALREADY and case.target_length > 2 * native:
        yield Finding(
            rule="factor-wrong-base",
            severity=Severity.WARNING,
            what=f"the factor is applied to a native context of {native:,} tokens and aims at "
            f"{case.target_length:,}",
            why="a factor of 4 is the recipe for a context of 32,768; no recall is known so far "
            "beyond a native one of this length",
            fix="take the wanted length over the native one as the factor, or leave it out",
            setting="hf_overrides",
        )


def not_needed(case: Case) -> Iterator[Finding]:
    """Scaling where the checkpoint serves the length as it is; short prompts pay for it."""
    target, native, wanted = case.target_length, case.native_length, case.wanted_length
    if case.written is None or target is None or native is None or wanted is None:
        return
    if case.intended.get("factor") == case.config.rope_parameters.get("factor"):
        return
    trained = (original_length(case.config) or (native, ""))[0]
    if wanted <= max(native, trained):
        yield Finding(
            rule="scaling-not-needed",
            severity=Severity.WARNING,
            what=f"{wanted:,} tokens are wanted and the checkpoint serves {native:,} as it is; the "
            f"override stretches it to {target:,}",
            why="vLLM scales at every length, also where it is not needed: short prompts lose "
            "recall for nothing",
            fix="leave out the scaling",
            setting="hf_overrides",
        )
    elif case.deployment.max_model_len and target > wanted * _MUCH:
        yield _larger_than_needed(case, wanted, trained)


def _larger_than_needed(case: Case, wanted: int, trained: int) -> Finding:
    needed = ceil(2 * wanted / trained) / 2
    return Finding(
        rule="factor-too-large",
        severity=Severity.WARNING,
        what=f"factor {case.intended.get('factor'):g} stretches to {case.target_length:,} tokens "
        f"and {wanted:,} are served",
        why="vLLM scales at every length: the larger the factor, the more short prompts lose",
        fix=f"a factor of {needed:g} over {trained:,} is enough",
        setting="hf_overrides",
    )


def longer_than_asked(case: Case) -> Iterator[Finding]:
    """A factor larger than the lengths that will be asked need."""
    target, longest = case.target_length, case.longest_tokens
    trained = original_length(case.config)
    if target is None or longest is None or trained is None or case.written is None:
        return
    if target <= longest * _MUCH:
        return
    enough = (
        f"a factor of {ceil(2 * longest / trained[0]) / 2:g} would do for these lengths"
        if longest > trained[0]
        else "these lengths need no scaling"
    )
    yield Finding(
        rule="factor-larger-than-asked",
        severity=Severity.ADVICE,
        what=f"the scaling reaches {target:,} tokens and the longest prompt asked takes "
        f"{longest:,}",
        why="short prompts pay for a factor that nothing here needs",
        fix=enough,
        setting="hf_overrides",
    )


def dynamic_does_nothing(case: Case) -> Iterator[Finding]:
    """From 0.22 on ``dynamic`` scales by max_position_embeddings over itself."""
    parameters = case.effect.parameters
    still = case.engine.version >= versions.DYNAMIC_IS_STATIC
    if parameters.get("rope_type") != "dynamic" or not still or "alpha" in parameters:
        return
    if "max_trained_positions" in parameters:
        return
    yield Finding(
        rule="dynamic-does-nothing",
        severity=Severity.ERROR,
        what=f"dynamic scaling without max_trained_positions leaves the rotation as it is on vLLM "
        f"{case.version}",
        why="the context is extended and the table is not: behind the native length it reads "
        "foreign memory",
        fix=f"use {fixed_arguments(case)}, or yarn",
        setting="hf_overrides",
    )


def multimodal_blend(case: Case) -> Iterator[Finding]:
    """Tables of multimodal models were made 4 times as long, and YaRN blended by that length."""
    parameters = case.effect.parameters
    is_old = case.engine.version < versions.MROPE_BLENDS_RIGHT
    if parameters.get("rope_type") == "yarn" and "mrope_section" in parameters and is_old:
        yield Finding(
            rule="multimodal-blend",
            severity=Severity.ERROR,
            what=f"vLLM {case.version} blends YaRN by 4 times "
            "original_max_position_embeddings where a model has mrope_section",
            why="frequencies in the middle are stretched that should be kept: the table is another "
            "one than was asked for, from the first positions on",
            fix="take vLLM 0.32 or later",
            setting="hf_overrides",
        )


def double_scaling(case: Case) -> Iterator[Finding]:
    """A length that is raised by hand and multiplied by the factor once more."""
    raised = case.effect.effective.lengths.get("max_position_embeddings")
    kind, native = case.effect.parameters.get("rope_type"), case.native_length
    target, served = case.target_length, case.effect.max_model_len
    if kind not in EXTENDING_TYPES or native is None or raised is None or raised <= native:
        return
    if target is None or served is None or served <= target:
        return
    yield Finding(
        rule="double-scaling",
        severity=Severity.ERROR,
        what=f"max_position_embeddings is raised to {raised:,} and {kind} multiplies it by its "
        f"factor again: {served:,} tokens are served, {target:,} are meant",
        why="prompts of more than the scaling is for are accepted and not recalled",
        fix="leave out max_position_embeddings; the factor extends the context by itself",
        setting="hf_overrides",
    )


def extrapolated(case: Case) -> Iterator[Finding]:
    """A length that is raised without any scaling."""
    raised = case.effect.effective.lengths.get("max_position_embeddings")
    native, served = case.native_length, case.effect.max_model_len
    if native is None or raised is None or raised <= native or case.target_length is not None:
        return
    if served is not None and served > native:
        model, factor = case.deployment.model or case.config.source, ceil(served / native)
        yield Finding(
            rule="length-without-scaling",
            severity=Severity.ERROR,
            what=f"max_position_embeddings is raised from {native:,} to {raised:,} and the RoPE is "
            "not scaled",
            why=f"positions behind {native:,} turn further than any in training: recall falls to "
            "nothing there",
            fix=f"scale the RoPE, for example recallbench plan --model {model} --factor {factor}",
            setting="hf_overrides",
        )
