"""vLLM's command line, read as vLLM reads it."""

from __future__ import annotations

import shlex
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recallbench.preflight import Deployment
from recallbench.preflight.arguments import REST, Arguments, read_arguments


def read(line: str) -> Arguments:
    return read_arguments(shlex.split(line))


@pytest.mark.parametrize(
    ("line", "settings"),
    [
        ("Qwen/Qwen3-8B", {"model": "Qwen/Qwen3-8B"}),
        ("--model a/b", {"model": "a/b"}),
        ("a/b --model c/d", {"model": "c/d"}),
        ("--port 8000 a/b", {"model": "a/b"}),
        ("--enforce-eager a/b", {"model": "a/b", "enforce_eager": True}),
        ("--served-model-name x y --dtype half", {"dtype": "half"}),
        ("--max-model-len 131072", {"max_model_len": 131072}),
        ("--max-model-len=128k", {"max_model_len": 128000}),
        ("--max_model_len 128K", {"max_model_len": 131072}),
        ("--max-model-len 1M", {"max_model_len": 1048576}),
        ("--max-model-len 1m", {"max_model_len": 1000000}),
        ("--max-model-len 25.6k", {"max_model_len": 25600}),
        ("--max-model-len auto", {"max_model_len": -1}),
        ("--max-model-len -1", {"max_model_len": -1}),
        ("--max-model-len 1 --max-model-len 2", {"max_model_len": 2}),
        ("--max-num-batched-tokens 8k", {"max_num_batched_tokens": 8000}),
        (
            "-tp 4 -pp=2 -q awq",
            {"tensor_parallel_size": 4, "pipeline_parallel_size": 2, "quantization": "awq"},
        ),
        ("-O3 --dtype half", {"dtype": "half"}),
        ("-O 3 --dtype half", {"dtype": "half"}),
        ("--quantization None", {"quantization": None}),
        ("--tensor-parallel 8", {"tensor_parallel_size": 8}),
        ("--gpu-memory-utilization .9", {"gpu_memory_utilization": 0.9}),
        ("--enable-chunked-prefill", {"enable_chunked_prefill": True}),
        ("--no-enable-chunked-prefill", {"enable_chunked_prefill": False}),
        ("--no-enable_chunked_prefill", {"enable_chunked_prefill": False}),
        ("--enable-chunked-prefill False", {"enable_chunked_prefill": False}),
        ("--enforce-eager --no-enforce-eager", {"enforce_eager": False}),
        ("--rope-theta 1e6", {"rope_theta": 1e6}),
        ("""--rope-scaling '{"factor": 2}'""", {"rope_scaling": {"factor": 2}}),
        ("""--hf-overrides='{"a": {"b": [1]}}'""", {"hf_overrides": {"a": {"b": [1]}}}),
        ("--hf-overrides.a.b 4.0", {"hf_overrides": {"a": {"b": 4.0}}}),
        ("--hf_overrides.a.b=x --hf-overrides.c 1", {"hf_overrides": {"a": {"b": "x"}, "c": 1}}),
        ("--hf-overrides.keep_this_key 128K", {"hf_overrides": {"keep_this_key": 131072}}),
        ("--hf-overrides.a+ 1,2", {"hf_overrides": {"a": ["1", "2"]}}),
        ("""--hf-overrides.a 1 --hf-overrides '{"b": 2}'""", {"hf_overrides": {"a": 1}}),
    ],
)  # fmt: skip
def test_settings_are_read_as_vllm_reads_them(line: str, settings: dict[str, Any]) -> None:
    arguments = read(line)

    assert settings == dict(arguments.settings)
    assert (arguments.unread, dict(arguments.malformed), arguments.strays) == ((), {}, ())


@pytest.mark.parametrize(
    ("line", "unread"),
    [
        ("$MODEL", ("model",)),
        ("m --max-model-len $LEN", ("max_model_len",)),
        ("m --max-model-len '${LEN:?}'", ("max_model_len",)),
        ("m -tp '$(nproc)'", ("tensor_parallel_size",)),
        ("m --dtype '{{ .Values.dtype }}'", ("dtype",)),
        ("m --max-model-len '<length>'", ("max_model_len",)),
        ("m --max-model-len '{length}'", ("max_model_len",)),
        ("m --max-model-len ...", ("max_model_len",)),
        ("m --served-model-name %i --dtype %i", ("dtype",)),
        ("""m --hf-overrides '{"a": $X}'""", ("hf_overrides",)),
        ("m --hf-overrides.a 1 --hf-overrides.b $B", ("hf_overrides",)),
        ("m --max-model-len 5 --max-model-len $LEN", ("max_model_len",)),
        ("m $EXTRA", (REST,)),
        ("m --config serve.yaml", ("config",)),
        ("m --enforce-eager=$EAGER", ("enforce_eager",)),
    ],
)
def test_what_only_the_running_system_knows_is_unread(line: str, unread: tuple[str, ...]) -> None:
    arguments = read(line)

    assert unread == arguments.unread
    assert not set(unread) & set(arguments.settings)
    assert arguments.malformed == {}


@pytest.mark.parametrize(
    ("line", "setting", "reason"),
    [
        ("--hf-overrides '{a: 1}'", "hf_overrides", "no valid JSON"),
        ("--hf-overrides yarn", "hf_overrides", "no JSON object"),
        ("--rope-scaling [1]", "rope_scaling", "no JSON object"),
        ("--max-model-len 1.5K", "max_model_len", "write 1.5k"),
        ("--max-model-len 128kb", "max_model_len", "no whole number"),
        ("--max-num-batched-tokens auto", "max_num_batched_tokens", "no whole number"),
        ("-tp four", "tensor_parallel_size", "no whole number"),
        ("--gpu-memory-utilization 90%", "gpu_memory_utilization", "no number"),
        ("--max-model-len --dtype half", "max_model_len", "no value"),
        ("--max-model-len", "max_model_len", "no value"),
        ("--enforce-eager=true", "enforce_eager", "takes no value"),
        ("--enable-chunked-prefill=maybe", "enable_chunked_prefill", "neither true nor false"),
        ("--hf-overrides.a", "hf_overrides", "no value"),
        ("'--max-model-len 4096'", "max_model_len", "in one word"),
    ],
)
def test_what_vllm_would_refuse_is_malformed(line: str, setting: str, reason: str) -> None:
    arguments = read(line)

    assert reason in arguments.malformed[setting]
    assert setting not in arguments.settings


def test_each_setting_knows_the_word_it_came_from() -> None:
    arguments = read(
        "m --port 1 --max-model-len=5 -tp 2 --hf-overrides.a 1 --hf-overrides.b 2 -q $Q"
    )

    assert arguments.indices == {
        "model": 0,
        "max_model_len": 3,
        "tensor_parallel_size": 4,
        "hf_overrides": 6,
        "quantization": 10,
    }


def test_words_that_vllm_would_not_understand_are_strays() -> None:
    assert read("m is the command --dtype half").strays == ("is", "the", "command")


def test_an_option_joined_with_its_value_takes_no_other_word() -> None:
    assert read("'--dtype half' m").settings == {"model": "m"}


def test_arguments_make_a_deployment() -> None:
    deployment = read("m --max-model-len 5 -tp x -q $Q").deployment()

    assert deployment == Deployment(
        model="m",
        max_model_len=5,
        unread=("quantization",),
        malformed={"tensor_parallel_size": "'x' is no whole number"},
    )


PIECES = [
    *("--hf-overrides", "--hf-overrides.a.b", "--hf-overrides.a", "-tp", "--max-model-len", "="),
    *("{", "1", "--", "-", "$X", "--no-", "--.", "a b", "--x=", "+", "--hf-overrides.a+"),
]


@given(st.lists(st.sampled_from(PIECES) | st.text()))
def test_any_words_are_read(words: list[str]) -> None:
    arguments = read_arguments(words)

    names = {*arguments.settings, *arguments.unread, *arguments.malformed}
    assert names == set(arguments.indices)
    assert all(0 <= index < len(words) for index in arguments.indices.values())
