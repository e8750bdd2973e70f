"""The override is the checkpoint's whole RoPE with the asked change, spelled for one vLLM."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recallbench.domain import RopeRequest
from recallbench.errors import RopeError
from recallbench.rope import CheckpointConfig, RopeOverride, parse_config, rope_override
from recallbench.rope.cos_sin import TablePart, TableShape, expected_table, is_same_table
from recallbench.rope.effect import Effect, effect
from recallbench.rope.effective import Engine
from recallbench.rope.versions import release

CONFIGS = Path(__file__).parent / "data" / "configs"
VERSIONS = (
    *("0.8.5", "0.9.0", "0.10.2", "0.11.0", "0.11.1", "0.12.0", "0.13.0", "0.15.0", "0.16.0"),
    *("0.19.0", "0.20.0", "0.21.0", "0.22.0", "0.26.0", "0.29.0", "0.30.0", "0.32.0", "0.33.0"),
)

QWEN3: dict[str, Any] = {
    "model_type": "qwen3",
    "max_position_embeddings": 40960,
    "rope_theta": 1e6,
}
LLAMA31: dict[str, Any] = {
    "model_type": "llama",
    "max_position_embeddings": 131072,
    "rope_theta": 5e5,
    "partial_rotary_factor": 0.5,
    "rope_scaling": {
        "rope_type": "llama3",
        "factor": 8.0,
        "low_freq_factor": 1.0,
        "high_freq_factor": 4.0,
        "original_max_position_embeddings": 8192,
    },
}
YARN = {
    "rope_type": "yarn",
    "factor": 4.0,
    "original_max_position_embeddings": 32768,
    "rope_theta": 1e6,
}


def override(
    request: RopeRequest, raw: dict[str, Any] = QWEN3, vllm: str = "0.32.0"
) -> RopeOverride:
    return rope_override(request, parse_config(raw, "m"), vllm)


def asked(**parameters: Any) -> RopeRequest:
    return RopeRequest(parameters=tuple(sorted(parameters.items())))


def test_native_sends_nothing() -> None:
    native = override(RopeRequest())

    assert native.hf_overrides is None
    assert native.context_limit == 40960
    assert native.rope_parameters == {"rope_type": "default", "rope_theta": 1e6}


@pytest.mark.parametrize(
    ("vllm", "sent"),
    [
        ("0.10.2", {"rope_scaling": YARN}),
        ("0.11.0", {"rope_scaling": YARN}),
        ("0.11.1", {"rope_scaling": YARN}),
        ("0.12.0", {"rope_parameters": YARN}),
        ("0.26.0", {"rope_parameters": YARN}),
        ("0.29.9", {"rope_parameters": YARN}),
        ("0.30.0", {"rope_parameters": YARN, "max_position_embeddings": 131072}),
        ("0.30", {"rope_parameters": YARN, "max_position_embeddings": 131072}),
        ("0.33.0rc1+cpu", {"rope_parameters": YARN, "max_position_embeddings": 131072}),
        ("1.0", {"rope_parameters": YARN, "max_position_embeddings": 131072}),
    ],
)
def test_a_factor_is_spelled_as_the_version_obeys_it(vllm: str, sent: dict[str, Any]) -> None:
    assert override(RopeRequest(factor=4), vllm=vllm).hf_overrides == sent


def test_qwen3s_length_is_the_trained_one_and_the_choice_is_told() -> None:
    yarn = override(RopeRequest(factor=4))

    assert yarn.context_limit == 131072
    assert "32,768" in yarn.reasons[0]
    assert "40,960" in yarn.reasons[0]


def test_another_length_of_the_family_is_taken_as_it_is() -> None:
    raw = {**QWEN3, "max_position_embeddings": 262144}

    yarn = override(RopeRequest(factor=2), raw)

    assert yarn.rope_parameters["original_max_position_embeddings"] == 262144
    assert yarn.context_limit == 524288


def test_the_checkpoints_own_scaling_is_replaced_and_told_but_never_its_theta() -> None:
    yarn = override(RopeRequest(factor=4), LLAMA31)

    assert yarn.rope_parameters == {
        "rope_type": "yarn",
        "factor": 4.0,
        "rope_theta": 5e5,
        "partial_rotary_factor": 0.5,
        "original_max_position_embeddings": 8192,
    }
    assert any("llama3 scaling is replaced" in reason for reason in yarn.reasons)
    assert any("low_freq_factor" in reason for reason in yarn.reasons)


def test_what_the_user_gives_goes_over_the_checkpoint() -> None:
    linear = override(asked(rope_type="linear", factor=2))

    assert linear.rope_parameters == {"rope_type": "linear", "factor": 2, "rope_theta": 1e6}
    assert linear.context_limit == 81920
    assert linear.hf_overrides == {"rope_parameters": linear.rope_parameters}


def test_the_old_name_of_the_type_is_renamed_and_told() -> None:
    yarn = override(asked(type="yarn", factor=4, original_max_position_embeddings=8192))

    assert yarn.rope_parameters["rope_type"] == "yarn"
    assert "type" not in yarn.rope_parameters
    assert yarn.context_limit == 32768
    assert any("old name" in reason for reason in yarn.reasons)


def test_a_multimodal_models_override_goes_to_its_text_config() -> None:
    raw = {"model_type": "qwen3_vl", "text_config": QWEN3}

    sent = override(RopeRequest(factor=4), raw).hf_overrides

    assert sent == {"text_config": {"rope_parameters": YARN, "max_position_embeddings": 131072}}


@pytest.mark.parametrize("factor", [0, 0.5, -4, "four", None])
def test_a_factor_that_stretches_nothing_is_refused(factor: Any) -> None:
    with pytest.raises(RopeError, match="1 or more"):
        override(asked(rope_type="linear", factor=factor))


@pytest.mark.parametrize("factor", [float("nan"), float("inf")])
def test_a_factor_that_is_no_number_is_refused(factor: float) -> None:
    with pytest.raises(RopeError, match="1 or more"):
        override(RopeRequest(factor=factor))


def test_yarn_without_a_factor_is_refused() -> None:
    with pytest.raises(RopeError, match="yarn needs a factor"):
        override(asked(rope_type="yarn"))


@pytest.mark.parametrize("original", ["32768", 32768.5, None, 0, [32768]])
def test_a_length_to_start_from_that_is_none_is_refused(original: Any) -> None:
    with pytest.raises(RopeError, match=r"original_max_position_embeddings is .* a whole number"):
        override(asked(rope_type="yarn", factor=4, original_max_position_embeddings=original))


def test_a_checkpoint_that_has_yarn_keeps_its_other_parameters() -> None:
    scaling = {"rope_type": "yarn", "factor": 2.0, "beta_fast": 16}
    scaling["original_max_position_embeddings"] = 4096
    raw = {"model_type": "llama", "max_position_embeddings": 8192, "rope_scaling": scaling}

    yarn = override(RopeRequest(factor=8), raw)

    assert yarn.rope_parameters == {**scaling, "factor": 8.0}
    assert yarn.context_limit == 32768
    assert yarn.reasons == ()


def test_a_folder_without_config_cannot_be_stretched() -> None:
    with pytest.raises(RopeError, match=r"no config\.json"):
        rope_override(RopeRequest(factor=4), None, "0.32.0")
    assert rope_override(RopeRequest(), None, "0.32.0").context_limit is None


def test_yarn_needs_a_length_to_start_from() -> None:
    with pytest.raises(RopeError, match="original_max_position_embeddings"):
        override(RopeRequest(factor=4), {"model_type": "llama"})


@pytest.mark.parametrize("kind", ["linear", "yarn", "dynamic", "ntk"])
def test_a_whole_factor_is_sent_with_a_decimal_point(kind: str) -> None:
    sent = override(asked(rope_type=kind, factor=4)).hf_overrides

    assert sent is not None
    assert isinstance(sent["rope_parameters"]["factor"], float)


@pytest.mark.parametrize(
    ("keys", "vllm", "sent"),
    [
        ({"attention_factor": 1.5}, "0.26.0", {"attn_factor": 1.5 / 1.1386294361119891}),
        ({"mscale": 1.0, "mscale_all_dim": 1.0}, "0.26.0", {"attn_factor": 1 / 1.138629436111989}),
        ({"mscale": 0.7}, "0.26.0", {}),
        ({"apply_yarn_scaling": False}, "0.11.0", {"attn_factor": 1 / 1.1386294361119891}),
        ({"apply_yarn_scaling": False}, "0.11.1", {"apply_yarn_scaling": False}),
        ({"attn_factor": 0.5}, "0.29.0", {"attn_factor": 0.5}),
        ({"attn_factor": 0.5}, "0.30.0", {"attention_factor": 0.5693147180559945}),
        ({"apply_yarn_scaling": False}, "0.30.0", {"attention_factor": 1.0}),
        ({"apply_yarn_scaling": True}, "0.30.0", {}),
        ({"attention_factor": 1.5}, "0.30.0", {"attention_factor": 1.5}),
        # The newer key decides in both, and the older one must not come back.
        ({"attention_factor": 1.1386294361119891, "attn_factor": 0.5}, "0.26.0", {}),
    ],
    ids=str,
)
def test_a_magnitude_is_sent_by_the_key_that_the_version_reads(
    keys: dict[str, Any], vllm: str, sent: dict[str, float]
) -> None:
    made = override(asked(**YARN, **keys), vllm=vllm)

    assert made.hf_overrides is not None
    (key,) = made.hf_overrides.keys() & {"rope_parameters", "rope_scaling"}
    own = {name: value for name, value in made.hf_overrides[key].items() if name not in YARN}
    assert own == pytest.approx(sent)
    assert made.rope_parameters == {**YARN, **keys}
    is_translated = own != keys
    assert any("the magnitude" in reason for reason in made.reasons) is is_translated


@pytest.mark.parametrize("vllm", ["0.21.0", "0.22.0", "0.33.0"])
def test_dynamic_is_told_its_trained_length_where_it_would_do_nothing(vllm: str) -> None:
    made = override(asked(rope_type="dynamic", factor=2.0), vllm=vllm)
    scaling = {"rope_type": "dynamic", "factor": 2.0, "rope_theta": 1e6}
    trained = {"rope_parameters": {**scaling, "max_trained_positions": 40960}}

    assert made.rope_parameters == scaling
    assert made.context_limit == 81920
    is_static = vllm != "0.21.0"
    expected = {**trained, "max_position_embeddings": 81920}
    assert made.hf_overrides == (expected if is_static else {"rope_parameters": scaling})
    assert made.sent_length == (81920 if is_static else None)


@pytest.mark.parametrize("vllm", ["0.9.0", "0.11.1", "0.33.0"])
def test_ntks_table_is_made_as_long_as_the_context(vllm: str) -> None:
    made = override(asked(rope_type="ntk", factor=2), vllm=vllm)

    assert made.hf_overrides is not None
    assert made.hf_overrides["max_position_embeddings"] == made.context_limit == 81920


@pytest.mark.parametrize(
    ("vllm", "sent"),
    [
        ("0.11.1", {"rope_scaling": {**YARN, "rope_theta": 5e6}, "rope_theta": 5e6}),
        ("0.12.0", {"rope_parameters": {**YARN, "rope_theta": 5e6}}),
    ],
)
def test_a_theta_of_ones_own_is_sent_where_the_version_reads_it(
    vllm: str, sent: dict[str, Any]
) -> None:
    made = override(asked(**{**YARN, "rope_theta": 5e6}), vllm=vllm)

    assert made.hf_overrides == sent


def test_a_multimodal_models_sections_are_sent_with_the_rest() -> None:
    sections = {"mrope_section": [24, 20, 20], "mrope_interleaved": True}
    made = override_of("qwen3_vl", RopeRequest(factor=4), "0.32.0")

    assert made.hf_overrides == {
        "text_config": {
            "rope_parameters": {**YARN, **sections, "rope_theta": 5e6},
            "max_position_embeddings": 131072,
        }
    }
    assert made.sent_length == 131072


DUAL_CHUNK = {"chunk_size": 262144, "local_size": 8192, "original_max_position_embeddings": 262144}


def test_dual_chunks_stand_beside_the_rope_while_there_is_such_attention() -> None:
    request = asked(**YARN, dual_chunk_attention_config=DUAL_CHUNK)
    made = override(request, vllm="0.10.2")

    assert made.hf_overrides == {"rope_scaling": YARN, "dual_chunk_attention_config": DUAL_CHUNK}
    assert made.rope_parameters == YARN
    for gone in ("0.11.0", "0.11.1", "0.33.0"):
        with pytest.raises(RopeError, match=rf"vLLM {gone} has no dual chunk attention"):
            override(request, vllm=gone)


GEMMA3: dict[str, Any] = {
    "model_type": "gemma3_text",
    "max_position_embeddings": 32768,
    "head_dim": 256,
    "rope_parameters": {
        "full_attention": {"rope_type": "default", "rope_theta": 1e6},
        "sliding_attention": {"rope_type": "default", "rope_theta": 1e4},
    },
}


def test_each_type_of_layer_is_sent_with_the_keys_that_the_version_reads() -> None:
    request = asked(full_attention={**YARN, "attention_factor": 1.5})

    new = override(request, GEMMA3)
    old = override(request, GEMMA3, "0.26.0")

    sliding = {"rope_type": "default", "rope_theta": 1e4}
    full = {**YARN, "attention_factor": 1.5}
    assert new.hf_overrides == {
        "rope_parameters": {"full_attention": full, "sliding_attention": sliding}
    }
    assert new.rope_parameters == old.rope_parameters == new.hf_overrides["rope_parameters"]
    assert new.context_limit == 32768
    assert old.hf_overrides is not None
    sent = old.hf_overrides["rope_parameters"]["full_attention"]
    assert sent.pop("attn_factor") == pytest.approx(1.5 / 1.1386294361119891)
    assert sent == YARN


@pytest.mark.parametrize(
    "written",
    [
        {"rope_parameters": {"rope_type": "yarn", "factor": 4.0}},
        {"rope_scaling": {"rope_type": "yarn", "factor": 4}, "rope_theta": 1.0},
        {"text_config": {"rope_parameters": {}}},
        {"max_position_embeddings": 9},
        {},
    ],
    ids=str,
)
def test_overrides_of_the_users_own_are_sent_as_written(written: dict[str, Any]) -> None:
    made = override(RopeRequest(hf_overrides=json.dumps(written)))

    assert made.hf_overrides == written
    assert "as written" in made.reasons[0]


def test_what_the_users_own_overrides_are_meant_to_do_is_what_is_asked_for() -> None:
    written = {"rope_parameters": {key: YARN[key] for key in YARN if key != "rope_theta"}}

    made = override(RopeRequest(hf_overrides=json.dumps(written)), vllm="0.29.0")

    assert made.rope_parameters == YARN
    assert made.context_limit == 131072
    assert made.sent_length is None


@pytest.mark.parametrize(
    ("level", "length"), [({}, None), ({"max_position_embeddings": 8192}, 8192)]
)
def test_the_length_that_is_sent_is_found_at_either_level(
    level: dict[str, int], length: int | None
) -> None:
    flat = RopeOverride(rope_parameters={}, hf_overrides=level, context_limit=None)
    nested = RopeOverride(rope_parameters={}, hf_overrides={"text_config": level}, context_limit=1)

    assert flat.sent_length == nested.sent_length == length


@cache
def configs() -> dict[str, CheckpointConfig]:
    return {
        path.stem: parse_config(json.loads(path.read_text(encoding="utf-8")), path.stem)
        for path in CONFIGS.glob("*.json")
    }


def override_of(name: str, request: RopeRequest, vllm: str) -> RopeOverride:
    return rope_override(request, configs()[name], vllm)


def factors(config: CheckpointConfig) -> dict[str, Any]:
    """LongRoPE's, as many as the head has pairs."""
    assert config.head_dim is not None
    pairs = config.head_dim // 2
    return {
        "short_factor": [1.0] * pairs,
        "long_factor": [1.0 + n for n in range(pairs)],
        "original_max_position_embeddings": 4096,
    }


LLAMA3 = {
    "rope_type": "llama3",
    "factor": 8,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 8192,
}
SPELLINGS: dict[str, dict[str, Any]] = {
    "yarn": {"rope_type": "yarn", "factor": 4},
    "yarn by its old name": {"type": "yarn", "factor": 4},
    "yarn of another length": {
        "rope_type": "yarn",
        "factor": 2.5,
        "original_max_position_embeddings": 4096,
    },
    "yarn attention_factor": {"rope_type": "yarn", "factor": 4, "attention_factor": 1.3},
    "yarn attn_factor": {"rope_type": "yarn", "factor": 4, "attn_factor": 0.8},
    "yarn mscale": {"rope_type": "yarn", "factor": 4, "mscale": 0.7, "mscale_all_dim": 0.5},
    "yarn mscale alone": {"rope_type": "yarn", "factor": 4, "mscale": 0.7},
    "yarn unscaled": {"rope_type": "yarn", "factor": 4, "apply_yarn_scaling": False},
    "yarn both": {
        "rope_type": "yarn",
        "factor": 4,
        "apply_yarn_scaling": False,
        "attn_factor": 1.2,
    },
    "yarn betas": {"rope_type": "yarn", "factor": 4, "beta_fast": 16, "beta_slow": 2},
    "yarn theta": {"rope_type": "yarn", "factor": 4, "rope_theta": 7e6},
    "yarn extrapolated": {"rope_type": "yarn", "factor": 4, "extrapolation_factor": 0.9},
    "yarn untruncated": {"rope_type": "yarn", "factor": 4, "truncate": False},
    "deepseek_yarn": {"rope_type": "deepseek_yarn", "factor": 4, "mscale": 0.7},
    "linear": {"rope_type": "linear", "factor": 2},
    "dynamic": {"rope_type": "dynamic", "factor": 2},
    "dynamic alpha": {"rope_type": "dynamic", "alpha": 4.0},
    "dynamic trained": {"rope_type": "dynamic", "factor": 2, "max_trained_positions": 2048},
    "ntk": {"rope_type": "ntk", "factor": 2},
    "ntk mixed": {"rope_type": "ntk", "factor": 2, "mixed_b": 0.6},
    "llama3": LLAMA3,
    "longrope": {"rope_type": "longrope"},
    "su": {"type": "su"},
    "theta": {"rope_theta": 7e6},
    "default": {"rope_type": "default"},
    "partial": {"partial_rotary_factor": 0.5},
}
NOT_YET: dict[str, tuple[tuple[int, ...], str]] = {
    "yarn untruncated": ((0, 12), "does not read truncate"),
    "dynamic trained": ((0, 22), "does not read max_trained_positions"),
    "dynamic alpha": ((0, 9), "dynamic needs factor"),
    "ntk": ((0, 9), "Unknown RoPE scaling type ntk"),
    "ntk mixed": ((0, 9), "Unknown RoPE scaling type ntk"),
    "partial": ((0, 13), "does not read .*partial_rotary_factor"),
}
"""Spellings that versions before this one have no word for, and what is told."""
NO_LONGER = {"yarn extrapolated": ((0, 30), "does not read extrapolation_factor")}
"""Spellings that versions from this one on have no word for."""


def unsaid(spelling: str, vllm: str) -> str | None:
    """What is told where no override makes this version do it."""
    version = release(vllm)
    since, words = NOT_YET.get(spelling, ((), ""))
    until, last_words = NO_LONGER.get(spelling, ((9,), ""))
    return words if version < since else last_words if version >= until else None


ENGINES = [
    (vllm, major) for vllm in VERSIONS for major in (4, 5) if major == 4 or release(vllm) >= (0, 20)
]
CELLS = [
    (name, spelling)
    for name in sorted(path.stem for path in CONFIGS.glob("*.json"))
    for spelling in SPELLINGS
    if (name, spelling) != ("phi3_longrope", "partial")  # its factors are for the whole head
]


def request_of(spelling: str, config: CheckpointConfig) -> RopeRequest:
    parameters = dict(SPELLINGS[spelling])
    if spelling in {"longrope", "su"}:
        parameters.update(factors(config))
    return asked(**parameters)


def dead_end(config: CheckpointConfig, spelling: str, vllm: str, major: int) -> str | None:
    """What this model cannot do on this version, whatever is asked."""
    version = release(vllm)
    if config.is_nested and version < (0, 11, 1):
        return "text_config is replaced as a whole"
    is_yarn = SPELLINGS[spelling].get("rope_type", SPELLINGS[spelling].get("type")) == "yarn"
    if config.is_nested and is_yarn and (0, 12) <= version < (0, 20):
        return "multimodal RoPE cannot be built with yarn"
    if config.model_type == "gemma3_text" and major == 5:
        return "for each type of layer"
    return None


def run_table(told: Effect, config: CheckpointConfig) -> tuple[TablePart, ...]:
    """The table that an engine builds from what is in effect, as test_effect has measured it."""
    assert config.head_dim is not None
    length = told.effective.lengths.get("max_position_embeddings")
    parameters = dict(told.parameters)
    if parameters.get("rope_type") == "dynamic" and told.rows and length:
        parameters["stretch"] = told.rows / length
    parts = expected_table(
        parameters, TableShape(head_dim=config.head_dim, max_position_embeddings=length)
    )
    assert parts is not None
    return parts


@pytest.mark.parametrize(("name", "spelling"), CELLS)
def test_what_is_sent_does_what_was_asked_on_every_version_or_is_refused(
    name: str, spelling: str
) -> None:
    config = configs()[name]
    for vllm, major in ENGINES:
        request = request_of(spelling, config)
        words = dead_end(config, spelling, vllm, major) or unsaid(spelling, vllm)
        if words:
            with pytest.raises(RopeError, match=words):
                rope_override(request, config, vllm, major)
            continue
        made = rope_override(request, config, vllm, major)
        limit = made.context_limit
        assert limit is not None
        assert made.hf_overrides is not None

        told = effect(made.hf_overrides, config, Engine.of(vllm, major), max_model_len=limit)

        assert told.failure is None, (vllm, major)
        assert told.max_model_len == limit
        assert told.rows is not None
        assert told.rows >= limit, (vllm, major)
        assert config.head_dim is not None
        length = made.sent_length or config.max_position_embeddings
        shape = TableShape(head_dim=config.head_dim, max_position_embeddings=length)
        wanted = expected_table(made.rope_parameters, shape)
        assert wanted is not None
        assert is_same_table(wanted, run_table(told, config)), (vllm, major)


JUNK = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(-4, 10)
    | st.just(float("nan"))
    | st.sampled_from(["yarn", "linear", "x"])
    | st.lists(st.floats(0, 2), max_size=3)
    | st.dictionaries(st.sampled_from(["rope_type", "factor"]), st.sampled_from(["yarn", 4.0]))
)
KEYS = st.sampled_from(
    [
        *("type", "factor", "original_max_position_embeddings", "rope_theta", "alpha", "stretch"),
        *("partial_rotary_factor", "attention_factor", "attn_factor", "mscale", "mscale_all_dim"),
        *("beta_fast", "beta_slow", "truncate", "max_trained_positions", "mixed_b", "rope_dim"),
        *("low_freq_factor", "high_freq_factor", "short_factor", "long_factor", "mrope_section"),
        *("full_attention", "sliding_attention", "extrapolation_factor"),
    ]
)
TYPES = st.sampled_from(["yarn", "linear", "dynamic", "ntk", "llama3", "longrope", "default", "su"])


@settings(deadline=None, max_examples=300)
@given(
    st.sampled_from(sorted(configs())),
    st.dictionaries(KEYS, JUNK, max_size=5),
    TYPES | JUNK,
    st.sampled_from(VERSIONS),
)
def test_whatever_is_asked_it_is_spelled_or_refused(
    name: str, parameters: dict[str, Any], kind: object, vllm: str
) -> None:
    held = {**parameters, "rope_type": kind}
    written = RopeRequest(hf_overrides=json.dumps({"rope_parameters": held}))
    for request in (asked(**held), written):
        try:
            made = override_of(name, request, vllm)
        except RopeError as error:
            assert str(error)  # noqa: PT017 - an error is one of the two good ends
        else:
            assert made.hf_overrides is not None


@pytest.mark.parametrize("version", ["", "newest", "v"])
def test_a_version_without_numbers_is_refused(version: str) -> None:
    with pytest.raises(RopeError, match="expected numbers"):
        release(version)
