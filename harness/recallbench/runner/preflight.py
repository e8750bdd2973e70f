"""Checks the variants of a suite before any of them is started."""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from recallbench.domain import Variant
from recallbench.engines.host import gpu_memory_bytes
from recallbench.engines.server_arguments import deployment_arguments
from recallbench.engines.vllm_process import installed_vllm
from recallbench.errors import CheckpointError, PreflightError, RopeError, SuiteError
from recallbench.preflight import (
    MISMATCHES,
    ROPE_MISMATCH,
    RULE_NAMES,
    Case,
    Deployment,
    Finding,
    Severity,
    case_of,
    findings,
    is_allowed,
)
from recallbench.preflight.arguments import read_arguments
from recallbench.rope import (
    CheckpointConfig,
    RopeOverride,
    read_checkpoint,
    rope_override,
    versions,
)
from recallbench.rope.known_checkpoints import known_checkpoint
from recallbench.suite import RunPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedVariant:
    """A variant and what was found."""

    variant: Variant
    """As asked."""
    case: Case | None
    """What it comes to; None where its RoPE cannot be worked out."""
    findings: tuple[Finding, ...]
    """Worst first."""
    notes: tuple[str, ...] = ()
    """How values were chosen that the user did not give."""

    @property
    def stopping(self) -> tuple[Finding, ...]:
        """Errors that the variant does not allow."""
        return tuple(
            finding
            for finding in self.findings
            if finding.severity is Severity.ERROR and not is_allowed(finding, self.variant.allow)
        )


def check_plan(plan: RunPlan, paths: Mapping[str, str]) -> tuple[CheckedVariant, ...]:
    """Check each variant of a plan as it would be started; of an endpoint nothing is known.

    Raises:
        SuiteError: a variant allows a rule that there is not.
    """
    for planned in plan.variants:
        _refuse_unknown_rules(planned.variant)
    if plan.serving.is_endpoint:
        return ()
    budget, memory = plan.suite.budget.total_tokens, gpu_memory_bytes()
    return tuple(
        _checked(
            planned.variant,
            planned.override,
            planned.config,
            vllm_version=plan.serving.vllm_version,
            transformers_major=plan.serving.transformers_major,
            max_model_len=planned.max_model_len,
            longest_tokens=max(planned.lengths, default=0) + budget,
            weights_bytes=weights_bytes(paths.get(planned.variant.model, "")),
            gpu_memory=memory,
        )
        for planned in plan.variants
    )


def check_variant(
    variant: Variant,
    config: CheckpointConfig | None,
    *,
    vllm_version: str | None = None,
    longest_tokens: int | None = None,
    gpu_memory: int | None = None,
    weights: int | None = None,
) -> CheckedVariant:
    """Check one variant without a plan: neither tokenizer nor vLLM are needed.

    Raises:
        RopeError: ``vllm_version`` is no version.
        SuiteError: the variant's arguments are recallbench's to set, or it allows no rule.
    """
    _refuse_unknown_rules(variant)
    deployment_arguments(variant, max_model_len=None)
    installed = installed_vllm()
    running = vllm_version or (installed.version if installed else versions.NEWEST)
    versions.release(running)
    try:
        override = rope_override(variant.rope, config, running)
    except RopeError as error:
        return CheckedVariant(variant=variant, case=None, findings=(_unworkable(error),))
    served = variant.max_model_len or _scaled_length(variant, override)
    return _checked(
        variant,
        override,
        config,
        vllm_version=running,
        transformers_major=None,
        max_model_len=served,
        longest_tokens=longest_tokens,
        weights_bytes=weights,
        gpu_memory=gpu_memory_bytes() if gpu_memory is None else gpu_memory,
    )


def _refuse_unknown_rules(variant: Variant) -> None:
    for rule in variant.allow:
        if rule not in RULE_NAMES:
            close = difflib.get_close_matches(rule, RULE_NAMES, n=1)
            raise SuiteError(
                f"variant {variant.name}: there is no rule {rule!r} to allow"
                + (f" (did you mean {close[0]!r}?)" if close else "")
                + f"; there are {', '.join(sorted(RULE_NAMES))}"
            )


def refuse(checked: tuple[CheckedVariant, ...]) -> None:
    """Stop a run whose variants have errors that they do not allow.

    Raises:
        PreflightError: which, why, and what to do.
    """
    told = [
        f"{each.variant.name}: [{finding.rule}] {finding.what}: {finding.why}. Fix: {finding.fix}"
        for each in checked
        for finding in each.stopping
    ]
    if not told:
        return
    rules = {finding.rule for each in checked for finding in each.stopping}
    if rules & MISMATCHES:
        # The proof would stop each of them once more.
        rules = (rules - MISMATCHES) | {ROPE_MISMATCH}
    raise PreflightError(
        "nothing was started, as the check found errors:\n  "
        + "\n  ".join(told)
        + "\nMend them, leave the variant out (--variant), or go on all the same: "
        + " ".join(f"--allow {rule}" for rule in sorted(rules))
    )


def find_config(model: str, path: str) -> tuple[CheckpointConfig | None, tuple[str, ...]]:
    """A checkpoint's config from its folder or the hub, else the published one that is known.

    Raises:
        CheckpointError: neither is there, or a folder's config is broken: vLLM would read that.
    """
    known = known_checkpoint(model)
    try:
        return read_checkpoint(path), ()
    except CheckpointError as error:
        if known is None or Path(path).is_dir():
            raise
        reason = str(error).split(": ", 2)[-1].split(". ")[0]
        return known, (f"{model}: its published config as recallbench knows it ({reason})",)


def weights_bytes(path: str) -> int | None:
    """Size of a checkpoint's weights in a local folder; None elsewhere."""
    folder = Path(path)
    if not path or not folder.is_dir():
        return None
    return sum(file.stat().st_size for file in folder.glob("*.safetensors")) or None


def _checked(
    variant: Variant,
    override: RopeOverride | None,
    config: CheckpointConfig | None,
    *,
    vllm_version: str,
    transformers_major: int | None,
    max_model_len: int | None,
    longest_tokens: int | None,
    weights_bytes: int | None,
    gpu_memory: int | None,
) -> CheckedVariant:
    deployment = _deployment(variant, override, max_model_len)
    deployment = replace(deployment, torch_version=_torch_of(vllm_version))
    case = case_of(
        deployment,
        config,
        vllm_version=vllm_version,
        transformers_major=transformers_major,
        longest_tokens=longest_tokens,
    )
    return CheckedVariant(
        variant=variant,
        case=case,
        findings=findings(case, gpu_memory_bytes=gpu_memory, weights_bytes=weights_bytes),
        notes=override.reasons if override else (),
    )


def _deployment(
    variant: Variant, override: RopeOverride | None, max_model_len: int | None
) -> Deployment:
    """The variant as vLLM's command line and environment will have it."""
    given = read_arguments(variant.engine_args).deployment()
    env = {name: value for name, value in os.environ.items() if name.startswith("VLLM_")}
    return replace(
        given,
        model=variant.model,
        hf_overrides=override.hf_overrides if override else None,
        max_model_len=max_model_len,
        dtype=variant.dtype or given.dtype,
        kv_cache_dtype=variant.kv_cache_dtype or given.kv_cache_dtype,
        quantization=variant.quantization or given.quantization,
        env={**env, **dict(variant.engine_env)},
    )


def _torch_of(vllm_version: str) -> str | None:
    """The torch that this Python runs that vLLM with; CPU builds have pins of their own."""
    installed = installed_vllm()
    if installed is None or installed.is_cpu_build or installed.version != vllm_version:
        return None
    try:
        return version("torch")
    except PackageNotFoundError:
        return None


def _scaled_length(variant: Variant, override: RopeOverride) -> int | None:
    """What a run serves of itself: the scaled context; overrides as written are left as written."""
    if variant.rope.is_native or variant.rope.hf_overrides is not None:
        return None
    return override.context_limit


def _unworkable(error: RopeError) -> Finding:
    return Finding(
        rule="refused",
        severity=Severity.ERROR,
        what=str(error),
        why="there are no RoPE parameters to serve with",
        fix="correct the RoPE parameters",
        setting="hf_overrides",
    )
