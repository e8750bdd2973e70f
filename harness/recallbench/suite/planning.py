"""From a suite and what is known of its models to the plan of a run. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from recallbench.domain import Grid, Trial, Variant
from recallbench.errors import SuiteError
from recallbench.rope import CheckpointConfig, RopeClaim, RopeOverride, TableShape, rope_override
from recallbench.rope.cos_sin import is_by_layer
from recallbench.suite.resolved import Suite
from recallbench.suite.trials import ladder_digest, trials_named, trials_of

DEFAULT_LENGTHS = (8_000, 16_000, 32_000, 64_000, 128_000)
"""Prompt lengths of a run that names none; those that fit are taken."""
GIB = 1 << 30
_LADDER_REST_TOKENS = 384
"""Of a ladder's prompt: its question, and the rest of two blocks of a CPU host's KV cache."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving:
    """What is known of the engine before it is started."""

    vllm_version: str
    """Version that overrides are written for."""
    transformers_major: int | None = None
    """4 or 5; None is what comes with that vLLM."""
    is_endpoint: bool = False
    """Whether a standing server is asked; then its RoPE and length are as deployed."""
    endpoint_limit: int | None = None
    """The standing server's ``max_model_len``, where it tells."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedVariant:
    """A variant with all that follows from its model."""

    variant: Variant
    """As asked."""
    override: RopeOverride | None
    """RoPE to serve with; None for an endpoint, where it is as deployed."""
    max_model_len: int | None
    """Context length to serve, in tokens; None where an endpoint does not tell."""
    context_limit: int | None
    """Longest context it could serve, in tokens; None is unknown."""
    lengths: tuple[int, ...]
    """The grid's lengths it is asked."""
    left_out: tuple[int, ...]
    """The grid's lengths that do not fit its context, or that the variant leaves out."""
    kv_bytes_per_token: int | None
    """KV cache bytes a token takes, where the config tells."""
    config: CheckpointConfig | None = None
    """The checkpoint's config, where there is one."""

    @property
    def claim(self) -> RopeClaim | None:
        """What the engine's rotary tables are held against; None where nothing is known of them."""
        if self.override is None or self.config is None or self.config.head_dim is None:
            return None
        length = self.override.sent_length or self.config.max_position_embeddings
        asked, local_base = self.override.rope_parameters, self.config.local_base
        if local_base is not None and not is_by_layer(asked):
            local = {"rope_type": "default", "rope_theta": local_base}
            asked = {"full_attention": asked, "sliding_attention": local}
        return RopeClaim(
            asked=asked,
            shape=TableShape(head_dim=self.config.head_dim, max_position_embeddings=length),
        )

    @property
    def reasons(self) -> tuple[str, ...]:
        """How values were chosen that the user did not give, and what is left out."""
        reasons = list(self.override.reasons) if self.override else []
        if self.left_out:
            lengths = ", ".join(f"{length:,}" for length in self.left_out)
            why = (
                f"its context is {self.context_limit:,}"
                if self.variant.lengths is None and self.context_limit
                else "its lengths leave them out"
            )
            reasons.append(f"not asked at {lengths} tokens: {why}")
        return tuple(reasons)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPlan:
    """Everything a run will do."""

    suite: Suite
    """The suite it is of."""
    grid: Grid
    """Cells and repeats."""
    trials: tuple[Trial, ...]
    """All trials that may be asked, in their order; a gate may settle before the last."""
    variants: tuple[PlannedVariant, ...]
    """In the order they are started."""
    serving: Serving
    """What was known of the engine."""

    def trials_for(self, planned: PlannedVariant) -> tuple[Trial, ...]:
        """The trials one variant is asked."""
        return tuple(trial for trial in self.trials if trial.length_tokens in planned.lengths)

    def kv_cache_gib(self, planned: PlannedVariant) -> int:
        """Whole GiB of KV cache that hold the requests in flight and one of full length."""
        if not planned.kv_bytes_per_token or not planned.lengths or not planned.max_model_len:
            return 1
        form = self.suite.form
        in_flight = form.concurrency * max(planned.lengths)
        if form.prompt.layout == "ladder":  # one haystack in use, and the next one on its way
            answers = self.suite.budget.total_tokens + _LADDER_REST_TOKENS
            followers = min(form.concurrency, 2 * len(planned.lengths) * len(self.grid.depths))
            in_flight = max(planned.lengths) + followers * answers
        tokens = max(in_flight, planned.max_model_len) + planned.max_model_len
        return -(-tokens * planned.kv_bytes_per_token // GIB)


def plan_run(
    suite: Suite, configs: Mapping[str, CheckpointConfig | None], serving: Serving
) -> RunPlan:
    """Decide lengths and contexts.

    Args:
        suite: what was asked.
        configs: by model name; None where a model folder holds only a tokenizer.
        serving: what is known of the engine.

    Raises:
        SuiteError: a length fits no variant.
        RopeError: a variant's RoPE cannot be served.
    """
    asked = suite.form.grid.lengths
    drafts = [_draft(variant, configs.get(variant.model), serving) for variant in suite.variants]
    lengths = tuple(asked) if asked else _default_lengths(suite, drafts)
    variants = tuple(_planned(draft, suite, lengths) for draft in drafts)
    grid, trials = _trials(suite, lengths)
    asked_for = {trial.length_tokens for trial in trials}
    _refuse_unserved(suite, tuple(n for n in lengths if n in asked_for), variants)
    return RunPlan(
        suite=suite,
        grid=grid,
        trials=trials,
        variants=variants,
        serving=serving,
    )


def _trials(suite: Suite, lengths: tuple[int, ...]) -> tuple[Grid, tuple[Trial, ...]]:
    form = suite.form.grid
    grid = Grid(lengths=lengths, depths=tuple(form.depths), trials=form.trials)
    recipe = suite.recipe_digest
    if suite.form.prompt.layout == "ladder":
        recipe = ladder_digest(recipe, grid)
    if form.only is not None:
        trials = trials_named(form.only, grid, recipe)
        return replace(grid, only=tuple((t.length_tokens, t.depth) for t in trials)), trials
    gate = suite.gate
    most = gate.max_trials if gate and gate.until_decided else form.trials
    return grid, trials_of(replace(grid, trials=max(most, form.trials)), recipe)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Draft:
    """A variant before lengths are known."""

    variant: Variant
    config: CheckpointConfig | None
    override: RopeOverride | None
    limit: int | None
    """Longest context it can serve; None is unknown."""


def _draft(variant: Variant, config: CheckpointConfig | None, serving: Serving) -> _Draft:
    if serving.is_endpoint:
        return _Draft(variant=variant, config=config, override=None, limit=serving.endpoint_limit)
    override = rope_override(variant.rope, config, serving.vllm_version, serving.transformers_major)
    limit = variant.max_model_len or override.context_limit
    return _Draft(variant=variant, config=config, override=override, limit=limit)


def _default_lengths(suite: Suite, drafts: list[_Draft]) -> tuple[int, ...]:
    budget = suite.budget.total_tokens
    fit = tuple(
        length
        for length in DEFAULT_LENGTHS
        if any(draft.limit is None or length + budget <= draft.limit for draft in drafts)
    )
    if not fit:
        limits = ", ".join(f"{draft.variant.name}: {draft.limit:,}" for draft in drafts)
        raise SuiteError(
            f"none of the default lengths fits (the shortest is {DEFAULT_LENGTHS[0]:,} tokens and "
            f"needs {budget:,} more for the answer; contexts are {limits}); give --length"
        )
    return fit


def _planned(draft: _Draft, suite: Suite, lengths: tuple[int, ...]) -> PlannedVariant:
    budget = suite.budget.total_tokens
    wanted = draft.variant.lengths or lengths
    fit = tuple(
        length
        for length in lengths
        if length in wanted and (draft.limit is None or length + budget <= draft.limit)
    )
    return PlannedVariant(
        variant=draft.variant,
        override=draft.override,
        max_model_len=_served_length(draft, fit, budget),
        context_limit=draft.limit,
        lengths=fit,
        left_out=tuple(length for length in lengths if length not in fit),
        kv_bytes_per_token=draft.config.kv_bytes_per_token if draft.config else None,
        config=draft.config,
    )


def _served_length(draft: _Draft, lengths: tuple[int, ...], budget: int) -> int | None:
    """What the user said; else the whole scaled context, as it would be deployed; else the need."""
    if draft.override is None or draft.variant.max_model_len:
        return draft.limit
    if not draft.variant.rope.is_native and draft.limit:
        return draft.limit
    return max(lengths, default=0) + budget


def _refuse_unserved(
    suite: Suite, lengths: tuple[int, ...], variants: tuple[PlannedVariant, ...]
) -> None:
    served = {length for planned in variants for length in planned.lengths}
    unserved = [length for length in lengths if length not in served]
    if unserved:
        contexts = "; ".join(
            f"{planned.variant.name}: {planned.context_limit or 0:,}" for planned in variants
        )
        raise SuiteError(
            f"length {unserved[-1]:,}: with {suite.budget.total_tokens:,} tokens for the answer it "
            f"fits no variant (contexts in tokens: {contexts}); ask for less, or stretch the "
            "context (--factor)"
        )
    idle = [planned.variant.name for planned in variants if not planned.lengths]
    if idle:
        raise SuiteError(
            f"variant {idle[0]}: none of the lengths {', '.join(f'{n:,}' for n in lengths)} fits "
            "its context; ask for shorter ones, raise its max_model_len, or leave the variant out"
        )
