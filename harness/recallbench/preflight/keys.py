"""Rules about how a RoPE is written: keys that this vLLM ignores, replaces or refuses."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import Any

from recallbench.preflight.case import Case
from recallbench.preflight.finding import Finding, Severity
from recallbench.preflight.spelling import fixed_arguments
from recallbench.rope import versions
from recallbench.rope.effect import NEW_MAGNITUDES, OLD_MAGNITUDES
from recallbench.rope.frequencies import yarn_magnitude
from recallbench.rope.intent import ROPE_KEYS, is_misspelled

INNER_KEYS = frozenset(
    {
        *("rope_type", "type", "rope_theta", "factor", "original_max_position_embeddings"),
        *("beta_fast", "beta_slow", "truncate", "partial_rotary_factor", "rope_dim"),
        *("low_freq_factor", "high_freq_factor", "short_factor", "long_factor"),
        *("short_mscale", "long_mscale", "mixed_b", "alpha", "max_trained_positions"),
        *("mrope_section", "mrope_interleaved", "dual_chunk_attention_config"),
        *("full_attention", "sliding_attention", "chunked_attention"),
        *NEW_MAGNITUDES,
        *OLD_MAGNITUDES,
    }
)
"""Keys of RoPE parameters that some vLLM reads."""
_ROTATION_KEYS = frozenset({"partial_rotary_factor", "mrope_section", "mrope_interleaved"})


def removed_flags(case: Case) -> Iterator[Finding]:
    """--rope-scaling and --rope-theta, which 0.11.1 dropped."""
    gone = case.engine.version >= versions.FLAGS_GONE
    for setting in ("rope_scaling", "rope_theta"):
        is_given = getattr(case.deployment, setting) is not None
        if not is_given and setting not in {*case.deployment.unread, *case.deployment.malformed}:
            continue
        flag = f"--{setting.replace('_', '-')}"
        yield Finding(
            rule="flag-removed" if gone else "flag-deprecated",
            severity=Severity.ERROR if gone else Severity.WARNING,
            what=f"{flag} is given"
            + (f", which vLLM {case.version} does not have" if gone else ", on its way out"),
            why="the server does not start: unrecognized arguments"
            if gone
            else "vLLM 0.11.1 and later do not start with it, so the next upgrade breaks",
            fix=f"use {fixed_arguments(case)}",
            setting=setting,
        )


def ignored_keys(case: Case) -> Iterator[Finding]:
    """Overrides that this version does not read, or at this level."""
    for path in case.effect.effective.ignored:
        by_flag = path == "rope_theta" and case.deployment.rope_theta is not None
        if path.endswith(".type") or by_flag:
            continue
        yield Finding(
            rule="key-ignored",
            severity=Severity.ERROR,
            what=f"hf_overrides.{path} has no effect on vLLM {case.version}{_level(case, path)}",
            why="the server starts and answers with the checkpoint's own RoPE: nothing behind its "
            "native length is recalled",
            fix=f"use {fixed_arguments(case)}",
            setting="hf_overrides",
        )


def deprecated_key(case: Case) -> Iterator[Finding]:
    """``rope_scaling`` where it is only an alias that transformers 5 still knows."""
    for path, room in (("", case.overrides), ("text_config.", case.overrides.get("text_config"))):
        if not isinstance(room, Mapping) or "rope_scaling" not in room:
            continue
        is_read = f"{path}rope_scaling" not in case.effect.effective.ignored
        if not is_read or case.engine.version < versions.RENAMED or room["rope_scaling"] is None:
            continue
        yield Finding(
            rule="key-deprecated",
            severity=Severity.WARNING,
            what=f"hf_overrides.{path}rope_scaling is the old name of rope_parameters",
            why="vLLM 0.12 to 0.19 ignore it without a word, and later ones wherever transformers "
            "4 is installed",
            fix=f"use {fixed_arguments(case)}",
            setting="hf_overrides",
        )


def _level(case: Case, path: str) -> str:
    if case.config.is_nested and "." not in path:
        return ": the text model's config stands under text_config"
    if path == "rope_scaling":
        return ": with transformers 4 models read rope_parameters alone"
    if path == "rope_parameters":
        return ": before 0.12 models read rope_scaling"
    return ": the base is read from rope_parameters" if path == "rope_theta" else ""


def lost_keys(case: Case) -> Iterator[Finding]:
    """A dict override replaces: what it leaves out is gone."""
    written = case.written
    for key, held in case.effect.effective.lost.items():
        if key == "rope_theta":
            yield _lost_theta(case, float(held))
        elif key in _ROTATION_KEYS:
            yield Finding(
                rule="rotation-lost",
                severity=Severity.ERROR,
                what=f"the override leaves out {key}, which the checkpoint has as {held}",
                why="vLLM replaces the whole dict: other dimensions are rotated than in training, "
                "and recall is gone at every length",
                fix=f"use {fixed_arguments(case)}",
                setting="hf_overrides",
            )
    replaces = case.engine.version >= versions.RENAMED and written is not None
    if not case.is_known and replaces and not case.config.is_nested:
        assert written is not None, "checked above"  # noqa: S101 - an invariant
        if "rope_theta" not in written[1] and written[0] in case.engine.rope_keys:
            yield _unknown_theta(written[0])


def _lost_theta(case: Case, held: float) -> Finding:
    base = case.effect.base
    same = base == held
    return Finding(
        rule="theta-lost",
        severity=Severity.ADVICE if same else Severity.ERROR,
        what=f"the override leaves out rope_theta: the base becomes {base:,.0f}, the checkpoint's "
        f"is {held:,.0f}",
        why="the model's code happens to fill in the same base; with another checkpoint it would "
        "not"
        if same
        else "vLLM replaces the whole dict: every frequency is wrong, and recall falls at every "
        "length",
        fix=f"use {fixed_arguments(case)}",
        setting="hf_overrides",
    )


def _unknown_theta(path: str) -> Finding:
    return Finding(
        rule="theta-lost",
        severity=Severity.WARNING,
        what=f"hf_overrides.{path} has no rope_theta, and the checkpoint's config is not at hand",
        why="vLLM replaces the whole dict: the base becomes 10,000 unless the model's code sets "
        "another, and recall falls at every length",
        fix=f"add the checkpoint's rope_theta to {path}",
        setting="hf_overrides",
    )


def legacy_type(case: Case) -> Iterator[Finding]:
    """``type`` is the old name of ``rope_type``."""
    written = case.written
    if written is None or "type" not in written[1] or "rope_type" in written[1]:
        return
    path, kind = written[0], written[1]["type"]
    nested = path.startswith("text_config.")
    works = case.engine.version < versions.FLAGS_GONE
    harm = (
        "rope_type stays what the checkpoint has: the scaling is not applied, without any error"
        if nested
        else "the server does not start: KeyError 'rope_type'"
    )
    yield Finding(
        rule="legacy-type",
        severity=Severity.WARNING if works else Severity.ERROR,
        what=f"hf_overrides.{path} says type: {kind}, the old name of rope_type",
        why="vLLM 0.11.1 and later do not take it" if works else harm,
        fix=f"use {fixed_arguments(case)}",
        setting="hf_overrides",
    )


def typos(case: Case) -> Iterator[Finding]:
    """Keys that nothing reads, at the top and inside of the RoPE parameters."""
    for key, value in case.overrides.items():
        if is_misspelled(key, value):
            close = difflib.get_close_matches(key, ROPE_KEYS, n=1, cutoff=0.5)[0]
            yield _typo(f"hf_overrides.{key}", close, "the whole scaling is ignored")
    written = case.written
    for key in sorted((written[1].keys() if written else set()) - INNER_KEYS):
        assert written is not None, "there are keys"  # noqa: S101 - an invariant
        guess = difflib.get_close_matches(str(key), INNER_KEYS, n=1, cutoff=0.7)
        yield _typo(
            f"hf_overrides.{written[0]}.{key}", guess[0] if guess else None, "it is ignored"
        )


def _typo(path: str, meant: str | None, harm: str) -> Finding:
    return Finding(
        rule="typo" if meant else "unknown-key",
        severity=Severity.ERROR if meant else Severity.WARNING,
        what=f"{path} is no key that vLLM reads{f'; {meant} is' if meant else ''}",
        why=f"vLLM says nothing about it: {harm}",
        fix=f"write {meant}" if meant else "leave it out, or correct it",
        setting="hf_overrides",
    )


def magnitude_keys(case: Case) -> Iterator[Finding]:
    """YaRN's attention scaling by a key that this version does not read."""
    parameters: Mapping[str, Any] = case.effect.effective.parameters
    unread = sorted(parameters.keys() - case.effect.parameters.keys())
    if parameters.get("rope_type") != "yarn" or not unread or case.effect.failure:
        return
    asked, runs = yarn_magnitude(parameters), yarn_magnitude(case.effect.parameters)
    other = asked != runs or "extrapolation_factor" in unread
    yield Finding(
        rule="magnitude-ignored",
        severity=Severity.ERROR if other else Severity.ADVICE,
        what=f"vLLM {case.version} does not read {', '.join(unread)}: the attention is scaled by "
        f"{runs:.4g}, {asked:.4g} was meant",
        why="the same override scales attention differently before and from 0.30 on; recall at "
        "long lengths depends on it"
        if other
        else "it makes no difference with these values",
        fix=f"use {fixed_arguments(case)}",
        setting="hf_overrides",
    )


def stray_lengths(case: Case) -> Iterator[Finding]:
    """Lengths inside the overrides: one does nothing, the other more than is meant."""
    inside = case.overrides.get("max_model_len")
    if inside is not None:
        served = case.effect.max_model_len
        right = served is not None and served == inside
        serves = f"the server serves {served:,} tokens" if served else "it is not the served length"
        yield Finding(
            rule="max-model-len-inside",
            severity=Severity.WARNING if right else Severity.ERROR,
            what=f"hf_overrides has max_model_len: {inside}, which is an engine argument and no "
            "key of a config",
            why=f"it has no effect: {serves}",
            fix=f"leave it out and give --max-model-len {inside}",
            setting="hf_overrides",
        )
    stray = case.overrides.get("model_max_length")
    if isinstance(stray, int):
        yield Finding(
            rule="model-max-length",
            severity=Severity.ERROR
            if case.effect.rows is None or stray > case.effect.rows
            else Severity.WARNING,
            what=f"hf_overrides has model_max_length: {stray:,}, which overrules the model's "
            "length and scales nothing",
            why="vLLM serves that many tokens, with a RoPE that does not reach there",
            fix="leave it out; scale the RoPE and give --max-model-len",
            setting="hf_overrides",
        )
