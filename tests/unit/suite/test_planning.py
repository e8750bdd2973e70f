"""Lengths that fit, contexts to serve and what the KV cache must hold, decided before any start."""

from __future__ import annotations

from typing import Any

import pytest

from recallbench.errors import SuiteError
from recallbench.rope import CheckpointConfig, RopeClaim, TableShape, parse_config
from recallbench.suite import RunPlan, Serving, parse_suite, plan_run, resolve

RAW: dict[str, Any] = {
    "model_type": "qwen3",
    "num_hidden_layers": 36,
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
    "head_dim": 128,
    "dtype": "bfloat16",
    "max_position_embeddings": 40960,
    "rope_theta": 1e6,
}
LOCAL = Serving(vllm_version="0.32.0")


def plan(
    *variants: dict[str, Any],
    lengths: list[int] | None = None,
    config: CheckpointConfig | None = parse_config(RAW, "m"),  # noqa: B008 - frozen
    serving: Serving = LOCAL,
    **keys: Any,
) -> RunPlan:
    form = {"suite": "s", "model": "m", "grid": {"lengths": lengths, "trials": 2}, **keys}
    if variants:
        form["variants"] = list(variants)
    return plan_run(resolve(parse_suite(form, "test")), {"m": config}, serving)


@pytest.mark.parametrize(
    ("rope", "lengths"),
    [
        ("native", (8_000, 16_000, 32_000)),
        (2, (8_000, 16_000, 32_000, 64_000)),
        (4, (8_000, 16_000, 32_000, 64_000, 128_000)),
    ],
)
def test_without_lengths_those_that_fit_with_the_answer_are_taken(
    rope: Any, lengths: tuple[int, ...]
) -> None:
    assert plan({"name": "v", "rope": rope}).grid.lengths == lengths


def test_the_answer_must_fit_behind_the_prompt() -> None:
    exact = plan({"name": "v"}, lengths=[40960 - 64])

    assert exact.variants[0].max_model_len == 40960
    with pytest.raises(SuiteError, match=r"length 40,897: with 64 tokens.*v: 40,960.*--factor"):
        plan({"name": "v"}, lengths=[40960 - 63])


def test_a_model_too_short_for_every_default_is_told_of_with_numbers() -> None:
    short = parse_config({**RAW, "max_position_embeddings": 2048}, "m")

    with pytest.raises(SuiteError, match=r"8,000.*64 more.*v: 2,048.*--length"):
        plan({"name": "v"}, config=short)


def test_variants_are_asked_the_same_trials_where_they_fit() -> None:
    made = plan({"name": "native"}, {"name": "yarn4", "rope": 4}, lengths=[8_000, 64_000])
    native, yarn = made.variants

    assert (native.lengths, native.left_out) == ((8_000,), (64_000,))
    assert (yarn.lengths, yarn.left_out) == ((8_000, 64_000), ())
    assert native.reasons == ("not asked at 64,000 tokens: its context is 40,960",)
    asked = set(made.trials_for(native))
    assert asked < set(made.trials_for(yarn)) == set(made.trials)


def test_a_variants_own_lengths_are_kept_to() -> None:
    made = plan({"name": "a", "lengths": [8_000]}, {"name": "b"}, lengths=[8_000, 9_000])

    assert made.variants[0].lengths == (8_000,)
    assert made.variants[0].reasons == ("not asked at 9,000 tokens: its lengths leave them out",)


def test_a_variant_that_fits_nothing_is_refused_by_name() -> None:
    with pytest.raises(SuiteError, match=r"variant native: none of the lengths 64,000"):
        plan({"name": "native"}, {"name": "yarn4", "rope": 4}, lengths=[64_000])


@pytest.mark.parametrize(
    ("variant", "served"),
    [
        ({}, 8_064),
        ({"max_model_len": 9_000}, 9_000),
        ({"rope": 4}, 131_072),
        ({"rope": 4, "max_model_len": 10_000}, 10_000),
        ({"rope": {"rope_type": "linear", "factor": 2}}, 81_920),
    ],
)
def test_the_context_is_the_users_or_the_scaled_one_or_the_need(
    variant: dict[str, Any], served: int
) -> None:
    assert plan({"name": "v", **variant}, lengths=[8_000]).variants[0].max_model_len == served


def test_a_thought_takes_room_too() -> None:
    thinking = plan(
        {"name": "v"},
        lengths=[8_000],
        prompt={"thinking": "on"},
        answer={"max_tokens": 100, "thinking_tokens": 900},
    )

    assert thinking.suite.budget.total_tokens == 1_000
    assert thinking.variants[0].max_model_len == 9_000


def test_the_kv_cache_holds_the_requests_in_flight_and_one_of_full_length() -> None:
    made = plan({"name": "v", "rope": 4}, lengths=[64_000], engine={"concurrency": 4})
    tokens = 4 * 64_000 + 131_072

    assert made.kv_cache_gib(made.variants[0]) == -(-tokens * 2 * 36 * 8 * 128 * 2 // (1 << 30))


def test_an_endpoint_serves_what_it_serves() -> None:
    serving = Serving(vllm_version="0.32.0", is_endpoint=True, endpoint_limit=20_000)

    made = plan({"name": "v"}, serving=serving, endpoint={"url": "http://h/v1"})

    assert made.grid.lengths == (8_000, 16_000)
    assert made.variants[0].override is None
    assert made.variants[0].max_model_len == 20_000


def test_an_endpoint_that_does_not_tell_its_length_is_asked_all() -> None:
    serving = Serving(vllm_version="0.32.0", is_endpoint=True)

    made = plan({"name": "v"}, serving=serving, endpoint={"url": "http://h/v1"})

    assert made.grid.lengths[-1] == 128_000
    assert made.variants[0].max_model_len is None


def test_a_folder_with_only_a_tokenizer_can_be_planned() -> None:
    assert plan({"name": "v"}, lengths=[1_000_000], config=None).variants[0].lengths == (1_000_000,)


YARN = {
    "rope_type": "yarn",
    "factor": 4.0,
    "original_max_position_embeddings": 32768,
    "rope_theta": 1e6,
}
NATIVE = {"rope_type": "default", "rope_theta": 1e6}
DYNAMIC = {"rope_type": "dynamic", "factor": 2.0}


@pytest.mark.parametrize(
    ("variant", "asked", "length"),
    [
        ({}, NATIVE, 40960),
        ({"rope": 4}, YARN, 131072),
        ({"rope": DYNAMIC}, {**DYNAMIC, "rope_theta": 1e6}, 81920),
        ({"rope": {"rope_type": "linear", "factor": 2}}, {**NATIVE, "rope_type": "linear"}, 40960),
        (
            {"hf_overrides": {"rope_parameters": {"rope_type": "yarn", "factor": 4}}},
            YARN,
            40960,
        ),
        ({"hf_overrides": {"max_position_embeddings": 8192}}, NATIVE, 8192),
        ({"hf_overrides": {"text_config": {"max_position_embeddings": 9000}}}, NATIVE, 9000),
        ({"hf_overrides": {"max_position_embeddings": "long"}}, NATIVE, 40960),
    ],
    ids=str,
)
def test_tables_are_held_against_the_asked_rope_at_the_length_that_is_sent(
    variant: dict[str, Any], asked: dict[str, Any], length: int
) -> None:
    made = plan({"name": "v", "max_model_len": 9000, **variant}, lengths=[8_000])
    factor = {"factor": 2.0} if asked["rope_type"] == "linear" else {}

    assert made.variants[0].claim == RopeClaim(
        asked={**asked, **factor},
        shape=TableShape(head_dim=128, max_position_embeddings=length),
    )


def test_the_length_that_a_multimodal_model_is_sent_is_the_claims() -> None:
    nested = parse_config({"model_type": "qwen3_vl", "text_config": RAW}, "m")

    made = plan({"name": "v", "rope": DYNAMIC}, lengths=[8_000], config=nested)

    claim = made.variants[0].claim
    assert claim is not None
    assert claim.shape.max_position_embeddings == 81920


@pytest.mark.parametrize(
    "unknown",
    [
        {"config": None},
        {"config": parse_config({"model_type": "x", "max_position_embeddings": 40960}, "m")},
        {
            "serving": Serving(vllm_version="0.32.0", is_endpoint=True),
            "endpoint": {"url": "http://h/v1"},
        },
    ],
    ids=["no config", "no head", "endpoint"],
)
def test_an_engine_of_which_nothing_is_known_is_held_against_nothing(
    unknown: dict[str, Any],
) -> None:
    assert plan({"name": "v"}, lengths=[8_000], **unknown).variants[0].claim is None


GEMMA3 = {"model_type": "gemma3_text", "max_position_embeddings": 32768, "head_dim": 256}
SLIDING = {"rope_type": "default", "rope_theta": 1e4}
LAYERS = {"full_attention": NATIVE, "sliding_attention": SLIDING}


@pytest.mark.parametrize(
    "raw",
    [
        {**GEMMA3, "rope_theta": 1e6, "rope_local_base_freq": 1e4},
        {"model_type": "gemma3", "text_config": {**GEMMA3, "rope_theta": 1e6}},
        {**GEMMA3, "rope_parameters": LAYERS},
    ],
    ids=["flat", "nested", "by layer"],
)
def test_gemma_3_has_a_table_for_each_type_of_layer_however_its_config_is_written(
    raw: dict[str, Any],
) -> None:
    claim = plan({"name": "v"}, lengths=[8_000], config=parse_config(raw, "m")).variants[0].claim

    assert claim is not None
    assert claim.asked == LAYERS


def test_trials_drawn_until_decided_are_planned_up_to_the_most_that_may_be_asked() -> None:
    gate = {"floor": 0.9, "until": "decided", "max_trials": 7}

    made = plan({"name": "v"}, lengths=[8_000, 9_000], gate=gate)

    cells = [(trial.length_tokens, trial.depth) for trial in made.trials]
    assert {cells.count(cell) for cell in cells} == {7}
    assert len(cells) == 2 * 5 * 7
    assert made.grid.trials == 2


@pytest.mark.parametrize(
    "gate",
    [
        {"floor": 0.9, "max_trials": 7},
        {"floor": 0.9, "until": "decided", "max_trials": 1},
        None,
    ],
    ids=["asked in full", "fewer than the grid's", "no gate"],
)
def test_else_the_grids_own_number_is_planned(gate: dict[str, Any] | None) -> None:
    assert len(plan({"name": "v"}, lengths=[8_000], gate=gate).trials) == 5 * 2


def test_named_trials_alone_are_planned_and_their_cells_counted() -> None:
    whole = plan({"name": "v"}, lengths=[8_000, 9_000])
    chosen = (whole.trials[12], whole.trials[1])
    only = [trial.trial_id for trial in chosen]

    made = plan({"name": "v"}, grid={"lengths": [8_000, 9_000], "trials": 2, "only": only})

    assert made.trials == chosen
    assert made.trials_for(made.variants[0]) == chosen
    assert made.grid.only == tuple((t.length_tokens, t.depth) for t in chosen)
    planned = {(n, d): made.grid.planned(n, d) for n in (8_000, 9_000) for d in made.grid.depths}
    assert sum(planned.values()) == 2
    assert all(planned[cell] == 1 for cell in made.grid.only)


def test_a_trial_of_another_seed_is_not_planned() -> None:
    name = plan({"name": "v"}, lengths=[8_000], seed=2).trials[0].trial_id

    with pytest.raises(SuiteError, match=f"trial {name}: this suite has none"):
        plan({"name": "v"}, grid={"lengths": [8_000], "only": [name]})


def names(trials: int = 2, **prompt: Any) -> tuple[set[str], set[str]]:
    """Names of a grid's trials, and of those of the same cells in a larger grid."""
    small, large = (
        run.trials
        for run in (
            plan(grid={"lengths": [8_000], "depths": [0, 0.5], "trials": trials}, prompt=prompt),
            plan(
                grid={"lengths": [8_000, 16_000], "depths": [0, 0.5, 1], "trials": trials},
                prompt=prompt,
            ),
        )
    )
    return {trial.trial_id for trial in small}, {trial.trial_id for trial in large}


@pytest.mark.parametrize("haystacks", ["trial", "repeat", 3])
def test_a_single_needles_trials_are_the_same_in_every_grid(haystacks: str | int) -> None:
    small, large = names(haystacks=haystacks)

    assert small < large


def test_a_ladders_trials_are_others_in_another_grid() -> None:
    """A prompt holds the needles of the whole grid; more trials leave it as it is."""
    small, large = names(layout="ladder")
    more, _ = names(trials=3, layout="ladder")

    assert not small & large
    assert small < more


def test_named_trials_may_be_asked_of_a_variant_that_fits_only_their_lengths() -> None:
    both: list[dict[str, Any]] = [{"name": "short"}, {"name": "long", "rope": 4}]
    grid: dict[str, Any] = {"lengths": [8_000, 128_000], "trials": 1}
    first, *_, last = plan(*both, grid=grid).trials

    made = plan(both[0], grid={**grid, "only": [first.trial_id]})

    assert [trial.trial_id for trial in made.trials_for(made.variants[0])] == [first.trial_id]
    with pytest.raises(SuiteError, match=r"length 128,000: .* fits no variant"):
        plan(both[0], grid={**grid, "only": [last.trial_id]})
